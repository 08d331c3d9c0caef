package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"embed"
	"encoding"
	"encoding/base64"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash/fnv"
	"html/template"
	"io"
	"math"
	"math/cmplx"
	"math/rand"
	"mime/multipart"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"text/scanner"
	"time"
	"unsafe"
)

var _ embed.FS

type lvl int

func (l *lvl) Set(s string) error {
	if s == "bad" {
		return fmt.Errorf("no %s", s)
	}
	*l = lvl(len(s))
	return nil
}
func (l *lvl) String() string { return fmt.Sprint("lvl", int(*l)) }

type ip struct{ a, b byte }

func (i ip) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("%d.%d", i.a, i.b)), nil }
func (i *ip) UnmarshalText(t []byte) error {
	_, err := fmt.Sscanf(string(t), "%d.%d", &i.a, &i.b)
	return err
}

var _ encoding.TextUnmarshaler = (*ip)(nil)

type drv struct{}

func (drv) Open(n string) (driver.Conn, error) { return &conn{}, nil }

type conn struct{}

func (c *conn) Prepare(q string) (driver.Stmt, error) { return &stmt{q}, nil }
func (c *conn) Close() error                          { return nil }
func (c *conn) Begin() (driver.Tx, error)             { return tx{}, nil }

type tx struct{}

func (tx) Commit() error   { fmt.Println("commit"); return nil }
func (tx) Rollback() error { fmt.Println("rollback"); return nil }

type stmt struct{ q string }

func (s *stmt) Close() error  { return nil }
func (s *stmt) NumInput() int { return strings.Count(s.q, "?") }
func (s *stmt) Exec(a []driver.Value) (driver.Result, error) {
	fmt.Println("exec", s.q, a)
	return driver.RowsAffected(2), nil
}
func (s *stmt) Query(a []driver.Value) (driver.Rows, error) { return &rows{n: 2}, nil }

type rows struct{ n int }

func (r *rows) Columns() []string { return []string{"id", "name", "at"} }
func (r *rows) Close() error      { return nil }
func (r *rows) Next(d []driver.Value) error {
	if r.n == 0 {
		return io.EOF
	}
	d[0], d[1] = int64(r.n), fmt.Sprint("row", r.n)
	d[2] = nil
	r.n--
	return nil
}

type nm string

func (n *nm) Scan(v any) error            { *n = nm(fmt.Sprintf("<%v>", v)); return nil }
func (n nm) Value() (driver.Value, error) { return "val:" + string(n), nil }

type shape interface{ Area() float64 }
type sq struct{ s float64 }

func (s sq) Area() float64 { return s.s * s.s }

