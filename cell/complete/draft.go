package complete

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// draft is a text without what keeps it from being parsed.
type draft struct {
	text string
	at   int // offset of the word
}

// cut is the text up to the word and what follows the statement that the word is in. Open brackets are closed, so that it can
// be parsed while the statement is being written.
func (c *cursor) cut(suffix string) draft {
	if c.at < 0 {
		return draft{text: c.src}
	}
	before, open := c.closed(0, c.at)
	word := c.word + suffix + open.closing() + "\n"
	after, open := c.closed(c.next(c.at, open), len(c.tokens))
	return draft{text: before + word + after + open.closing(), at: len(before)}
}

// closed is the text of some tokens, with brackets closed before each declaration of the cell, and those that are open at its end.
func (c *cursor) closed(from, to int) (string, brackets) {
	src := c.src[:c.from] + c.word + c.src[c.to:]
	offset := func(i int) int {
		if i < len(c.tokens) {
			return c.tokens[i].from
		}
		return len(src)
	}
	var out strings.Builder
	var open brackets
	copied := offset(from)
	if from == 0 {
		copied = 0
	}
	for i := from; i < to; i++ {
		if c.declares(i) && len(open.open) > 0 {
			out.WriteString(src[copied:offset(i)] + open.closing() + "\n")
			copied, open = offset(i), brackets{}
		}
		open.add(c.tokens[i].tok)
	}
	out.WriteString(src[copied:offset(to)])
	return out.String(), open
}

// next is the index of the token behind the statement of token i, at which the brackets b are open.
func (c *cursor) next(i int, b brackets) int {
	for i++; i < len(c.tokens); i++ {
		l := c.tokens[i]
		if l.tok == token.SEMICOLON && len(b.open) == 0 {
			return i + 1
		}
		if c.declares(i) {
			return i
		}
		b.add(l.tok)
	}
	return i
}

// repairs is how many lines with errors are given up before the rest is taken as it is.
const repairs = 8

// parse parses the draft into set. Lines with errors are blanked, that of the word excepted, since the parser may skip what
// comes behind an error.
func (d draft) parse(set *source.Set) *split.Cell {
	lines := strings.SplitAfter(d.text, "\n")
	own := strings.Count(d.text[:d.at], "\n") + 1
	for n := 0; ; n++ {
		cell, errs := split.Sketch(set, source.NewText(textName, strings.Join(lines, "")))
		bad := firstBad(errs, lines, own)
		if bad == 0 || n == repairs {
			return cell
		}
		lines[bad-1] = blank(lines[bad-1])
	}
}

// textName is what errors would call the text.
const textName = "this cell"

// firstBad is the number of the first line that has an error and can be blanked, 0 if there is none.
func firstBad(errs source.ErrorList, lines []string, own int) int {
	for _, e := range errs {
		if n := e.Pos.Line; n > 0 && n <= len(lines) && n != own && blank(lines[n-1]) != lines[n-1] {
			return n
		}
	}
	return 0
}

// blank leaves the braces of a line, which other lines close.
func blank(line string) string {
	b := []byte(line)
	for i := range b {
		if b[i] != '{' && b[i] != '}' && b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// site is the syntax and the types at a word of a draft.
type site struct {
	*check.Sketch
	scope *check.Scope
	set   *source.Set
	path  []ast.Node // from the file to the identifier
}

// look checks a draft and finds its word in it; nil if the parser has lost it. What is found does not outlive release.
func look(scope *check.Scope, d draft, word string) *site {
	s := &site{scope: scope, set: scope.Fork()}
	s.Sketch = scope.Sketch(d.parse(s.set))
	s.find(d.at, word)
	if s.path == nil {
		s.release()
		return nil
	}
	return s
}

func (s *site) release() { s.set.Release() }

// find sets the path. A variable's declaration and the assignment that sets it share their nodes: the last one counts, for go/types
// has come there last.
func (s *site) find(at int, word string) {
	var path []ast.Node
	ast.Inspect(s.File, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		path = append(path, n)
		if id, ok := n.(*ast.Ident); ok && check.Plain(id.Name) == word {
			if text, offset := s.set.Find(id.Pos()); text != nil && offset == at {
				s.path = append([]ast.Node(nil), path...)
			}
		}
		return true
	})
}

// ident is the word.
func (s *site) ident() *ast.Ident { return s.path[len(s.path)-1].(*ast.Ident) }

// parent is the n-th node around the word; nil if there are not so many.
func (s *site) parent(n int) ast.Node {
	if n >= len(s.path) {
		return nil
	}
	return s.path[len(s.path)-1-n]
}
