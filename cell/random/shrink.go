package random

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Shrink cuts declarations, statements and clauses out of a well-typed program, and blocks out of statements, as long
// as it stays well-typed and interesting. The result is small, not smallest.
func Shrink(src []byte, interesting func([]byte) bool) []byte {
	s := shrinker{imports: importer.Default(), interesting: interesting}
	for {
		smaller := s.pass(src)
		if len(smaller) >= len(src) {
			return src
		}
		src = smaller
	}
}

type shrinker struct {
	imports     types.Importer
	interesting func([]byte) bool
}

// cut replaces a part of a file.
type cut struct {
	from, to int
	with     string
}

// pass tries each cut once, the largest first. After one that worked the file is another, so the cuts are listed anew
// and those larger than it, which did not work, are passed over.
func (s *shrinker) pass(src []byte) []byte {
	for i := 0; ; {
		list := cuts(src)
		if i >= len(list) {
			return src
		}
		if smaller := s.try(src, list[i]); smaller != nil {
			src = smaller
			continue
		}
		i++
	}
}

func (s *shrinker) try(src []byte, c cut) []byte {
	smaller := s.mend(apply(src, c))
	if smaller == nil || len(smaller) >= len(src) || !s.interesting(smaller) {
		return nil
	}
	return smaller
}

// apply makes a cut. A line that is left empty goes with it.
func apply(src []byte, c cut) []byte {
	if c.with == "" && bytes.HasPrefix(src[c.to:], []byte("\n")) {
		c.from = len(bytes.TrimRight(src[:c.from], "\t\n"))
	}
	return slices.Concat(src[:c.from], []byte(c.with), src[c.to:])
}

// cuts lists what may go.
func cuts(src []byte) (list []cut) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	add := func(n ast.Node, with string) {
		list = append(list, cut{fset.Position(n.Pos()).Offset, fset.Position(n.End()).Offset, with})
	}
	text := func(n ast.Node) string {
		return string(src[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset])
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); !ok || fn.Name.Name != "main" {
			add(d, "")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			cutEach(n.List, add)
		case *ast.CaseClause:
			cutEach(n.Body, add)
		case *ast.IfStmt:
			add(n, text(n.Body))
		case *ast.ForStmt:
			add(n, text(n.Body))
		}
		return true
	})
	slices.SortStableFunc(list, func(a, b cut) int { return cmp.Compare(b.size(), a.size()) })
	return list
}

func (c cut) size() int { return c.to - c.from - len(c.with) }

func cutEach(list []ast.Stmt, add func(ast.Node, string)) {
	for _, stmt := range list {
		add(stmt, "")
	}
}

// mend makes a program well-typed again if only unused variables and imports are in the way; nil if it cannot.
func (s *shrinker) mend(src []byte) []byte {
	for range 30 {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		var faults []types.Error
		config := types.Config{Importer: s.imports, Error: func(err error) { faults = append(faults, err.(types.Error)) }}
		_, _ = config.Check("main", fset, []*ast.File{f}, nil)
		if len(faults) == 0 {
			nice, err := format.Source(src)
			if err != nil {
				return nil
			}
			return nice
		}
		mended := false
		for _, fault := range slices.Backward(faults) {
			c, ok := remedy(fset, f, fault)
			if !ok {
				return nil
			}
			if !mended {
				src, mended = apply(src, c), true
			}
		}
	}
	return nil
}

// remedy is the cut that a fault asks for.
func remedy(fset *token.FileSet, f *ast.File, fault types.Error) (c cut, ok bool) {
	at := fset.Position(fault.Pos).Offset
	if strings.Contains(fault.Msg, "imported and not used") {
		for _, spec := range f.Imports {
			if spec.Pos() <= fault.Pos && fault.Pos < spec.End() {
				return cut{at, fset.Position(spec.End()).Offset, ""}, true
			}
		}
	}
	name, unused := strings.CutPrefix(fault.Msg, "declared and not used: ")
	if !unused {
		return cut{}, false
	}
	c = cut{at, at + len(name), "_"}
	ast.Inspect(f, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE && a.Pos() <= fault.Pos && fault.Pos < a.TokPos && onlyBlank(a.Lhs, name) {
			c = cut{fset.Position(a.Pos()).Offset, fset.Position(a.TokPos).Offset + 2, strings.Repeat("_, ", len(a.Lhs)-1) + "_ ="}
		}
		return true
	})
	return c, true
}

// onlyBlank tells whether an assignment declares nothing but the name.
func onlyBlank(list []ast.Expr, name string) bool {
	return all(list, func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && (id.Name == "_" || id.Name == name)
	})
}
