package main

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// addDocs adds, for each package that cells can import or meet, the comments of its exported names: one JSON object of name to text.
func addDocs(z *zip.Writer) error {
	if err := addComments(z, func(path string) bool { return !hidden(path) }, "std", "builtin"); err != nil {
		return err
	}
	return addComments(z, ours, "-deps", sdk, notebook)
}

func addComments(z *zip.Writer, want func(path string) bool, packages ...string) error {
	args := append([]string{"list", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \"\t\"}}\t{{join .CgoFiles \"\t\"}}"}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	for line := range strings.Lines(string(out)) {
		columns := strings.Split(strings.TrimSpace(line), "\t")
		if len(columns) < 3 || !want(columns[0]) {
			continue
		}
		c, err := newComments(columns[0], columns[1], columns[2:])
		if err != nil {
			return fmt.Errorf("comments of %s: %w", columns[0], err)
		}
		w, err := z.Create(columns[0])
		if err != nil {
			return err
		}
		if err := json.NewEncoder(w).Encode(c); err != nil {
			return err
		}
	}
	return nil
}

// comments are a package's by name; methods and fields are Type.Name, the package itself is "". Names without a comment are left out.
type comments map[string]string

func newComments(path, dir string, names []string) (comments, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if name == "" {
			continue
		}
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	mode := doc.Mode(0)
	if path == "builtin" { // its names are those that need no import, and thus not exported
		mode = doc.AllDecls
	}
	p, err := doc.NewFromFiles(fset, files, path, mode)
	if err != nil {
		return nil, err
	}
	c := comments{}
	c.add("", p.Doc)
	c.addPackage(p)
	if path == "builtin" {
		c.addSignatures(fset, p)
	}
	return c, nil
}

func (c comments) add(name, text string) {
	if text = strings.TrimSpace(text); text != "" {
		c[name] = text
	}
}

func (c comments) addPackage(p *doc.Package) {
	c.addValues(p.Consts)
	c.addValues(p.Vars)
	c.addFuncs(p.Funcs)
	for _, t := range p.Types {
		c.add(t.Name, t.Doc)
		c.addValues(t.Consts)
		c.addValues(t.Vars)
		c.addFuncs(t.Funcs)
		for _, m := range t.Methods {
			c.add(t.Name+"."+m.Name, m.Doc)
		}
		c.addFields(t)
	}
}

func (c comments) addFuncs(funcs []*doc.Func) {
	for _, f := range funcs {
		c.add(f.Name, f.Doc)
	}
}

// addValues gives each name the comment of its line, or else that of its group.
func (c comments) addValues(values []*doc.Value) {
	for _, v := range values {
		for _, spec := range v.Decl.Specs {
			spec, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			text := own(spec.Doc, spec.Comment)
			if text == "" {
				text = v.Doc
			}
			for _, name := range spec.Names {
				c.add(name.Name, text)
			}
		}
	}
}

// addFields adds the comments of a struct's fields or an interface's methods.
func (c comments) addFields(t *doc.Type) {
	for _, spec := range t.Decl.Specs {
		spec, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		var list *ast.FieldList
		switch x := spec.Type.(type) {
		case *ast.StructType:
			list = x.Fields
		case *ast.InterfaceType:
			list = x.Methods
		default:
			continue
		}
		for _, f := range list.List {
			for _, name := range f.Names {
				c.add(t.Name+"."+name.Name, own(f.Doc, f.Comment))
			}
		}
	}
}

// own is the text of the comment above a declaration, or of the one behind it.
func own(above, behind *ast.CommentGroup) string {
	if text := above.Text(); text != "" {
		return text
	}
	return behind.Text()
}

// addSignatures adds how the predeclared functions are called, which no type says, as "func name".
func (c comments) addSignatures(fset *token.FileSet, p *doc.Package) {
	add := func(funcs []*doc.Func) {
		for _, f := range funcs {
			f.Decl.Doc = nil
			var b strings.Builder
			if printer.Fprint(&b, fset, f.Decl) == nil { // a Builder takes everything
				c.add("func "+f.Name, b.String())
			}
		}
	}
	add(p.Funcs)
	for _, t := range p.Types {
		add(t.Funcs)
	}
}
