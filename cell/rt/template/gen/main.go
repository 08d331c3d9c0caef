// Command gen writes the part of package text/template that executes, of the Go that builds Joey, for values of cells: package reflect is
// the one that cells see. It fails where that Go has changed what it replaces.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const mirrorPath = "github.com/joey-go/joey/cell/rt/reflect"

// file is one of Go's files: what of it stays away, and what is replaced.
type file struct {
	path, out string
	imports   string
	drop      []string
	replace   [][2]string
}

var files = []file{
	{
		path: "text/template/exec.go", out: "std_exec.go",
		imports: `"errors"; "fmt"; "io"; "reflect"; "runtime"; "strings"; "text/template/parse"; mirror "` + mirrorPath + `"`,
		drop: []string{
			"missingVal", "missingValType", "missingValReflectType", "ExecError", "Error", "Unwrap", "ExecuteTemplate", "Execute", "execute", "DefinedTemplates", "IsTrue",
			"errorType", "printableValue",
		},
		replace: [][2]string{
			{"type state struct {", "type state struct {\n\tm *mirror.Mirror"},
			{"fmt.Errorf(format, args...)", "errorf(format, args...)"},
			{"switch err := e.(type)", "switch err := recovered(e).(type)"},
			{"r != nil && r != walkBreak", "r != nil && recovered(r) != walkBreak"},
			{"r != nil && r != walkContinue", "r != nil && recovered(r) != walkContinue"},
			{"fmtsort.Sort(val)", "Sort(val)"},
			{"v.Type() == reflectValueType", "is(v.Type(), reflectValueType)"},
			{"return typ == reflectValueType", "return is(typ, reflectValueType)"},
			{"if typ == reflectValueType {", "if is(typ, reflectValueType) {"},
			{"if typ == reflectValueType &&", "if is(typ, reflectValueType) &&"},
			{"reflect.ValueOf(", "s.m.ValueOf("},
			{"walkBreak", "errBreak"},
			{"walkContinue", "errContinue"},
		},
	},
	{
		path: "text/template/funcs.go", out: "std_funcs.go",
		imports: `"errors"; "fmt"; "reflect"; mirror "` + mirrorPath + `"`,
		drop: []string{
			"FuncMap", "builtins", "builtinFuncs", "addValueFuncs", "addFuncs", "goodName", "findFunction", "safeCall", "evalArgs", "htmlQuot", "jsLowUni",
			"HTMLEscape", "HTMLEscapeString", "HTMLEscaper", "JSEscape", "JSEscapeString", "jsIsSpecial", "JSEscaper", "URLQueryEscaper",
		},
		replace: [][2]string{
			{"typ.Out(1) == errorType", "is(typ.Out(1), errorType)"},
			{"fmt.Errorf(\"non-comparable", "errorf(\"non-comparable"},
		},
	},
	{
		path: "internal/fmtsort/sort.go", out: "std_sort.go",
		imports: `"cmp"; "reflect"; "slices"; mirror "` + mirrorPath + `"`,
		replace: [][2]string{
			// by their addresses, in Go: in no order that a program could rest on
			{"compare(reflect.ValueOf(aVal.Elem().Type()), reflect.ValueOf(bVal.Elem().Type()))", "cmp.Compare(aVal.Elem().Type().String(), bVal.Elem().Type().String())"},
		},
	},
}

// mirrored are the names of package reflect that cells have otherwise.
var mirrored = map[string]string{"Value": "Value", "Type": "Type", "Zero": "Zero", "New": "NewValue", "PointerTo": "PointerTo"}

func main() {
	log.SetFlags(0)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		text, err := f.generate(filepath.Join(strings.TrimSpace(string(root)), "src"))
		if err == nil {
			err = os.WriteFile(filepath.Join(os.Args[1], f.out), text, 0o644)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

func (f file) generate(src string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(src, f.path))
	if err != nil {
		return nil, err
	}
	for _, r := range f.replace {
		if !bytes.Contains(text, []byte(r[0])) {
			return nil, fmt.Errorf("%s: no %q any more", f.path, r[0])
		}
		text = bytes.ReplaceAll(text, []byte(r[0]), []byte(r[1]))
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, f.path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Code generated from %s of the Go that builds Joey. DO NOT EDIT.\n// Copyright of The Go Authors, under a BSD-style license: see LICENSE of Go.\n\n", f.path)
	fmt.Fprintf(&out, "package template\n\nimport (%s)\n", f.imports)
	for _, d := range tree.Decls {
		if f.drops(d) {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "reflect" && mirrored[s.Sel.Name] != "" {
					x.Name, s.Sel.Name = "mirror", mirrored[s.Sel.Name]
				}
			}
			return true
		})
		out.WriteByte('\n')
		if err := format.Node(&out, set, d); err != nil {
			return nil, err
		}
		out.WriteByte('\n')
	}
	return format.Source(out.Bytes())
}

func (f file) drops(d ast.Decl) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return f.names(d.Name)
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return true
		}
		switch s := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return f.names(s.Name)
		case *ast.ValueSpec:
			return f.names(s.Names[0])
		}
	}
	return false
}

func (f file) names(id *ast.Ident) bool {
	for _, name := range f.drop {
		if id.Name == name {
			return true
		}
	}
	return false
}
