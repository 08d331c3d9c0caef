package supervise

import (
	"io"
	"strings"
	"time"

	"github.com/joey-go/joey/kernel/pipe"
)

// stream reads one of a worker's two output streams. At a mark it stops until the event that belongs to it has been
// passed on.
type stream struct {
	name string
	r    output
	text splitter
	out  *outlet

	crash crash  // stderr only
	last  string // the last of what came; stderr only

	reached chan struct{} // the reader has come to a mark and waits
	passed  chan struct{} // it may go on
	ended   chan struct{} // closed when there is nothing more to read
	hurry   chan struct{} // holds a token when somebody awaits a mark
}

// output is the kernel's end of a worker's descriptor 1 or 2.
type output interface {
	io.ReadCloser
	SetReadDeadline(t time.Time) error
	// between calls f when the reader has nothing in its hands: what it took by the last Read it had passed on when it came for more.
	between(f func())
}

const (
	// bufferSize is that of a pipe on Linux: one read empties it.
	bufferSize = 64 << 10
	// lastSize is enough to say why a worker does not start.
	lastSize = 2 << 10
	// Small reads that follow each other within this time are many prints: to wake up for each would slow them down.
	gather = time.Millisecond
	small  = 4 << 10
)

func newStream(name string, r output, mark string, out *outlet) *stream {
	return &stream{
		name:    name,
		r:       r,
		text:    splitter{mark: []byte(mark)},
		out:     out,
		reached: make(chan struct{}),
		passed:  make(chan struct{}),
		ended:   make(chan struct{}),
		hurry:   make(chan struct{}, 1),
	}
}

// read passes output on until the pipe ends. When dying is closed no event follows a mark any more, so it stops at none.
func (s *stream) read(dying <-chan struct{}) {
	defer close(s.ended)
	buf := make([]byte, bufferSize)
	var last time.Time
	for {
		n, err := s.r.Read(buf)
		now := time.Now()
		if n < small && now.Sub(last) < 2*gather {
			s.pause()
		}
		last = now
		s.text.add(buf[:n])
		for s.next(dying) {
		}
		if err != nil {
			s.emit(s.text.rest())
			return
		}
	}
}

// pause lets more text gather in the pipe, unless somebody awaits a mark.
func (s *stream) pause() {
	select {
	case <-time.After(gather):
	case <-s.hurry:
	}
}

// next passes on the text up to the next mark, and says whether there was one.
func (s *stream) next(dying <-chan struct{}) bool {
	text, marked := s.text.next()
	s.emit(text)
	if !marked {
		return false
	}
	select {
	case s.reached <- struct{}{}:
		<-s.passed
	case <-dying:
	}
	return true
}

// await waits until the reader has come to a mark. resume must follow.
func (s *stream) await() {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	select {
	case <-s.reached:
	case <-s.ended:
	}
}

// settle waits until the reader has passed on all that it has taken, and flushes: but not the begin of a mark, which a goroutine has just
// written for another event.
func (s *stream) settle() {
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	s.r.between(func() {
		if !s.text.begun() {
			s.flush()
		}
	})
}

// resume lets the reader go on. Nobody else calls await and resume, so a reader that has ended was never awaited at a mark.
func (s *stream) resume() {
	select {
	case s.passed <- struct{}{}:
	case <-s.ended:
	}
}

// flush passes on what was held back: the bytes that wait for the rest of their character, and what looked like a crash.
// Only the reader may call it, or who has awaited it or its end, or settles.
func (s *stream) flush() {
	s.emit(s.text.held())
	s.show(s.crash.release())
}

func (s *stream) emit(text string) {
	if s.name != pipe.Stderr {
		s.show(text)
		return
	}
	if s.last += text; len(s.last) > lastSize {
		s.last = strings.Clone(s.last[len(s.last)-lastSize:])
	}
	s.show(s.crash.pass(text))
}

func (s *stream) show(text string) {
	if text != "" {
		s.out.stream(s.name, text)
	}
}
