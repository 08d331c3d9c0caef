package main

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
)

func try(name string, f func()) {
	defer func() { r := recover(); _, ok := r.(runtime.Error); fmt.Println(name, r, ok) }()
	f()
}

type E struct{ n int }

func (e E) Error() string { return fmt.Sprint("E", e.n) }
func main() {
	var keep func(int) bool
	bad := func(yield func(int) bool) { keep = yield; yield(1); yield(2) }
	try("break", func() {
		for range bad {
			break
		}
	})
	try("return", func() {
		func() int {
			for range bad {
				return 1
			}
			return 0
		}()
	})
	try("after", func() {
		for range func(yield func(int) bool) { keep = yield; yield(1) } {
		}
		keep(3)
	})
	try("panic", func() {
		for range func(yield func(int) bool) { func() { defer func() { recover() }(); yield(1) }(); yield(2) } {
			panic("body")
		}
	})
	try("missed", func() {
		for range func(yield func(int) bool) { defer func() { recover() }(); yield(1) } {
			panic("body")
		}
	})
	try("continue", func() {
		for i := range iter.Seq[int](bad) {
			if i == 1 {
				continue
			}
			fmt.Println(i)
		}
	})
	var buf bytes.Buffer
	ts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/e" {
			panic(E{3})
		}
		defer func() {}()
		panic("handler " + r.URL.Path)
	}))
	ts.Config.ErrorLog = log.New(&buf, "", 0)
	ts.Start()
	for _, p := range []string{"/a", "/e"} {
		_, err := http.Get(ts.URL + p)
		fmt.Println(err != nil)
	}
	ts.Close()
	for _, l := range strings.Split(buf.String(), "\n") {
		if i := strings.Index(l, ": "); strings.HasPrefix(l, "http: panic") {
			l = l[i+2:]
			fmt.Println(l[strings.LastIndex(l, "]:")+1:][strings.Index(l, ": ")+1:])
		}
	}
	fmt.Fprintln(os.Stdout, errors.Is(E{1}, E{1}))
}
