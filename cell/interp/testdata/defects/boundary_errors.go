package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"
	"unicode/utf8"
)

type E1 struct{ code int }

func (e E1) Error() string   { return "e1 " + strconv.Itoa(e.code) }
func (e E1) Is(t error) bool { x, ok := t.(E1); return ok && x.code == e.code || t == fs.ErrExist }

type E2 struct {
	error
	extra []int
}

func (e *E2) Unwrap() error { return e.error }

type E3 []int

func (e E3) Error() string { return fmt.Sprint("e3 ", len(e)) }

type LV struct{ a, B int }

func (l LV) LogValue() slog.Value { return slog.GroupValue(slog.Int("a", l.a), slog.Int("b", l.B)) }

type Tree[T any] struct {
	l, r *Tree[T]
	v    T
}

func (t *Tree[T]) All() iter.Seq[T]         { return func(y func(T) bool) { t.push(y) } }
func (t *Tree[T]) push(y func(T) bool) bool { return t == nil || t.l.push(y) && y(t.v) && t.r.push(y) }

type mid func(http.Handler) http.Handler
type srv struct {
	hits atomic.Int64
	mu   sync.Mutex
	log  []string
}

func (s *srv) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.hits.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, r.Method+" "+r.URL.Path)
	if r.URL.Path == "/err" {
		http.Error(w, "bad", 418)
		return
	}
	w.Header().Set("X-H", "v")
	fmt.Fprintf(w, "hi %s %s", r.URL.Query().Get("q"), r.Context().Value(ck{}))
}

type ck struct{}

func main() {
	err := fmt.Errorf("top: %w and %w", &E2{E1{3}, []int{1}}, io.EOF)
	var e1 E1
	var e2 *E2
	var e3 E3
	fmt.Println(err, errors.Is(err, io.EOF), errors.Is(err, E1{3}), errors.Is(err, E1{4}), errors.Is(err, fs.ErrExist), errors.As(err, &e1), e1, errors.As(err, &e2), e2.extra, errors.As(err, &e3))
	fmt.Println(errors.Is(E3{1}, E3{1}), errors.Unwrap(&E2{io.EOF, nil}) == io.EOF, errors.Join(nil, E1{1}, nil, E3{}))
	j := errors.Join(E1{1}, E1{2})
	fmt.Println(errors.As(j, &e1), e1.code)
	lg := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	lg.Info("msg", "lv", LV{1, 2}, "err", err, "d", time.Second, slog.Group("g", "x", 1, "y", []int{1}), "st", struct{ A, b int }{1, 2})
	lg.With("w", LV{3, 4}).WithGroup("G").Warn("m2", "k", E1{9})
	jl := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(g []string, a slog.Attr) slog.Attr {
		if a.Key == "time" {
			return slog.Attr{}
		}
		return a
	}}))
	jl.Info("j", "lv", LV{1, 2}, "st", struct{ A, b int }{1, 2}, "e", E1{2}, "m", map[string]LV{"k": {1, 2}})
	log.SetOutput(os.Stdout)
	log.SetFlags(0)
	log.SetPrefix("p: ")
	log.Println("logged", LV{1, 2}, E1{1})
	l2 := log.New(os.Stdout, "[x] ", log.Lmsgprefix)
	l2.Printf("%v %+v", LV{1, 2}, LV{3, 4})
	t := &Tree[string]{&Tree[string]{nil, nil, "a"}, &Tree[string]{nil, nil, "c"}, "b"}
	for v := range t.All() {
		if v == "c" {
			break
		}
		fmt.Print(v, " ")
	}
	fmt.Println(slices.Collect(t.All()), slices.Sorted(maps.Keys(map[string]int{"z": 1, "y": 2})))
	next, stop := iter.Pull(t.All())
	a, ok := next()
	fmt.Println(a, ok)
	stop()
	a, ok = next()
	fmt.Printf("%q %v\n", a, ok)
	s := &srv{}
	wrap := mid(func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), ck{}, "ctxv")))
		})
	})
	ts := httptest.NewServer(wrap(s))
	defer ts.Close()
	for _, p := range []string{"/?q=1", "/err", "/z?q=%20x"} {
		res, err := http.Get(ts.URL + p)
		if err != nil {
			fmt.Println(err)
			continue
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		fmt.Println(res.StatusCode, strings.TrimSpace(string(b)), res.Header.Get("X-H"))
	}
	fmt.Println(s.hits.Load(), s.log)
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, httptest.NewRequest("POST", "/rec", strings.NewReader("b")))
	fmt.Println(rec.Code, rec.Body)
	re := regexp.MustCompile(`(\w+)@(\w+)`)
	fmt.Println(re.ReplaceAllStringFunc("a@b c@d", func(m string) string { return strings.ToUpper(m) }), re.FindAllStringSubmatch("a@b c@d", -1), re.ReplaceAllString("a@b", "$2.$1"))
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(E1{5})
	<-ctx.Done()
	fmt.Println(ctx.Err(), context.Cause(ctx), errors.Is(context.Cause(ctx), E1{5}))
	ctx, c2 := context.WithTimeout(context.Background(), time.Millisecond)
	defer c2()
	<-ctx.Done()
	fmt.Println(ctx.Err(), errors.Is(ctx.Err(), context.DeadlineExceeded))
	fsys := fstest.MapFS{"a/b.txt": {Data: []byte("hello")}, "a/c": {Data: []byte("x")}}
	fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		fmt.Print(p, d.IsDir(), " ")
		if p == "a/b.txt" {
			return fs.SkipDir
		}
		return nil
	})
	fmt.Println()
	_, err = os.Open("/no/such")
	var pe *fs.PathError
	fmt.Println(errors.As(err, &pe), pe.Op, pe.Path, errors.Is(err, fs.ErrNotExist))
	var once sync.Once
	for range 3 {
		once.Do(func() { fmt.Print("once ") })
	}
	ov := sync.OnceValue(func() LV { return LV{1, 2} })
	fmt.Println(ov(), ov())
	var wg sync.WaitGroup
	res := make([]int, 10)
	for i := range 10 {
		wg.Go(func() { res[i] = i * i })
	}
	wg.Wait()
	fmt.Println(res)
	func() {
		defer func() { r := recover(); re, ok := r.(runtime.Error); fmt.Println(ok, re) }()
		var m map[string]int
		m["x"]++
	}()
	func() { defer func() { fmt.Println(recover()) }(); var x any = E1{1}; _ = x.(fmt.Stringer) }()
	_, err = strconv.Atoi("12x")
	var ne *strconv.NumError
	fmt.Println(errors.As(err, &ne), ne.Func, ne.Num, ne.Err, errors.Is(err, strconv.ErrSyntax))
	fmt.Println(slices.SortedFunc(slices.Values([]LV{{3, 1}, {1, 2}}), func(a, b LV) int { return a.a - b.a }), slices.IndexFunc([]E1{{1}, {2}}, func(e E1) bool { return e.code == 2 }), slices.Contains([]E1{{1}}, E1{1}), maps.Collect(maps.All(map[LV]E1{{1, 2}: {3}})), utf8.RuneCountInString("héé"))
	tm := time.AfterFunc(time.Hour, func() {})
	fmt.Println(tm.Stop())
	tk := time.NewTicker(time.Millisecond)
	<-tk.C
	tk.Stop()
	tt, err := time.Parse("2006-01-02", "2024-02-30")
	fmt.Println(tt, err)
	fmt.Println(time.Unix(0, 0).UTC().Format(time.RFC1123), time.Duration(1234567890))
}
