package complete

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cursor is a place in a text: the word at it, and the tokens around it once the word is replaced. So a text that breaks off
// behind a dot has an end of line there.
type cursor struct {
	src      string
	from, to int // of the word, in src; equal if there is none
	word     string

	tokens []lexeme // of src with word in place
	at     int      // index of the word's token, or of the one that it is in
	whole  bool     // all brackets are closed
}

// lexeme is a token and where it stands.
type lexeme struct {
	from, to int
	tok      token.Token
	lit      string
	first    bool // on its line
}

// newCursor replaces src[from:to] by word.
func newCursor(src string, from, to int, word string) *cursor {
	c := &cursor{src: src, from: from, to: to, word: word, at: -1}
	c.tokens = scan(src[:from] + word + src[to:])
	var b brackets
	for i, l := range c.tokens {
		if l.from <= from && from < l.to {
			c.at = i
		}
		b.add(l.tok)
	}
	c.whole = len(b.open) == 0
	return c
}

func scan(src string) (tokens []lexeme) {
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		from := file.Offset(pos)
		l := lexeme{from: from, to: from + len(lit), tok: tok, lit: lit, first: from == 0 || src[from-1] == '\n'}
		if n := len(tokens); n > 0 { // the literal of a byte that is no UTF-8 is longer than the byte
			tokens[n-1].to = min(tokens[n-1].to, from)
		}
		switch {
		case tok == token.EOF:
			return tokens
		case tok == token.SEMICOLON: // perhaps one that the scanner has inserted at the end of a line or of the text
			l.to = min(from+1, len(src))
		case tok.IsOperator():
			l.to = from + len(tok.String())
		}
		tokens = append(tokens, l)
	}
}

// offset is the byte at which a code point begins, both kept within the text.
func offset(src string, codePoints int) int {
	for i := range src {
		if codePoints <= 0 {
			return i
		}
		codePoints--
	}
	return len(src)
}

// wordAt is the identifier or number that a byte offset is in or at the end of.
func wordAt(src string, at int) (from, to int) {
	from, to = at, at
	for from > 0 {
		r, n := utf8.DecodeLastRuneInString(src[:from])
		if !letter(r) {
			break
		}
		from -= n
	}
	for to < len(src) {
		r, n := utf8.DecodeRuneInString(src[to:])
		if !letter(r) {
			break
		}
		to += n
	}
	return from, to
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// inside says whether the cursor is in a token of a kind: behind its first byte, and not behind a closing quote.
func (c *cursor) inside(kinds ...token.Token) bool {
	if c.at < 0 || c.tokens[c.at].from == c.from {
		return false
	}
	for _, k := range kinds {
		if c.tokens[c.at].tok == k {
			return true
		}
	}
	return false
}

// afterNumber says whether the word continues a number.
func (c *cursor) afterNumber() bool {
	if c.at < 1 {
		return false
	}
	l := c.tokens[c.at-1]
	return l.to == c.from && (l.tok == token.INT || l.tok == token.FLOAT || l.tok == token.IMAG)
}

// before is the token before the word, comments left out; token.SEMICOLON if there is none.
func (c *cursor) before() token.Token {
	for i := c.at - 1; i >= 0; i-- {
		if c.tokens[i].tok != token.COMMENT {
			return c.tokens[i].tok
		}
	}
	return token.SEMICOLON
}

// chunk is the index of the first token of the import, declaration or statement of the cell that the word is in.
func (c *cursor) chunk() int {
	var b brackets
	start := 0
	for i, l := range c.tokens[:max(c.at, 0)] {
		if c.declares(i) {
			b, start = brackets{}, i
		}
		b.add(l.tok)
		if l.tok == token.SEMICOLON && len(b.open) == 0 || l.tok == token.COMMENT && i == start {
			start = i + 1
		}
	}
	return start
}

// declares says whether token i begins a declaration of the cell although brackets are open, because it stands where gofmt puts no
// other. If all brackets are closed in the end, there is nothing to doubt.
func (c *cursor) declares(i int) bool {
	l := c.tokens[i]
	if c.whole || !l.first {
		return false
	}
	named := i+1 < len(c.tokens) && c.tokens[i+1].tok == token.IDENT
	return l.tok == token.TYPE || l.tok == token.IMPORT || l.tok == token.FUNC && named
}

// brackets are those that are open, and the depths at which the header of a statement waits for its block.
type brackets struct {
	open    []token.Token
	headers map[int]bool
}

func (b *brackets) add(tok token.Token) {
	switch tok {
	case token.IF, token.FOR, token.SWITCH, token.SELECT:
		if b.headers == nil {
			b.headers = map[int]bool{}
		}
		b.headers[len(b.open)] = true
	case token.LBRACE:
		delete(b.headers, len(b.open))
		b.open = append(b.open, tok)
	case token.LPAREN, token.LBRACK:
		b.open = append(b.open, tok)
	case token.RBRACE, token.RPAREN, token.RBRACK:
		delete(b.headers, len(b.open))
		if n := len(b.open); n > 0 {
			b.open = b.open[:n-1]
		}
	}
}

// closing is the text that closes them.
func (b *brackets) closing() string {
	var s strings.Builder
	for depth := len(b.open); depth >= 0; depth-- {
		if b.headers[depth] {
			s.WriteString(" {\n}")
		}
		if depth == 0 {
			break
		}
		switch b.open[depth-1] {
		case token.LBRACE:
			s.WriteString("\n}")
		case token.LPAREN:
			s.WriteString(")")
		case token.LBRACK:
			s.WriteString("]")
		}
	}
	return s.String()
}

// around is the token that an offset of src is behind the beginning of; the zero lexeme if it is in none.
func (c *cursor) around(at int) lexeme {
	for _, l := range c.tokens {
		if l.from < at && at <= l.to {
			return l
		}
	}
	return lexeme{}
}
