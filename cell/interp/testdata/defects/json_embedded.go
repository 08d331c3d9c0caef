package main

import (
	"encoding/json"
	"fmt"
	"time"
)

type Key struct{ P, Q int }

func (k Key) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d-%d", k.P, k.Q), nil }

type V struct{ n int }

func (v V) String() string { return fmt.Sprint("V", v.n) }

type N struct {
	Key
	X int
}

func main() {
	b, err := json.Marshal([]any{struct{ Key }{Key{1, 2}}, struct {
		*Key
		N int
	}{&Key{3, 4}, 1}, N{Key{5, 6}, 7}, &struct{ Key }{Key{1, 3}}, struct{ time.Time }{time.Unix(0, 0).UTC()}, struct {
		X int
		N
	}{}})
	fmt.Println(string(b), err)
	x := struct {
		V
		m int
	}{V{3}, 1}
	fmt.Println(x, &x)
	fmt.Printf("%v %+v %s\n", x, []any{x}, x)
	var s fmt.Stringer = x
	fmt.Println(s.String())
}
