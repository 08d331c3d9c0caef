package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

type Color int

const (
	Red Color = iota
	Green
)

func (c Color) String() string               { return [...]string{"red", "green"}[c] }
func (c Color) MarshalText() ([]byte, error) { return []byte("c-" + c.String()), nil }
func (c *Color) UnmarshalText(b []byte) error {
	switch string(b) {
	case "c-red":
		*c = Red
	case "c-green":
		*c = Green
	default:
		return fmt.Errorf("bad color %q", b)
	}
	return nil
}

type Base struct {
	ID   int    `json:"id"`
	Kind string `json:"kind,omitempty"`
}

func (b Base) Describe() string { return fmt.Sprint("base ", b.ID) }

type Inner struct {
	Base
	Name string `json:"name"`
	Kind string `json:"k2"`
}
type Opt[T any] struct {
	V   T    `json:"v"`
	Set bool `json:"-"`
}

func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.Set {
		return []byte("null"), nil
	}
	return json.Marshal(o.V)
}
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*o = Opt[T]{}
		return nil
	}
	o.Set = true
	return json.Unmarshal(b, &o.V)
}

type Doc struct {
	*Base
	C   Color
	M   map[Color]int
	L   []Color
	P   *Color
	T   time.Time
	D   time.Duration
	B   []byte
	R   json.RawMessage
	Any any
	O   Opt[int]
	O2  Opt[string]
	Big *big.Int
	F   float64 `json:",string"`
	I8  int8
	U   *url.URL `json:"-"`
	A   netip.Addr
	S   struct{ X, Y int }
	E   map[string]Inner `json:"e"`
	Z   [2]bool
	N   *Doc `json:",omitempty"`
	fn  func()
}
type Person struct {
	XMLName xml.Name `xml:"person"`
	ID      int      `xml:"id,attr"`
	First   string   `xml:"name>first"`
	Last    string   `xml:"name>last"`
	Emails  []Email  `xml:"email"`
	Note    string   `xml:",comment"`
	Body    string   `xml:",chardata"`
}
type Email struct {
	Where string `xml:"where,attr"`
	Addr  string
}

func main() {
	c := Green
	d := Doc{Base: &Base{7, "k"}, C: Green, M: map[Color]int{Red: 1, Green: 2}, L: []Color{Red, Green}, P: &c, T: time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC), D: time.Minute, B: []byte("hi"), R: json.RawMessage(`{"a": [1,2]}`), Any: Inner{Base{1, ""}, "n", "x"}, O: Opt[int]{5, true}, Big: big.NewInt(99), F: 1.5, I8: -3, A: netip.MustParseAddr("1.2.3.4"), E: map[string]Inner{"q": {Base{2, "kk"}, "m", "z"}}}
	b, err := json.Marshal(d)
	fmt.Println(string(b), err)
	var back Doc
	err = json.Unmarshal(b, &back)
	fmt.Println(err, back.ID, back.C, back.M, back.L, *back.P, back.T, back.D, string(back.B), string(back.R), back.Any, back.O, back.O2, back.Big, back.F, back.A, back.E)
	b, err = json.MarshalIndent(map[string]any{"x": d.E, "l": []any{c, Inner{}, nil}}, ">", "  ")
	fmt.Println(string(b), err)
	for _, s := range []string{`{"C":"c-blue"}`, `{"I8":300}`, `{"id":"x"}`, `{"L":[1]}`, `{"M":{"zz":1}}`, `[1]`, `{"S":{"X":"q"}}`, `{"C":`, `{"O":"str"}`, `{"F":1.5}`, `{"T":"nope"}`} {
		var x Doc
		err := json.Unmarshal([]byte(s), &x)
		fmt.Printf("%s -> %v %T\n", s, err, err)
	}
	dec := json.NewDecoder(strings.NewReader(`{"id":1,"bogus":2} {"id":3}`))
	dec.DisallowUnknownFields()
	var i Inner
	fmt.Println(dec.Decode(&i))
	dec = json.NewDecoder(strings.NewReader(`{"id":1}{"id":3}`))
	for dec.More() {
		var i Inner
		fmt.Println(dec.Decode(&i), i)
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	fmt.Println(enc.Encode(struct {
		A string
		B Color
	}{"<&>", Red}))
	p := Person{ID: 3, First: "A", Last: "B", Emails: []Email{{"home", "a@b"}, {"work", "c@d"}}, Note: " hey ", Body: "text"}
	x, err := xml.MarshalIndent(p, "", " ")
	fmt.Println(string(x), err)
	var p2 Person
	fmt.Println(xml.Unmarshal(x, &p2), p2.ID, p2.First, p2.Emails, strings.TrimSpace(p2.Body))
	fmt.Println(Inner{Base{4, ""}, "", ""}.Describe())
	var m sync.Map
	m.Store(Inner{Name: "k"}, c)
	v, ok := m.Load(Inner{Name: "k"})
	fmt.Println(v, ok)
	m.Range(func(k, v any) bool { fmt.Println(k.(Inner).Name, v.(Color)); return true })
	pool := sync.Pool{New: func() any { return &Inner{Name: "new"} }}
	q := pool.Get().(*Inner)
	fmt.Println(q.Name)
	var out bytes.Buffer
	json.Compact(&out, []byte(`{ "a" : 1 }`))
	fmt.Println(out.String())
	fmt.Printf("%v %+v %#v %T %d %x %q %s\n", c, d.E, d.L, d.M, c, c, c, &c)
	fmt.Printf("%5v|%-7v|%05d|%+d|%x|%X\n", c, c, c, c, []Color{1}, "hi")
	fmt.Println(new(big.Int).Exp(big.NewInt(2), big.NewInt(100), nil), big.NewRat(3, 6))
}
