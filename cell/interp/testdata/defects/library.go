package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"container/heap"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing/fstest"
	"time"
)

type IntHeap []int

func (h IntHeap) Len() int           { return len(h) }
func (h IntHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h IntHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *IntHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *IntHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

type rec struct {
	http.ResponseWriter
	code int
}

func (r *rec) WriteHeader(c int) { r.code = c; r.ResponseWriter.WriteHeader(c) }
func (r *rec) Flush() {
	fmt.Println("flush")
	if f, ok := r.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

type handler struct{ n int }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.n++
	rc := &rec{ResponseWriter: w}
	rc.Header().Set("X-N", fmt.Sprint(h.n))
	rc.WriteHeader(http.StatusTeapot)
	fmt.Fprintf(rc, "n=%d q=%s", h.n, r.URL.Query().Get("q"))
	fmt.Println(http.NewResponseController(rc).Flush())
	json.NewEncoder(rc).Encode(map[string]int{"a": 1})
}

type myDriver struct{}
type conn struct{}
type stmt struct{ q string }
type rows struct{ i int }

func (myDriver) Open(string) (driver.Conn, error)  { return conn{}, nil }
func (conn) Prepare(q string) (driver.Stmt, error) { return stmt{q}, nil }
func (conn) Close() error                          { return nil }
func (conn) Begin() (driver.Tx, error)             { return nil, errors.New("no tx") }
func (stmt) Close() error                          { return nil }
func (stmt) NumInput() int                         { return -1 }
func (stmt) Exec(a []driver.Value) (driver.Result, error) {
	fmt.Println("exec", a)
	return driver.RowsAffected(1), nil
}
func (stmt) Query(a []driver.Value) (driver.Rows, error) { return &rows{}, nil }
func (*rows) Columns() []string                          { return []string{"id", "name"} }
func (*rows) Close() error                               { return nil }
func (r *rows) Next(dest []driver.Value) error {
	if r.i == 2 {
		return io.EOF
	}
	r.i++
	dest[0], dest[1] = int64(r.i), "name"+fmt.Sprint(r.i)
	return nil
}

type Money int

func (m *Money) Scan(v any) error            { *m = Money(v.(int64) * 100); return nil }
func (m Money) Value() (driver.Value, error) { return int64(m), nil }

type Name string

type upper struct{ r io.Reader }

func (u upper) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

type NotFound struct{ Key string }

func (e NotFound) Error() string        { return "no " + e.Key }
func (e NotFound) Is(target error) bool { return target == fs.ErrNotExist }

func pairs(n int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range n {
			if !yield(i, strings.Repeat("x", i)) {
				return
			}
		}
	}
}

type point struct{ X, Y int }

func main() {
	h := &IntHeap{5, 2, 8}
	heap.Init(h)
	heap.Push(h, 3)
	for h.Len() > 0 {
		fmt.Print(heap.Pop(h), " ")
	}
	fmt.Println()
	w := httptest.NewRecorder()
	hd := &handler{}
	hd.ServeHTTP(w, httptest.NewRequest("GET", "/?q=z", nil))
	fmt.Println(w.Code, w.Body.String(), w.Header(), w.Flushed)
	mux := http.NewServeMux()
	mux.Handle("/h", hd)
	mux.HandleFunc("GET /f/{id}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PathValue("id")) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	for _, p := range []string{"/h?q=1", "/f/9", "/none"} {
		resp, err := http.Get(srv.URL + p)
		b, _ := io.ReadAll(resp.Body)
		fmt.Println(resp.StatusCode, strings.TrimSpace(string(b)), err)
	}
	out, err := io.ReadAll(upper{strings.NewReader("shout")})
	fmt.Println(string(out), err)
	sc := bufio.NewScanner(upper{strings.NewReader("a b\nc")})
	sc.Split(bufio.ScanWords)
	for sc.Scan() {
		fmt.Print(sc.Text(), ";")
	}
	fmt.Println()
	var zb bytes.Buffer
	zw := gzip.NewWriter(&zb)
	io.Copy(zw, upper{strings.NewReader("zip")})
	zw.Close()
	zr, _ := gzip.NewReader(&zb)
	out, _ = io.ReadAll(zr)
	fmt.Println(string(out))
	err = fmt.Errorf("ctx: %w", NotFound{"k"})
	var nf NotFound
	fmt.Println(errors.Is(err, fs.ErrNotExist), errors.As(err, &nf), nf.Key, err)
	fmt.Println(errors.Join(err, io.EOF), errors.Is(errors.Join(err, io.EOF), io.EOF))
	for i, s := range pairs(3) {
		fmt.Print(i, s, " ")
	}
	fmt.Println(maps.Collect(pairs(2)))
	html := template.Must(template.New("h").Parse(`{{range .}}<a href="{{.X}}">{{.Y}}</a>{{end}}` + "\n"))
	html.Execute(os.Stdout, []point{{1, 2}, {3, 4}})
	c := exec.Command("cat")
	c.Stdin = upper{strings.NewReader("to cat")}
	var cb bytes.Buffer
	c.Stdout = &cb
	fmt.Println(c.Run(), cb.String())
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), point{1, 2}, Name("v")), time.Hour)
	fmt.Println(ctx.Value(point{1, 2}), ctx.Value(point{2, 1}))
	cancel()
	fmt.Println(ctx.Err(), context.Cause(ctx))
	ps := []point{{3, 1}, {1, 2}, {2, 0}}
	sort.Slice(ps, func(i, j int) bool { return ps[i].X < ps[j].X })
	slices.SortFunc(ps, func(a, b point) int { return a.Y - b.Y })
	fmt.Println(ps)
	var once sync.Once
	once.Do(func() { fmt.Println("once") })
	fsys := fstest.MapFS{"a.txt": {Data: []byte("hello")}}
	b, err := fs.ReadFile(fsys, "a.txt")
	fmt.Println(string(b), err, hex.EncodeToString(b))
	fmt.Printf("%v %+v %#v %T\n", ps[0], &ps[0], ps, ps)
	fmt.Printf("%v %v\n", struct{ P *int }{nil}, []error{nil, io.EOF})
	fmt.Printf("%6.2f|%-5s|%05d|%x|%q|%U\n", 3.14159, Name("ab"), Money(42), Name("hi"), Name("q"), 'x')
	sql.Register("my", myDriver{})
	db, err := sql.Open("my", "")
	fmt.Println(err)
	rs, err := db.Query("select", Money(3))
	fmt.Println(err)
	for rs.Next() {
		var m Money
		var s string
		fmt.Println(rs.Scan(&m, &s), m, s)
	}
	_, err = db.Exec("x", Money(7), "a", Name("zz"))
	fmt.Println(err)
	var nm Name
	var id int
	fmt.Println(db.QueryRow("q").Scan(&id, &nm), id, nm)
}
