package main

import (
	"encoding/json"
	"errors"
	"fmt"
)

type Bad string

func (b *Bad) UnmarshalJSON(x []byte) error {
	if string(x) == `"ok"` {
		*b = "fine"
		return nil
	}
	return errors.New("bad " + string(x))
}

type Txt int

func (t *Txt) UnmarshalText(b []byte) error { *t = Txt(len(b)); return nil }

type Expr interface{ expr() }
type Node struct {
	V    int
	Next *Node
	L    []Node
}
type T struct {
	B    Bad
	A    int
	L    []Bad
	C    string
	E    Expr
	D    int
	X    Txt
	N    Node
	Last string
	M    map[string]Bad
}

func main() {
	for _, s := range []string{
		`{"B":"x","A":1,"L":["ok","y","ok"],"C":"c","D":2,"X":"abc","Last":"l"}`,
		`{"A":"s","B":"ok","C":"c"}`, `{"E":{"a":1},"D":5,"Last":"z"}`, `{"E":[1],"D":5}`, `{"E":"s"}`, `{"E":5}`, `{"E":true}`, `{"E":null,"D":7}`,
		`{"X":5,"Last":"q"}`, `{"N":{"V":1,"Next":{"V":"s","Next":{"V":3}}},"Last":"r"}`, `{"N":{"L":[{"V":"x"},{"V":2}]},"Last":"r"}`,
	} {
		var t T
		err := json.Unmarshal([]byte(s), &t)
		next := 0
		if t.N.Next != nil && t.N.Next.Next != nil {
			next = t.N.Next.Next.V
		}
		fmt.Printf("%v | %q %d %q %q %v %d %d %v %q %v %d\n", err, t.B, t.A, t.L, t.C, t.E, t.D, t.X, t.N.L, t.Last, t.M, next)
	}
	var e Expr
	fmt.Println(json.Unmarshal([]byte(`{}`), &e), e)
	fmt.Println(json.Unmarshal([]byte(`5`), (*generic[int])(nil)))
}

type generic[T any] struct{ Items []T }