func main() {
	fs := flag.NewFlagSet("x", flag.ContinueOnError)
	fs.SetOutput(os.Stdout)
	var l lvl
	var i ip
	fs.Var(&l, "l", "level `n`")
	fs.TextVar(&i, "ip", ip{1, 2}, "addr")
	d := fs.Duration("d", time.Second, "dur")
	fs.Func("f", "fn", func(s string) error { fmt.Println("func", s); return nil })
	fmt.Println(fs.Parse([]string{"-l", "abc", "-ip", "3.4", "-d=2s", "-f", "q", "rest"}), l, i, *d, fs.Args())
	fs.VisitAll(func(f *flag.Flag) { fmt.Println(f.Name, f.Value, f.DefValue) })
	sql.Register("mine", drv{})
	db, err := sql.Open("mine", "")
	fmt.Println(err)
	res, err := db.Exec("insert ? ?", 1, nm("q"))
	fmt.Println(err)
	n, _ := res.RowsAffected()
	fmt.Println(n)
	rs, err := db.Query("select")
	for rs.Next() {
		var id int
		var s nm
		var at sql.NullTime
		fmt.Println(rs.Scan(&id, &s, &at), id, s, at)
	}
	fmt.Println(rs.Err())
	t, _ := db.Begin()
	t.Exec("u")
	fmt.Println(t.Commit())
	var x struct {
		id   int
		name string
	}
	var a any
	fmt.Println(db.QueryRow("q").Scan(&x.id, &x.name, &a), x, a)
	r := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			_ = math.Sqrt(2)
		}
	})
	fmt.Println(r.N > 0)
	fmt.Println(testing.AllocsPerRun(1, func() {}) >= 0)
	fmt.Println(reflect.TypeOf(sq{}).Name(), reflect.TypeOf((*shape)(nil)).Elem().NumMethod(), reflect.ValueOf(sq{3}).Method(0).Call(nil)[0], reflect.DeepEqual([]sq{{1}}, []sq{{1}}), reflect.TypeOf(sq{}).Implements(reflect.TypeOf((*shape)(nil)).Elem()))
	f := template.Must(template.New("t").Parse(`{{range $i, $e := .}}{{$i}}:{{$e.Name}} {{end}}{{"<b>"}}` + "\n"))
	fmt.Println(f.Execute(os.Stdout, []struct{ Name string }{{"a&b"}, {"c"}}))
	h := fnv.New32a()
	io.WriteString(h, "hash")
	fmt.Println(h.Sum32())
	fmt.Printf("%x\n", sha256.Sum256([]byte("x")))
	fmt.Println(base64.StdEncoding.EncodeToString([]byte("hi?")))
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "f.go", "package p; func F() {}; type T int", 0)
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			fmt.Print(id.Name, " ")
		}
		return true
	})
	fmt.Println(err)
	var b bytes.Buffer
	zw := zip.NewWriter(&b)
	w, _ := zw.Create("a.txt")
	io.WriteString(w, "zipped")
	zw.Close()
	zr, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	rc, _ := zr.File[0].Open()
	zb, _ := io.ReadAll(rc)
	fmt.Println(string(zb), err)
	var g bytes.Buffer
	gw := gzip.NewWriter(&g)
	gw.Write([]byte("gz"))
	gw.Close()
	gr, _ := gzip.NewReader(&g)
	gb, _ := io.ReadAll(gr)
	fmt.Println(string(gb))
	c1, c2 := net.Pipe()
	go func() { fmt.Fprintf(c1, "ping"); c1.Close() }()
	nb, _ := io.ReadAll(c2)
	fmt.Println(string(nb))
	out, err := exec.Command("sh", "-c", "echo out; exit 3").Output()
	var ee *exec.ExitError
	fmt.Println(string(out), err)
	if e, ok := err.(*exec.ExitError); ok {
		ee = e
		fmt.Println(ee.ExitCode())
	}
	fmt.Println(filepath.Join("a", "..", "b"), cmplx.Abs(3+4i), math.Inf(1), math.NaN(), unsafe.Sizeof(x), rand.New(rand.NewSource(1)).Intn(100))
	var sc scanner.Scanner
	sc.Init(strings.NewReader("x := 1 // c"))
	for tok := sc.Scan(); tok != scanner.EOF; tok = sc.Scan() {
		fmt.Print(sc.TokenText(), "|")
	}
	fmt.Println()
	mp := multipart.NewWriter(&b)
	mp.SetBoundary("bb")
	mp.WriteField("k", "v")
	mp.Close()
	ss := []sq{{3}, {1}, {2}}
	sort.Slice(ss, func(i, j int) bool { return ss[i].s < ss[j].s })
	fmt.Println(ss, sort.Search(3, func(i int) bool { return ss[i].s >= 2 }))
	fmt.Printf("%6.2f|%-8s|%+v|%#v|%T|%p|%t|%c|%U|%e|%08b|%o|%x\n", 3.14159, "s", struct {
		A int
		b []string
	}{1, nil}, map[sq]int{{1}: 2}, map[string][]sq{}, nil, true, 'x', 'é', 12345.678, 5, 8, "hex")
	fmt.Printf("%v %d %s %[1]v %!|%z\n", []byte("ab"), []byte("ab"), []byte("ab"), 3)
	fmt.Printf("%*d|%-*d|%.*f\n", 5, 1, 5, 2, 2, 3.14159)
	var np *sq
	var ns shape
	fmt.Printf("%v %+v %v %s\n", np, np, ns, error(nil))
	fmt.Printf("%d%%|%x|% x|%#x|%q\n", 50, []string{"a"}, "abc", "abc", []string{"q"})
	var s1, s2 string
	var n1 int
	k, err := fmt.Sscanf("ab 12 cd", "%s %d %s", &s1, &n1, &s2)
	fmt.Println(k, err, s1, n1, s2)
	k, err = fmt.Sscan("1 x", &n1, &n1)
	fmt.Println(k, err)
}
