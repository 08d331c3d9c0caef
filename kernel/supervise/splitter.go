package supervise

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// splitter cuts bytes, as they arrive, into text and marks. Characters stay whole, however the reads fall; bytes that are
// no UTF-8 become U+FFFD, for Jupyter's messages are text.
type splitter struct {
	mark []byte
	buf  []byte
}

func (s *splitter) add(b []byte) {
	s.buf = append(s.buf, b...)
}

// next returns the text up to the next mark, or, if there is none, what is certain to be text.
func (s *splitter) next() (text string, marked bool) {
	end := bytes.Index(s.buf, s.mark)
	rest := end + len(s.mark)
	if end < 0 {
		end = len(s.buf) - overlap(s.buf, s.mark)
		rest = end
	}
	whole := end - partial(s.buf[:end])
	text = valid(s.buf[:whole])
	marked = rest > end
	// A character that a mark cuts in two comes after it, whole.
	s.buf = append(append(s.buf[:0], s.buf[whole:end]...), s.buf[rest:]...)
	return text, marked
}

// rest returns what next holds back.
func (s *splitter) rest() string {
	text := valid(s.buf)
	s.buf = s.buf[:0]
	return text
}

// overlap is the length of the longest end of b that begins mark.
func overlap(b, mark []byte) int {
	for n := min(len(b), len(mark)-1); n > 0; n-- {
		if bytes.HasPrefix(mark, b[len(b)-n:]) {
			return n
		}
	}
	return 0
}

// partial is the length of a character's beginning at the end of b.
func partial(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

func valid(b []byte) string {
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
