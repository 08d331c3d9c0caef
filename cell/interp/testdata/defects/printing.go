package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

type Temp float64

func (t Temp) String() string { return fmt.Sprintf("%.1fC", float64(t)) }

type Level int

func (l Level) MarshalText() ([]byte, error) { return []byte(fmt.Sprint("L", int(l))), nil }
func (l *Level) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "L%d", (*int)(l))
	return err
}

type Row struct {
	T     Temp
	L     Level
	When  time.Time
	D     time.Duration
	Err   error
	Any   any
	inner int
}

func (r Row) Twice(n int) int { return r.inner * n }
func (r *Row) Ptr() string    { return "ptr" }

type G struct {
	fmt.Stringer
	n int
}

type goStr struct{}

func (goStr) GoString() string { return "GO" }

type fm struct{}

func (fm) Format(s fmt.State, v rune) {
	w, ok := s.Width()
	fmt.Fprint(s, "F", string(v), w, ok, s.Flag('+'))
}

func main() {
	r := Row{T: 3, L: 2, D: time.Second, Err: fmt.Errorf("e"), Any: Temp(4), inner: 5}
	fmt.Printf("%v\n%+v\n", r, r)
	fmt.Println([]Temp{1, 2}, map[string]Temp{"a": 1}, &r.T != nil, [2]Level{1, 2}, struct{ A, b Temp }{1, 2})
	b, err := json.Marshal(r)
	fmt.Println(string(b), err)
	var q Row
	fmt.Println(json.Unmarshal([]byte(`{"L": "L7", "T": 2.5, "D": 5}`), &q), q)
	fmt.Println(G{Temp(9), 1})
	fmt.Printf("%#v %v\n", goStr{}, goStr{})
	fmt.Printf("%+8v|%d|%s\n", fm{}, fm{}, []any{fm{}})
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 1, ' ', 0)
	fmt.Fprintf(tw, "a\tb\n%v\t%v\n", Temp(1), Level(2))
	tw.Flush()
	x, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"r"`
		T       []Temp   `xml:"t"`
	}{T: []Temp{1, 2}}, "", " ")
	fmt.Println(string(x), err)
	var n *Row
	fmt.Println(n, n == nil)
	fmt.Printf("%s %v %d\n", error(nil), (*int)(nil), []*int{nil})
	pp := &[]*Row{nil}
	fmt.Println(pp, &map[string]int{"a": 1}, &[]int{1})
	fmt.Println(fmt.Sprint("a", 1, 2, "b", Temp(3)), fmt.Sprintln(Temp(1)))
	fmt.Fprintln(os.Stdout, strings.Repeat("=", 3), Temp(2))
	fmt.Printf("%v %v\n", map[any]any{Temp(1): Level(1), "s": nil}, [][]Temp{{1}, nil})
	fmt.Printf("%T %T %T %T\n", map[Temp][]*Row{}, func(Temp, ...Level) (Row, error) { return Row{}, nil }, struct{ A Temp }{}, (chan<- Temp)(nil))
	fmt.Printf("%08b|%x|%X|%e|%t|%c\n", Level(5), []Level{10}, "hi", Temp(1), true, Level(65))
	fmt.Printf("%d %s\n", Temp(1), Level(3))
	fmt.Printf("%*d %-*d|%.*f\n", 4, Level(1), 4, Level(2), 1, Temp(3))
	fmt.Printf("%[2]v %[1]v %v %d %!\n", Temp(1), Temp(2))
}
