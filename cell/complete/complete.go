package complete

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/joey-go/joey/cell/check"
)

// Completions are what may stand in place of a part of a text. Offsets count code points.
type Completions struct {
	Start, End int // End is where the cursor is
	Items      []Item
}

// Item is one proposal.
type Item struct {
	Label  string // what to show; it begins as the text that it replaces, letters' case aside
	Text   string // what replaces Start:End, Label unless more is inserted
	Kind   Kind
	Type   string // as Go writes it, "" if there is none to tell
	Import string // the path that cells must import for it and do not yet, else ""

	order int
	obj   types.Object // whose type will be written, once it is clear which items are few enough
}

// Kind is what a name stands for.
type Kind string

const (
	Keyword  Kind = "keyword"
	Package  Kind = "package"
	Path     Kind = "path" // of a package, within an import
	Type     Kind = "type"
	Function Kind = "function"
	Method   Kind = "method"
	Field    Kind = "field"
	Variable Kind = "variable"
	Constant Kind = "constant"
)

// maxItems bounds an answer: syscall alone has thousands of names.
const maxItems = 1000

// placeholder takes the place of the word that is being completed: a letter of no keyword and no name.
const placeholder = "Ξꞏ"

// Complete proposes what may stand at a cursor, given in code points. The session of scope stays as it is.
func Complete(scope *check.Scope, text string, at int) Completions {
	text = strings.ReplaceAll(text, "\r", " ") // the scanner drops some, and offsets would be wrong
	end := offset(text, at)
	at = utf8.RuneCountInString(text[:end])
	from, to := wordAt(text, end)
	c := &completer{scope: scope, cursor: newCursor(text, from, to, placeholder), typed: text[from:end], from: from}
	c.complete()
	return Completions{Start: utf8.RuneCountInString(text[:c.from]), End: at, Items: c.sorted()}
}

// completer is the answering of one question.
type completer struct {
	scope  *check.Scope
	cursor *cursor
	site   *site
	typed  string // what the names must begin with
	from   int    // offset of what is replaced
	before string // what is replaced before typed, and stays
	items  []Item
	seen   map[string]bool
}

func (c *completer) complete() {
	c.seen = map[string]bool{}
	switch {
	case c.cursor.inside(token.STRING, token.CHAR):
		c.paths()
		return
	case c.cursor.inside(token.COMMENT, token.INT, token.FLOAT, token.IMAG, token.ILLEGAL), c.cursor.afterNumber():
		return
	}
	for _, suffix := range []string{"", "()", ":"} { // go f(), defer f(), case x:
		if c.site = look(c.scope, c.cursor.cut(suffix), placeholder); c.site != nil {
			defer c.site.release()
			c.atSite()
			return
		}
	}
	switch c.cursor.before() {
	case token.PERIOD, token.RPAREN: // x.; func (t T)
	default:
		c.sessionNames(anything)
	}
}

// atSite proposes what fits the syntax around the word.
func (c *completer) atSite() {
	switch parent := c.site.parent(1).(type) {
	case *ast.SelectorExpr:
		c.selector(parent)
	case *ast.CompositeLit:
		if !c.fields(parent) {
			c.names(anything)
		}
	case *ast.KeyValueExpr:
		lit, ok := c.site.parent(2).(*ast.CompositeLit)
		if !ok || parent.Key != ast.Expr(c.site.ident()) || !c.fields(lit) {
			c.names(anything)
		}
	default:
		switch {
		case c.site.defines():
		case c.site.wantsType():
			c.names(typesOnly)
		default:
			c.names(anything)
		}
	}
}

// add proposes a name if it begins as what is typed.
func (c *completer) add(i Item) {
	if !begins(i.Label, c.typed) || check.Hidden(i.Label) || i.Label == "_" || c.seen[i.Label+i.Import] {
		return
	}
	c.seen[i.Label+i.Import] = true
	i.Text = cmp.Or(i.Text, i.Label)
	i.Label = c.before + i.Label
	i.Text = c.before + i.Text
	c.items = append(c.items, i)
}

// begins compares without regard to case.
func begins(name, typed string) bool {
	return len(name) >= len(typed) && strings.EqualFold(name[:len(typed)], typed)
}

// sorted puts names of the typed case first, then what is nearest to the cursor.
func (c *completer) sorted() []Item {
	typed := c.before + c.typed
	slices.SortFunc(c.items, func(a, b Item) int {
		return cmp.Or(
			cmp.Compare(otherCase(a.Label, typed), otherCase(b.Label, typed)),
			cmp.Compare(a.order, b.order),
			strings.Compare(a.Label, b.Label),
			strings.Compare(a.Import, b.Import),
		)
	})
	items := c.items[:min(len(c.items), maxItems)]
	for i, item := range items {
		if item.obj != nil {
			items[i].Type = typeOf(item.obj)
		}
	}
	return items
}

func otherCase(label, typed string) int {
	if strings.HasPrefix(label, typed) {
		return 0
	}
	return 1
}
