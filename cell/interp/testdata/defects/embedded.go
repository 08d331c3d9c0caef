package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

type buffer struct {
	*bytes.Buffer
	n int
}

type clock struct{ time.Time }

type guarded struct {
	sync.RWMutex
	n int
}

type lines struct{ *bufio.Scanner }

type deep struct{ buffer }

type benched struct{ *testing.B }

func main() {
	b := buffer{bytes.NewBufferString("ok"), 1}
	var s fmt.Stringer = b
	fmt.Println(s.String(), s)
	var w io.Writer = deep{b}
	fmt.Fprint(w, "!")
	fmt.Println(b.Len(), b.String())
	if r, ok := w.(io.ReaderFrom); ok {
		n, err := r.ReadFrom(strings.NewReader("more"))
		fmt.Println(n, err, s)
	}
	t := clock{time.Unix(0, 0).UTC()}
	var x any = t
	fmt.Println(x, x.(interface{ Unix() int64 }).Unix(), t.Equal(t.Time))
	fmt.Printf("%T %v\n", x, x == any(t))
	var l sync.Locker = &guarded{}
	l.Lock()
	l.Unlock()
	sc := lines{bufio.NewScanner(strings.NewReader("a\nb"))}
	var scanner interface {
		Scan() bool
		Text() string
	} = sc
	for scanner.Scan() {
		fmt.Println(scanner.Text())
	}
	var once sync.Once
	testing.Benchmark(func(b *testing.B) { once.Do(func() { hidden(b) }) })
}

func hidden(b *testing.B) {
	helper, failed := b.Helper, b.Failed
	helper()
	defer b.Helper()
	f := (*testing.B).Failed
	fmt.Println(failed(), f(b), benched{b}.Failed())
	var h interface{ Failed() bool } = b
	fmt.Println(h.Failed())
	h = benched{b}
	fmt.Println(h.Failed())
	c := benched{b}
	g := c.Failed
	fmt.Println(g())
}
