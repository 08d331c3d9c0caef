package main

import (
	"go/ast"
	"go/parser"
	"go/token"
)

// function is a function declaration and where it stands in its file.
type function struct {
	name     string
	from, to int
	hasBody  bool
}

// functions calls f for each function, methods left out, that a file declares.
func functions(text []byte, f func(function)) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil {
			f(function{d.Name.Name, fset.Position(d.Pos()).Offset, fset.Position(d.End()).Offset, d.Body != nil})
		}
	}
	return nil
}

// without blanks the functions that the overlay replaces and those that the runtime implements.
func without(text []byte, replaced map[string]bool) ([]byte, error) {
	out := append([]byte(nil), text...)
	err := functions(text, func(f function) {
		if !replaced[f.name] && f.hasBody {
			return
		}
		for i := f.from; i < f.to; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	})
	return out, err
}
