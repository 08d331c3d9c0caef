package main

// What encoding/json makes of cells' types: their methods, embedded pointers, keys, options, and what is there before decoding.

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

type ID int

func (i ID) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("id-%d", int(i))), nil }
func (i *ID) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "id-%d", (*int)(i))
	return err
}

type Date struct{ y, m int }

func (d Date) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprintf("%d/%d", d.y, d.m)) }
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("date: %w", err)
	}
	_, err := fmt.Sscanf(s, "%d/%d", &d.y, &d.m)
	return err
}

type Base struct {
	ID    ID `json:"id"`
	Shown string
}
type inner struct {
	Deep int `json:"deep,omitempty"`
	low  int
}
type Doc struct {
	Base
	inner
	*Extra
	D     Date            `json:"d"`
	PD    *Date           `json:"pd,omitempty"`
	Z     time.Time       `json:"z,omitzero"`
	N     int             `json:"n,string"`
	B     bool            `json:",string"`
	Raw   json.RawMessage `json:"raw"`
	I     any             `json:"i"`
	M     map[ID]Date     `json:"m,omitempty"`
	MI    map[int]string  `json:"mi,omitempty"`
	By    []byte          `json:"by"`
	Skip  int             `json:"-"`
	Dash  int             `json:"-,"`
	priv  string
	Arr   [2]ID    `json:"arr"`
	E     struct{} `json:"e"`
	OZ    Zero     `json:"oz,omitzero"`
	F     float64
	Iface Namer `json:"iface"`
}
type Extra struct{ X, Y int }
type Zero struct{ v int }

func (z Zero) IsZero() bool { return z.v == 42 }

type Namer interface{ Name() string }
type N1 struct{ S string }

func (n N1) Name() string { return n.S }

type Status string
type Level int

func (l Level) String() string { return "L" }

type Animal struct {
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}
type Dog struct{ Bark int }
type Cat struct{ Lives int }

type Poly struct{ V any }

func (p *Poly) UnmarshalJSON(b []byte) error {
	var a Animal
	if err := json.Unmarshal(b, &a); err != nil {
		return err
	}
	switch a.Kind {
	case "dog":
		var d Dog
		if err := json.Unmarshal(a.Data, &d); err != nil {
			return err
		}
		p.V = d
	case "cat":
		p.V = &Cat{}
		return json.Unmarshal(a.Data, p.V)
	default:
		return errors.New("unknown kind " + a.Kind)
	}
	return nil
}

type ptrM struct{ v int }

func (p *ptrM) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(p.v)), nil }

type failM struct{}

func (failM) MarshalJSON() ([]byte, error) { return nil, errors.New("no way") }

type Node struct {
	V    int
	Next *Node  `json:",omitempty"`
	Kids []Node `json:",omitempty"`
}

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "PANIC", r)
		}
	}()
	fmt.Print(name, ": ")
	f()
}
func show(v any) {
	b, err := json.Marshal(v)
	fmt.Println(string(b), err)
}

