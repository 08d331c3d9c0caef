package split

import (
	"cmp"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/joey-go/joey/cell/source"
)

// kind is what a chunk's first tokens say that it is.
type kind int

const (
	statement kind = iota
	declaration
	importation
	clause // package clause
)

// chunk is the text between two semicolons, written or inserted, outside all brackets.
type chunk struct {
	kind     kind
	from, to int // offsets; to is behind a written semicolon
}

// scan is what the tokens of a text tell before anything is parsed.
type scan struct {
	chunks   []chunk
	brackets []bracket        // open at the end
	stray    bool             // a closing bracket has no opening one
	open     bool             // a raw string or a comment is open at the end
	silent   bool             // the last token is a written semicolon
	comments [][2]int         // comments that the compiler would obey
	errs     source.ErrorList // what is wrong whatever a parser says
	moved    *source.Error    // the first //line
}

// directives are comments that mean something to the compiler which cells cannot do: silence would be a lie.
var directives = map[string]string{
	"//go:embed":    "read the file with os.ReadFile",
	"//go:linkname": "call an exported function",
}

func scanText(text *source.Text) *scan {
	s := &scan{}
	file := token.NewFileSet().AddFile("", -1, len(text.Src))
	var sc scanner.Scanner
	sc.Init(file, []byte(text.Src), func(_ token.Position, msg string) {
		s.open = s.open || msg == "raw string literal not terminated" || msg == "comment not terminated"
	}, scanner.ScanComments)
	from, tokens := -1, []token.Token(nil)
	end := func(to int) {
		if from >= 0 {
			s.chunks = append(s.chunks, newChunk(from, to, tokens))
		}
		from, tokens = -1, nil
	}
	for {
		pos, tok, lit := sc.Scan()
		offset := file.Offset(pos)
		switch {
		case tok == token.EOF:
			end(len(text.Src))
			return s
		case tok == token.COMMENT:
			s.comment(text, offset, lit)
			continue
		case tok == token.SEMICOLON && len(s.brackets) == 0:
			if lit == ";" {
				offset++
				s.silent = true
			}
			end(offset)
			continue
		}
		s.silent = false
		if from < 0 {
			from = offset
		}
		tokens = append(tokens, tok)
		s.bracket(text, tok, offset)
	}
}

func newChunk(from, to int, tokens []token.Token) chunk {
	c := chunk{from: from, to: to}
	switch tokens[0] {
	case token.PACKAGE:
		c.kind = clause
	case token.IMPORT:
		c.kind = importation
	case token.TYPE, token.CONST:
		c.kind = declaration
	case token.FUNC:
		if declares(tokens) {
			c.kind = declaration
		}
	}
	return c
}

// declares tells func NAME and func (…) NAME ( from a function literal, where no name and parenthesis follow the parameters.
func declares(t []token.Token) bool {
	if len(t) > 1 && t[1] == token.IDENT {
		return true
	}
	depth := 0
	for i, tok := range t {
		switch tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			if depth--; depth == 0 {
				return i+2 < len(t) && t[i+1] == token.IDENT && t[i+2] == token.LPAREN
			}
		}
	}
	return false
}

// bracket is an opening one that waits for its closing one.
type bracket struct {
	tok    token.Token
	offset int
}

// bracket counts. A closing one too many would end the function that the statements are parsed in.
func (s *scan) bracket(text *source.Text, tok token.Token, offset int) {
	switch tok {
	case token.LBRACE, token.LPAREN, token.LBRACK:
		s.brackets = append(s.brackets, bracket{tok, offset})
	case token.RBRACE, token.RPAREN, token.RBRACK:
		if n := len(s.brackets); n > 0 {
			s.brackets = s.brackets[:n-1]
		} else if !s.stray {
			s.stray = true
			s.errs = append(s.errs, text.Error(offset, "syntax error: unexpected "+tok.String()+", nothing is open here"))
		}
	}
}

// comment notes what has to be taken out: //line would move positions, the directives would be ignored in silence.
func (s *scan) comment(text *source.Text, offset int, lit string) {
	if err := Moved(text, offset, lit); err != nil {
		s.comments = append(s.comments, [2]int{offset, offset + len(lit)})
		s.moved = cmp.Or(s.moved, err)
	}
	if err := Directive(text, offset, lit); err != nil {
		s.errs = append(s.errs, err)
	}
}

// Moved refuses a //line, which matters to programs only that ask where they are: the places are the text's own.
func Moved(text *source.Text, offset int, comment string) *source.Error {
	if !strings.HasPrefix(comment[2:], "line ") {
		return nil
	}
	err := text.Error(offset, "//line where the program asks for files and lines")
	err.Refused, err.Hint = true, "take it out: the places are the text's own"
	return err
}

// Directive refuses a comment that means something to the compiler which we cannot do.
func Directive(text *source.Text, offset int, comment string) *source.Error {
	for d, hint := range directives {
		if strings.HasPrefix(comment, d) {
			err := text.Error(offset, d)
			err.Refused, err.Hint = true, hint
			return err
		}
	}
	return nil
}

// only is the text with all but the chunks of one kind blanked. Newlines stay, so nothing moves.
func (s *scan) only(src string, want kind) string {
	b := []byte(src)
	for _, c := range s.chunks {
		if c.kind != want {
			blank(b, c.from, c.to)
		}
	}
	for _, c := range s.comments {
		blank(b, c[0], c[1])
	}
	return string(b)
}

func blank(b []byte, from, to int) {
	for i := from; i < to; i++ {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}

// has says whether the text has a chunk of a kind.
func (s *scan) has(want kind) bool {
	for _, c := range s.chunks {
		if c.kind == want {
			return true
		}
	}
	return false
}
