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
	from int // what is before has been returned
}

func (s *splitter) add(b []byte) {
	s.buf = append(append(s.buf[:0], s.buf[s.from:]...), b...)
	s.from = 0
}

// next returns the text up to the next mark, or, if there is none, what is certain to be text.
func (s *splitter) next() (text string, marked bool) {
	buf := s.buf[s.from:]
	end := bytes.Index(buf, s.mark)
	rest := end + len(s.mark)
	if end < 0 {
		end = len(buf) - overlap(buf, s.mark)
		rest = end
	}
	whole := end - partial(buf[:end])
	text = valid(buf[:whole])
	// A character that a mark cuts in two comes after it, whole.
	from := rest - copy(buf[rest-(end-whole):rest], buf[whole:end])
	s.from += from
	return text, rest > end
}

// held returns what next holds back, and the text that follows up to a mark or the begin of one: those are for next.
func (s *splitter) held() string {
	buf := s.buf[s.from:]
	end := bytes.Index(buf, s.mark)
	if end < 0 {
		end = len(buf)
		if s.begun() {
			end -= overlap(buf, s.mark)
		}
	}
	s.from += end
	return valid(buf[:end])
}

// rest returns all that there is. Nothing may come any more.
func (s *splitter) rest() string {
	text := valid(s.buf[s.from:])
	s.buf, s.from = s.buf[:0], 0
	return text
}

// begun reports that next holds back what can hardly be anything but the begin of a mark.
func (s *splitter) begun() bool { return overlap(s.buf[s.from:], s.mark) > 1 }

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
