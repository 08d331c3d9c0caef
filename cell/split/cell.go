package split

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/joey-go/joey/cell/source"
)

// Cell is the syntax of a cell. Its nodes have positions in the set it was parsed into.
type Cell struct {
	Text   *source.Text
	File   *ast.File      // imports first, then declarations, but no variables: these are statements
	Body   *ast.BlockStmt // the statements, in the order of the text
	Silent bool           // a semicolon is written at the end: the result is not shown
	Moved  *source.Error  // refuses the first //line, for programs that would notice; nil if there is none
}

// The text of each kind is parsed behind a prefix on its first line.
const (
	filePrefix = "package main;"
	bodyPrefix = "package main;func _(){"
)

// Parse cuts and parses a text. Its error is a source.ErrorList.
func Parse(set *source.Set, text *source.Text) (*Cell, error) {
	s := scanText(text)
	if len(s.errs) > 0 {
		return nil, s.errs.Err()
	}
	p := &parse{set: set, text: text, scan: s}
	cell := p.cell()
	if err := p.faults().Err(); err != nil {
		return nil, err
	}
	return cell, nil
}

// faults are the errors without those that follow from others: what the end lacks matters only if nothing before it is wrong.
func (p *parse) faults() source.ErrorList {
	inside := slices.DeleteFunc(slices.Clone(p.errs), func(e *source.Error) bool { return e.Incomplete })
	if len(inside) > 0 || len(p.errs) == 0 {
		return inside
	}
	return p.errs[:1]
}

// Sketch is what can be made of a text that somebody is still writing, and what is wrong with it.
func Sketch(set *source.Set, text *source.Text) (*Cell, source.ErrorList) {
	p := &parse{set: set, text: text, scan: scanText(text)}
	cell := p.cell()
	return cell, append(p.scan.errs, p.errs...)
}

// parse is the parsing of one text, kind by kind.
type parse struct {
	set  *source.Set
	text *source.Text
	scan *scan
	errs source.ErrorList
}

func (p *parse) cell() *Cell {
	s, src := p.scan, p.text.Src
	cell := &Cell{Text: p.text, Silent: s.silent, Moved: s.moved}
	cell.File = p.file(filePrefix, s.only(src, declaration), "")
	if s.has(importation) { // the parser wants imports before all else
		imports := p.file(filePrefix, s.only(src, importation), "")
		cell.File.Decls = append(imports.Decls, cell.File.Decls...)
		cell.File.Imports = imports.Imports
	}
	cell.Body = p.body(s.only(src, statement))
	return cell
}

// file parses one kind. Nodes that hold errors are there too, so that the caller need not ask.
func (p *parse) file(prefix, src, suffix string) *ast.File {
	const mode = parser.AllErrors | parser.ParseComments | parser.SkipObjectResolution
	f, err := parser.ParseFile(p.set.Fset, p.text.Name, prefix+src+suffix, mode)
	if file := p.set.Fset.File(f.Package); file != nil { // none if the text's first character is no Go
		p.set.Add(file, p.text, len(prefix))
	}
	var list scanner.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			p.errs = append(p.errs, p.fault(e.Pos.Offset-len(prefix), e.Msg))
		}
	}
	return f
}

// fault is an error of the parser. At the end of the text it says what is missing rather than what our own frame made of it.
func (p *parse) fault(offset int, msg string) *source.Error {
	err := p.text.Error(offset, "syntax error: "+msg)
	if offset < len(p.text.Src) && !strings.Contains(msg, "'EOF'") {
		if msg == "expected 1 expression" { // go/parser's, for a list where a statement is one expression
			err.Hint = "Display(a, b) shows several values"
		}
		return err
	}
	expected, _, _ := strings.Cut(msg, ", found")
	err.Incomplete, err.Msg = true, "syntax error: unexpected end, "+expected
	if n := len(p.scan.brackets); n > 0 {
		b := p.scan.brackets[n-1]
		err.Msg = fmt.Sprintf("syntax error: unexpected end, the %s of line %d is not closed", b.tok, p.text.Pos(b.offset).Line)
	}
	return err
}

func (p *parse) body(src string) *ast.BlockStmt {
	f := p.file(bodyPrefix, src, "\n}")
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
			return d.Body
		}
	}
	return &ast.BlockStmt{Lbrace: f.Package, Rbrace: token.NoPos}
}
