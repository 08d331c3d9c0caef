package main

import (
	"fmt"
	"log"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
)

type T struct{ n int }

func (t *T) m() { where("m") }
func (t T) v()  { where("v") }

var glob = func() string { return loc(1) }()

func loc(n int) string {
	pc, file, line, ok := runtime.Caller(n)
	name := "?"
	if ok {
		name = runtime.FuncForPC(pc).Name()
	}
	return fmt.Sprint(name, " ", filepath.Base(file), ":", line, " ", ok)
}

func where(s string) {
	fmt.Println("==", s)
	pcs := make([]uintptr, 50)
	n := runtime.Callers(1, pcs)
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") || f.Function == "runtime.gopanic" {
			fmt.Println(f.Function, filepath.Base(f.File), f.Line)
		}
		if !more {
			break
		}
	}
}

func rec(n int) {
	if n == 0 {
		where("rec")
		return
	}
	if n == 2 {
		rec(n - 1)
		return
	}
	rec(n - 1)
}

func gen[E any](e E) { where("gen") }

type I interface{ m() }

func seq(yield func(int) bool) { yield(1) }

func main() {
	fmt.Println(glob)
	t := &T{1}
	t.m()
	t.v()
	var i I = t
	i.m()
	rec(3)
	gen(1)
	gen("x")
	f := func() {
		func() { where("nested") }()
	}
	f()
	g := t.m
	g()
	for x := range seq {
		_ = x
		where("range")
	}
	sort.Slice([]int{2, 1}, func(i, j int) bool { where("less"); return false })
	func() {
		defer func() {
			recover()
			where("after panic")
		}()
		var p *T
		p.n = 3
	}()
	func() {
		defer where("deferred")
		_ = 1
	}()
	done := make(chan bool)
	go func() { where("go"); close(done) }()
	<-done
	log.SetFlags(log.Lshortfile)
	var out strings.Builder
	log.SetOutput(&out)
	log.Println("hello")
	log.Printf("%d", 3)
	l := log.New(&out, "pre ", log.Lshortfile|log.Lmsgprefix)
	l.Print("x")
	helper(l)
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{AddSource: true, ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		if s, ok := a.Value.Any().(*slog.Source); ok {
			s.File = filepath.Base(s.File)
		}
		return a
	}})
	slog.New(h).Info("m", "a", 1)
	fmt.Print(out.String())
	for _, l := range strings.Split(string(debug.Stack()), "\n") {
		if name, _, ok := strings.Cut(l, "("); ok && strings.HasPrefix(l, "main.") {
			fmt.Println(name)
		}
	}
}

func helper(l *log.Logger) { l.Output(2, "from helper") }
