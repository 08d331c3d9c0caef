package main

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"encoding/csv"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
)

type P struct {
	Name string `json:"name" xml:"name,attr"`
	Age  int    `json:"age"`
	priv int
}
type V int

func (v V) Value() (driver.Value, error) { return int64(v), nil }

type Pair[A, B any] struct {
	a A
	b B
}
type MyInt int

func main() {
	var x any = Pair[MyInt, []string]{1, nil}
	fmt.Printf("%T %v %+v\n", x, x, x)
	fmt.Printf("%T\n", func(a int, b string) (n int, err error) { return 0, nil })
	var f func(x P) = func(p P) {}
	fmt.Printf("%T\n", f)
	var p P
	err := json.Unmarshal([]byte(`{"name": 5}`), &p)
	fmt.Println(err)
	var ute *json.UnmarshalTypeError
	fmt.Println(errors.As(err, &ute))
	fmt.Printf("%v %d %s\n", nil, nil, nil)
	pp := &p
	ppp := &pp
	_ = ppp
	fmt.Printf("%v %+v\n", pp, []any{nil, 1, P{"a", 1, 2}, &P{"b", 2, 3} != nil})
	fmt.Println(map[V]P{3: {"c", 1, 1}, 1: {"a", 2, 2}})
	fmt.Println(map[any]int{"a": 1, 2: 2, V(3): 4, 1.5: 2})
	func() {
		defer func() { fmt.Println(recover()) }()
		panic(fmt.Errorf("boom %d", 3))
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		panic(P{"x", 1, 2})
	}()
	fmt.Printf("%[2]T %[1]T\n", V(1), p)
	fmt.Printf("%[1]T %[1]v\n", p)
	fmt.Printf("%!|%z|%d\n", p, V(3))
	buf := make([]byte, 8)
	_ = buf

	var bo = binary.Size(3)
	fmt.Println(bo)
	out, err := xml.Marshal(p)
	fmt.Println(string(out), err)
	out, err = xml.Marshal([]P{{"q", 1, 2}})
	fmt.Println(string(out), err)
	var bb bytes.Buffer
	err = gob.NewEncoder(&bb).Encode(P{"gob", 3, 4})
	var g P
	err2 := gob.NewDecoder(&bb).Decode(&g)
	fmt.Println(g, err, err2)
	cw := csv.NewWriter(os.Stdout)
	cw.Write([]string{"a", "b,c"})
	cw.Flush()
	t := template.Must(template.New("x").Funcs(template.FuncMap{"up": strings.ToUpper}).Parse("{{.Name | up}} {{.Age}}\n"))
	fmt.Println(t.Execute(os.Stdout, p))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "hi %s", r.URL.Path) }))
	resp, err := http.Get(srv.URL + "/zz")
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(string(body), resp.StatusCode, err)
	srv.Close()
	ps := []P{{"z", 3, 0}, {"y", 1, 0}}
	sort.Slice(ps, func(i, j int) bool { return ps[i].Age < ps[j].Age })
	fmt.Println(ps)
	log.SetFlags(0)
	log.SetOutput(os.Stdout)
	log.Printf("%v %T", p, p)
	var av atomic.Value
	av.Store(P{"at", 1, 2})
	fmt.Println(av.Load().(P).Name)
	var sm sync.Map
	sm.Store(V(1), P{"sm", 0, 0})
	v, ok := sm.Load(V(1))
	fmt.Println(v, ok, v.(P).Name)
	var pool = sync.Pool{New: func() any { return &P{"pool", 0, 0} }}
	fmt.Println(pool.Get().(*P).Name)
	os.Args = []string{"a", "b"}
	fmt.Println(os.Args)
	http.DefaultClient.Timeout = 5
	fmt.Println(http.DefaultClient.Timeout)
}

type Inner struct{ N int }
type Outer struct {
	In  Inner `json:"in"`
	Ps  []P   `json:"ps"`
	Map map[string]Inner
}

func init() {
	var o Outer
	for _, s := range []string{`{"in": {"N": "x"}}`, `{"ps": [{"age": "q"}]}`, `{"Map": {"k": {"N": true}}}`, `{"in": 4}`, `[1]`, `{"ps": [4]}`} {
		fmt.Println(json.Unmarshal([]byte(s), &o))
		fmt.Println(json.NewDecoder(strings.NewReader(s)).Decode(&o))
	}
	var e *json.UnmarshalTypeError
	err := json.Unmarshal([]byte(`{"in": 4}`), &o)
	fmt.Println(errors.As(err, &e), e.Field, e.Struct, e.Offset, e.Value)
	fmt.Println(json.Unmarshal([]byte(`{"in": 4}`), o))
	fmt.Println(json.Unmarshal([]byte(`{"in": 4`), &o))
	_, err = json.Marshal(struct{ F func() }{})
	fmt.Println(err)
}
