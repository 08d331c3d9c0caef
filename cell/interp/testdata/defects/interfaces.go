// Types in interfaces: identity, comparison, nil pointers, methods.
package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

type A struct{ x int }
type B struct{ x int }
type I int
type J int
type E struct{ code int }

func (e *E) Error() string { return fmt.Sprint("E", e.code) }

type Temp float64

func (t Temp) String() string { return fmt.Sprintf("%.1f°", float64(t)) }

type Shape interface{ Area() float64 }
type Sq struct{ s float64 }

func (s Sq) Area() float64 { return s.s * s.s }

type Named struct {
	Shape
	name string
}
type upper struct{ r io.Reader }

func (u upper) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	copy(b, strings.ToUpper(string(b[:n])))
	return n, err
}

func find(ok bool) error {
	var e *E
	if !ok {
		e = &E{7}
	}
	return e
}

func main() {
	var x any = A{1}
	_, ok := x.(B)
	fmt.Println(ok, any(I(1)) == any(J(1)), any(A{1}) == any(A{1}))
	m := map[any]string{I(1): "I", J(1): "J", 1: "int", A{1}: "A", B{1}: "B"}
	fmt.Println(len(m), m[I(1)], m[J(1)], m[1], m[B{1}])
	switch v := x.(type) {
	case B:
		fmt.Println("B", v)
	case A:
		fmt.Println("A", v.x)
	}
	fmt.Println(find(true) == nil)
	err := fmt.Errorf("outer: %w", find(false))
	var e *E
	fmt.Println(errors.As(err, &e), e.code, errors.Is(err, e), errors.Unwrap(err) == error(e))
	n := Named{Sq{3}, "sq"}
	fmt.Println(n.Area(), []Shape{n, Sq{2}}[1].Area())
	b, _ := io.ReadAll(upper{strings.NewReader("reader")})
	fmt.Println(string(b))
	fmt.Println(Temp(1.25), []Temp{1, 2}, map[string]Temp{"a": 3}, struct{ T Temp }{4})
	fmt.Printf("%v %+v %#v %T %d %s %q %5v|%x\n", n, n, n, n, I(3), &A{1}, []string{"a"}, A{2}, A{255})
	fmt.Printf("%v %T %v\n", []any{A{1}, nil, I(2)}, []any{}, [2]B{})
}
