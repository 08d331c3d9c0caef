package complete

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/exports"
	"github.com/joey-go/joey/cell/source"
)

// describe says all about an object; owner is the type that has it, if it is a field or a method.
func (s *site) describe(obj types.Object, owner *types.TypeName) Info {
	if p, ok := obj.(*types.PkgName); ok {
		return ofPackage(p.Imported())
	}
	info := Info{Kind: kindOf(obj), Signature: declaration(obj)}
	if text, offset := s.text(obj.Pos()); text != nil {
		info.Place, info.Doc = text.Name, commentAt(text.Src, offset)
		return info
	}
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		owner = cmp.Or(typeName(f.Signature().Recv().Type()), owner) // not the one that has it by embedding
	}
	info.addDocs(obj, owner)
	return info
}

// addDocs adds what the embedded comments say about an object of a package.
func (i *Info) addDocs(obj types.Object, owner *types.TypeName) {
	path := exports.Builtin
	if obj.Pkg() != nil {
		path = obj.Pkg().Path()
		i.Place = "package " + obj.Pkg().Name()
	}
	docs, err := exports.ReadDocs(path)
	if err != nil { // a damaged archive, which the tests of exports would have shown: the signature is there all the same
		return
	}
	switch {
	case i.Kind != Field && i.Kind != Method:
		i.Doc = docs.Name(obj.Name())
	case owner != nil:
		i.Doc = docs.Member(owner.Name(), obj.Name())
	}
	if _, ok := obj.(*types.Builtin); ok {
		i.Signature = docs.Signature(obj.Name())
	}
}

// text is the cell, this one or an earlier one, in which an object is declared.
func (s *site) text(pos token.Pos) (*source.Text, int) {
	if text, offset := s.set.Find(pos); text != nil {
		return text, offset
	}
	return s.scope.Find(pos)
}

func ofPackage(p *types.Package) Info {
	path := p.Path()
	if path == exports.SDK {
		path = "wallaroo"
	}
	info := Info{Kind: Package, Signature: "import " + quote(path), Place: "package " + p.Name()}
	if docs, err := exports.ReadDocs(p.Path()); err == nil {
		info.Doc = docs.Package()
	}
	return info
}

// commentAt is the comment above the line of an offset, or else the one behind it on the line.
func commentAt(src string, offset int) string {
	line := func(at int) int { return strings.Count(src[:at], "\n") }
	want := line(offset)
	var above []*ast.Comment
	code, end := -1, -1 // the lines of the last token and of the end of the last comment
	for _, l := range scan(src) {
		at := line(l.from)
		switch {
		case at > want:
			return ""
		case l.tok == token.COMMENT && at == want && l.from > offset:
			return text(&ast.Comment{Text: l.lit})
		case l.tok == token.COMMENT && at == code: // it belongs to what stands before it
		case l.tok == token.COMMENT:
			if at > end+1 {
				above = nil
			}
			above = append(above, &ast.Comment{Text: l.lit})
			end = at + strings.Count(l.lit, "\n")
		case l.tok == token.SEMICOLON:
		case at == want && l.from <= offset && end == want-1 && above != nil:
			return text(above...)
		default:
			above, code = nil, at
		}
	}
	return ""
}

func text(list ...*ast.Comment) string {
	return strings.TrimSpace((&ast.CommentGroup{List: list}).Text())
}

// declaration is an object as Go declares it.
func declaration(obj types.Object) string {
	name := check.Plain(obj.Name())
	if q := obj.Pkg(); q != nil && obj.Parent() == q.Scope() && qualifier(q) != "" {
		name = qualifier(q) + "." + name
	}
	switch obj := obj.(type) {
	case *types.Func:
		return "func " + receiver(obj) + name + strings.TrimPrefix(types.TypeString(obj.Signature(), qualifier), "func")
	case *types.TypeName:
		return typeDeclaration(obj, name)
	case *types.Const:
		return "const " + name + constType(obj) + " = " + obj.Val().String()
	case *types.Var:
		word := "var "
		if obj.IsField() {
			word = "field "
		}
		return word + name + " " + types.TypeString(obj.Type(), qualifier)
	}
	return name
}

func receiver(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return ""
	}
	if _, anonymous := types.Unalias(recv.Type()).(*types.Interface); anonymous {
		return ""
	}
	return "(" + strings.TrimSpace(recv.Name()+" "+types.TypeString(recv.Type(), qualifier)) + ") "
}

func constType(c *types.Const) string {
	if b, ok := c.Type().(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return ""
	}
	return " " + types.TypeString(c.Type(), qualifier)
}

// maxMembers bounds how much of a type is written out.
const maxMembers = 40

// typeDeclaration is a type with those of its fields and methods that cells may name.
func typeDeclaration(obj *types.TypeName, name string) string {
	var params *types.TypeParamList
	if n, ok := obj.Type().(*types.Named); ok {
		params = n.TypeParams()
	}
	head := "type " + name + typeParams(params) + " "
	if obj.IsAlias() {
		return head + "= " + types.TypeString(types.Unalias(obj.Type()), qualifier)
	}
	var body string
	switch u := obj.Type().Underlying().(type) {
	case *types.Struct:
		body = structure(u)
	case *types.Interface:
		body = interfaces(u)
	default:
		body = types.TypeString(u, qualifier)
	}
	lines := []string{head + body}
	if !types.IsInterface(obj.Type()) {
		for _, m := range methodsOf(obj.Type()) {
			lines = append(lines, declaration(m))
		}
	}
	if over := len(lines) - maxMembers; over > 0 {
		lines = append(lines[:maxMembers], fmt.Sprintf("// and %d more methods", over))
	}
	return strings.Join(lines, "\n")
}

func typeParams(list *types.TypeParamList) string {
	if list.Len() == 0 {
		return ""
	}
	var names []string
	for p := range list.TypeParams() {
		names = append(names, p.Obj().Name()+" "+types.TypeString(p.Constraint(), qualifier))
	}
	return "[" + strings.Join(names, ", ") + "]"
}

func structure(st *types.Struct) string {
	var lines []string
	hidden := 0
	for f := range st.Fields() {
		switch {
		case !mayName(f) || len(lines) == maxMembers:
			hidden++
		case f.Embedded():
			lines = append(lines, types.TypeString(f.Type(), qualifier))
		default:
			lines = append(lines, f.Name()+" "+types.TypeString(f.Type(), qualifier))
		}
	}
	if hidden > 0 {
		lines = append(lines, "// and other fields")
	}
	return block("struct", lines)
}

func interfaces(i *types.Interface) string {
	var lines []string
	for e := range i.EmbeddedTypes() {
		lines = append(lines, types.TypeString(e, qualifier))
	}
	for m := range i.ExplicitMethods() {
		lines = append(lines, m.Name()+strings.TrimPrefix(types.TypeString(m.Signature(), qualifier), "func"))
	}
	return block("interface", lines)
}

func block(word string, lines []string) string {
	if len(lines) == 0 {
		return word + " {}"
	}
	return word + " {\n\t" + strings.Join(lines, "\n\t") + "\n}"
}