func main() {
	d := Doc{Base: Base{3, "s"}, inner: inner{Deep: 5}, Extra: &Extra{1, 2}, D: Date{2024, 5}, N: 7, B: true, Raw: json.RawMessage(`{"a":1}`), I: Date{1, 2}, M: map[ID]Date{2: {3, 4}, 1: {5, 6}},
		MI: map[int]string{10: "a", 9: "b"}, By: []byte("hi"), Skip: 1, Dash: 2, Arr: [2]ID{8, 9}, OZ: Zero{42}, F: 1e21, Iface: N1{"nm"}}
	try("doc", func() { show(d) })
	try("docp", func() { d.PD = &Date{9, 9}; show(&d) })
	try("undoc", func() {
		b, _ := json.Marshal(d)
		var e Doc
		b = []byte(strings.Replace(string(b), `{"S":"nm"}`, "null", 1))
		err := json.Unmarshal(b, &e)
		fmt.Println(err)
		fmt.Println(e.ID, e.Shown, e.Deep, e.X, e.D, *e.PD, e.N, e.B, string(e.Raw), e.I, e.M, e.MI, string(e.By), e.Dash, e.Arr, e.F, e.Iface)
	})
	try("iface filled", func() {
		n := &N1{"old"}
		e := struct{ Iface Namer }{n}
		err := json.Unmarshal([]byte(`{"Iface":{"S":"new"}}`), &e)
		fmt.Println(err, n.S)
	})
	try("any filled", func() {
		n := &N1{"old"}
		var x any = n
		err := json.Unmarshal([]byte(`{"S":"new"}`), &x)
		fmt.Println(err, n.S, x)
	})
	try("keep", func() {
		e := Doc{priv: "kept", Skip: 4, Base: Base{ID: 1, Shown: "old"}}
		fmt.Println(json.Unmarshal([]byte(`{"id":"id-5"}`), &e), e.priv, e.Skip, e.ID, e.Shown)
	})
	try("poly", func() {
		var ps []Poly
		fmt.Println(json.Unmarshal([]byte(`[{"kind":"dog","data":{"Bark":3}},{"kind":"cat","data":{"Lives":9}}]`), &ps))
		fmt.Printf("%T %v %T %v\n", ps[0].V, ps[0].V, ps[1].V, ps[1].V)
		fmt.Println(json.Unmarshal([]byte(`[{"kind":"cow"}]`), &ps))
	})
	try("ptrM", func() {
		show(ptrM{1})
		show(&ptrM{2})
		show([]ptrM{{3}})
		show([]*ptrM{{4}})
		show(map[string]ptrM{"a": {5}})
		x := struct{ P ptrM }{ptrM{6}}
		show(x)
		show(&x)
	})
	try("failM", func() { show(failM{}); show(struct{ F failM }{}); show([]any{failM{}}) })
	try("status", func() { show(map[Status]Level{"b": 1, "a": 2}); show([]Level{1}) })
	try("node", func() { show(Node{1, &Node{2, nil, nil}, []Node{{V: 3}}}) })
	try("unnode", func() {
		var n Node
		fmt.Println(json.Unmarshal([]byte(`{"V":1,"Next":{"V":2,"Next":{"V":3}},"Kids":[{"V":4,"Kids":[{"V":5}]}]}`), &n), n.Next.Next.V, n.Kids[0].Kids[0].V)
	})
	try("errors", func() {
		var e Doc
		for _, s := range []string{`{"d": 5}`, `{"d":"x"}`, `{"n": 5}`, `{"arr":["zz"]}`, `{"m":{"bad":"1/2"}}`, `{"F":"x"}`, `{"by": 4}`, `{`, `[]`} {
			err := json.Unmarshal([]byte(s), &e)
			var ute *json.UnmarshalTypeError
			var se *json.SyntaxError
			fmt.Println(s, "→", err, errors.As(err, &ute), errors.As(err, &se))
		}
	})
	try("strict", func() {
		dec := json.NewDecoder(strings.NewReader(`{"id":"id-1","zzz":1}`))
		dec.DisallowUnknownFields()
		var b Base
		fmt.Println(dec.Decode(&b))
		dec = json.NewDecoder(strings.NewReader(`{"v": 12345678901234567890}`))
		dec.UseNumber()
		var m map[string]any
		fmt.Println(dec.Decode(&m), m)
		var x struct{ V any }
		dec = json.NewDecoder(strings.NewReader(`{"v": 12345678901234567890}`))
		dec.UseNumber()
		fmt.Println(dec.Decode(&x), x)
	})
	try("stream", func() {
		dec := json.NewDecoder(strings.NewReader(`[{"id":"id-1"},{"id":"id-2"}]`))
		dec.Token()
		for dec.More() {
			var b Base
			fmt.Print(dec.Decode(&b), b, ";")
		}
		fmt.Println()
	})
	try("enc", func() {
		enc := json.NewEncoder(os.Stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent(">", " ")
		enc.Encode(Base{1, "<&>"})
		enc.Encode(Date{1, 2})
		enc.Encode(map[string]any{"x": Base{1, "<&>"}, "y": []any{ID(3), Level(4)}})
	})
	try("unsupported", func() {
		show(make(chan int))
		show(struct{ F func() }{})
		show(map[float64]int{1: 1})
		show(struct{ C complex128 }{})
	})
	try("ptr keys", func() { show(map[ID]*Base{1: {2, "x"}}) })
	try("nilptr", func() { show((*Doc)(nil)); show([]*Date{nil}); show(struct{ D *Date }{}); var n Namer; show(n) })
	try("dup", func() {
		type A struct{ X int }
		type B struct{ X int }
		type C struct {
			A
			B
			Y int
		}
		show(C{A{1}, B{2}, 3})
	})
	try("case", func() {
		var v struct {
			FooBar int `json:"foo_bar"`
			Foobar int
		}
		fmt.Println(json.Unmarshal([]byte(`{"FOO_BAR":1,"foobar":2}`), &v), v)
	})
	try("slices", func() {
		s := make([]Base, 3, 10)
		s[2].Shown = "x"
		fmt.Println(json.Unmarshal([]byte(`[{"id":"id-1"}]`), &s), s, len(s), cap(s))
		var arr [3]int
		fmt.Println(json.Unmarshal([]byte(`[1,2]`), &arr), arr)
		m := map[string]*Base{"a": {1, "keep"}}
		fmt.Println(json.Unmarshal([]byte(`{"a":{"id":"id-9"},"b":{}}`), &m), *m["a"], len(m))
	})
	try("generic", func() {
		show(Wrap[Base]{Base{1, "g"}})
		var w Wrap[[]int]
		fmt.Println(json.Unmarshal([]byte(`{"v":[1,2]}`), &w), w)
	})
	try("valid", func() { fmt.Println(json.Valid([]byte(`{}`))) })
	try("marshaler iface", func() {
		var m json.Marshaler = Date{3, 4}
		show(m)
		show([]json.Marshaler{Date{1, 1}, &ptrM{3}})
		b, _ := m.MarshalJSON()
		fmt.Println(string(b))
	})
	try("alias trick", func() { show(Acc{"u", "p"}) })
}

type Acc struct{ User, Pass string }

func (a Acc) MarshalJSON() ([]byte, error) {
	type alias Acc
	return json.Marshal(struct {
		alias
		Pass string `json:",omitempty"`
		Kind string
	}{alias: alias(a), Kind: "acc"})
}

type Wrap[T any] struct {
	V T `json:"v"`
}
