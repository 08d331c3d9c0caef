package complete

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// The order in which names are proposed: what is nearest first.
const (
	local = iota
	ofCell
	outside // what is imported or predeclared
	keyword
	importable
)

// filter says which objects may stand in a place.
type filter func(types.Object) bool

func anything(types.Object) bool { return true }

func typesOnly(obj types.Object) bool {
	switch obj.(type) {
	case *types.TypeName, *types.PkgName:
		return true
	}
	return false
}

// names proposes all that may stand at the site.
func (c *completer) names(fits filter) {
	c.localNames(fits)
	c.cellNames(fits)
	c.sessionNames(fits)
}

// localNames proposes what blocks and functions around the word declare. The scopes are found through the syntax: a cell's statements
// and its declarations come from different files, so that their positions tell nothing about each other.
func (c *completer) localNames(fits filter) {
	at := c.site.ident().Pos()
	for i := range c.site.path {
		node := c.site.parent(i)
		if f, ok := node.(*ast.FuncDecl); ok {
			node = f.Type
		}
		if f, ok := node.(*ast.FuncLit); ok {
			node = f.Type
		}
		if _, isFile := node.(*ast.File); isFile {
			return
		}
		scope := c.site.Info.Scopes[node]
		if scope == nil {
			continue
		}
		for _, name := range scope.Names() {
			if _, obj := scope.LookupParent(name, at); obj != nil && obj == scope.Lookup(name) && fits(obj) {
				c.addObject(obj, local, "")
			}
		}
	}
}

// cellNames proposes what the cell declares and imports. A statement does not see the variables of those below it.
func (c *completer) cellNames(fits filter) {
	at, top := c.site.ident().Pos(), c.site.atTop()
	scope := c.site.Pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if v, ok := obj.(*types.Var); ok && top && v.Pkg() == c.site.Pkg && v.Pos() >= c.site.statement(at) {
			continue
		}
		if obj.Pkg() == c.site.Pkg && fits(obj) {
			c.addObject(obj, ofCell, "")
		}
	}
	if file := c.site.Info.Scopes[c.site.File]; file != nil {
		for _, name := range file.Names() {
			if obj := file.Lookup(name); fits(obj) {
				c.addObject(obj, outside, "")
			}
		}
	}
}

// sessionNames proposes what earlier cells have declared and imported, what needs no import, and packages.
func (c *completer) sessionNames(fits filter) {
	for _, obj := range c.scope.Objects() {
		if fits(obj) {
			c.addObject(obj, ofCell, "")
		}
	}
	for name, path := range c.scope.Imports() {
		if name[0] == '.' {
			c.dotImported(path, fits)
		} else {
			c.add(Item{Label: name, Kind: Package, Type: quote(path), order: outside})
		}
	}
	for _, name := range types.Universe.Names() {
		if obj := types.Universe.Lookup(name); fits(obj) {
			c.addObject(obj, outside, "")
		}
	}
	c.keywords()
	c.packages()
}

func (c *completer) dotImported(path string, fits filter) {
	p, err := c.scope.Import(path)
	if err != nil { // the session has imported it before
		return
	}
	for _, name := range p.Scope().Names() {
		if obj := p.Scope().Lookup(name); ast.IsExported(name) && fits(obj) {
			c.addObject(obj, outside, "")
		}
	}
}

var (
	ofTypes      = []token.Token{token.FUNC, token.MAP, token.STRUCT, token.INTERFACE, token.CHAN}
	ofStatements = []token.Token{
		token.BREAK, token.CASE, token.CONST, token.CONTINUE, token.DEFAULT, token.DEFER, token.FALLTHROUGH, token.FOR, token.GO,
		token.GOTO, token.IF, token.IMPORT, token.PACKAGE, token.RETURN, token.SELECT, token.SWITCH, token.TYPE, token.VAR,
	}
)

// keywords proposes those that the token before allows.
func (c *completer) keywords() {
	c.keyword(ofTypes...)
	switch c.cursor.before() {
	case token.SEMICOLON, token.LBRACE, token.COLON:
		c.keyword(ofStatements...)
	case token.RBRACE:
		c.keyword(token.ELSE)
	case token.ELSE:
		c.keyword(token.IF)
	case token.DEFINE, token.ASSIGN, token.FOR:
		c.keyword(token.RANGE)
	}
}

func (c *completer) keyword(tokens ...token.Token) {
	for _, t := range tokens {
		c.add(Item{Label: t.String(), Kind: Keyword, order: keyword})
	}
}

// defines says that the word names something new, or a label: nothing can be proposed.
func (s *site) defines() bool {
	switch s.parent(1).(type) {
	case *ast.ImportSpec, *ast.BranchStmt, *ast.LabeledStmt:
		return true
	}
	_, defined := s.Info.Defs[s.ident()]
	return defined && !s.wantsType() // an embedded field is a definition and a use
}

// wantsType says that only a type may stand where the word is.
func (s *site) wantsType() bool {
	child := ast.Expr(s.ident())
	for i := 1; ; i++ {
		switch parent := s.parent(i).(type) {
		case *ast.StarExpr:
			child = parent
			continue
		case *ast.ParenExpr: // also one that package check has written
			child = parent
			continue
		case *ast.Field:
			return parent.Type == child
		case *ast.MapType, *ast.ChanType, *ast.Ellipsis, *ast.TypeSpec:
			return true
		case *ast.ArrayType:
			return parent.Elt == child
		case *ast.ValueSpec:
			return parent.Type == child
		case *ast.TypeAssertExpr:
			return parent.Type == child
		}
		return false
	}
}

// atTop says that the word is in a statement of the cell and in no function of it.
func (s *site) atTop() bool {
	for _, n := range s.path {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n != s.Entry {
				return false
			}
		case *ast.FuncLit:
			return false
		}
	}
	return true
}

// statement is where the statement begins that at is in.
func (s *site) statement(at token.Pos) token.Pos {
	if s.Entry == nil {
		return at
	}
	for _, x := range s.Entry.Body.List {
		if x.Pos() <= at && at < x.End() {
			return x.Pos()
		}
	}
	return at
}

func quote(path string) string { return `"` + path + `"` }

func kindOf(obj types.Object) Kind {
	switch obj := obj.(type) {
	case *types.PkgName:
		return Package
	case *types.TypeName:
		return Type
	case *types.Const:
		return Constant
	case *types.Builtin:
		return Function
	case *types.Func:
		if obj.Signature().Recv() != nil {
			return Method
		}
		return Function
	case *types.Var:
		if obj.IsField() {
			return Field
		}
	}
	return Variable
}

// typeOf is the type of an object as Go writes it in a declaration of it.
func typeOf(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.PkgName:
		return quote(obj.Imported().Path())
	case *types.TypeName:
		return shape(obj)
	case *types.Builtin, *types.Nil:
		return ""
	}
	if t := types.TypeString(obj.Type(), qualifier); !unknown(t) {
		return t
	}
	return ""
}

// unknown says that go/types could not find out a type or a part of it.
func unknown(typ string) bool { return strings.Contains(typ, "invalid type") }

// shape says what a type is made of, without saying all of it.
func shape(obj *types.TypeName) string {
	switch u := obj.Type().Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	case *types.Basic:
		if u.Name() == obj.Name() {
			return ""
		}
		return u.Name()
	default:
		return types.TypeString(u, qualifier)
	}
}

// qualifier writes names as a cell would.
func qualifier(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}
