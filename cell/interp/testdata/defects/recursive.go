package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

type F func() F

func st() F    { fmt.Println("st"); return nil }
func start() F { fmt.Println("start"); return st }

type lexer struct {
	n     int
	state stateFn
	log   []string
}
type stateFn func(*lexer) stateFn

func (s stateFn) name() string {
	if s == nil {
		return "end"
	}
	return "some"
}

func lexA(l *lexer) stateFn { l.log = append(l.log, "A"); l.n++; return lexB }
func lexB(l *lexer) stateFn {
	l.log = append(l.log, "B")
	if l.n > 2 {
		return nil
	}
	k := l.n
	return func(l *lexer) stateFn { l.log = append(l.log, fmt.Sprint("closure", k)); return lexA }
}

type A func(B) A
type B func() A

type Option func(*conf) Option
type conf struct{ v int }

func val(v int) Option {
	return func(c *conf) Option { old := c.v; c.v = v; return val(old) }
}

type gen[T any] func() (T, gen[T])

func count(n int) gen[int] { return func() (int, gen[int]) { return n, count(n + 1) } }

func main() {
	for f := F(start); f != nil; f = f() {
	}
	l := &lexer{}
	for l.state = lexA; l.state != nil; {
		l.state = l.state(l)
	}
	fmt.Println(l.log, l.state.name(), stateFn(lexA).name())
	var a A
	a = func(b B) A {
		if b == nil {
			return nil
		}
		return b()
	}
	fmt.Println(a(nil) == nil, a(func() A { return a }) == nil)
	c := &conf{1}
	undo := val(5)(c)
	fmt.Println(c.v)
	undo(c)
	fmt.Println(c.v)
	g := count(3)
	for range 3 {
		var n int
		n, g = g()
		fmt.Println(n)
	}
	fs := map[string]stateFn{"a": lexA}
	fmt.Println(fs["a"] != nil, fs["b"] == nil)
	var x any = fs["a"]
	_, ok := x.(stateFn)
	fmt.Printf("%T %v\n", x, ok)
	defer func() { fmt.Println(l.n) }()
	defer lexA(l)
	defer fs["a"](l)
	buf := make([]byte, 8)
	binary.LittleEndian.PutUint32(buf, 77)
	fmt.Println(buf, binary.BigEndian.Uint64(buf), binary.LittleEndian.AppendUint16(nil, 5))
	var bo binary.ByteOrder = binary.LittleEndian
	fmt.Println(bo, bo == binary.LittleEndian, binary.LittleEndian.String())
	e := binary.BigEndian
	fmt.Printf("%v %T\n", e, e)
	var w bytes.Buffer
	fmt.Println(binary.Write(&w, binary.LittleEndian, uint16(3)), w.Bytes(), base64.StdEncoding.EncodeToString([]byte("x")))
}
