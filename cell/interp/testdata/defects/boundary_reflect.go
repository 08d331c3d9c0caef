package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"
)

type Tagged struct {
	A int `k:"v" json:"a,omitempty"`
	b string
	C []Tagged `x:"y"`
	D map[string]*Tagged
	E any
	F func(int) string
	G chan<- int
	H [2]bool
	*Emb
	I fmt.Stringer
}
type Emb struct{ X, Y int }

func (e *Emb) Sum() int       { return e.X + e.Y }
func (e Emb) Scale(n int) Emb { return Emb{e.X * n, e.Y * n} }

type Num interface{ ~int | ~int64 | ~float64 }
type Pair[K comparable, V any] struct {
	Key K
	Val V
}

func (p Pair[K, V]) String() string { return fmt.Sprintf("<%v=%v>", p.Key, p.Val) }

type ID string
type Fn func(int) int

func (f Fn) Apply(n int) int { return f(f(n)) }

type Iface interface {
	M(int) (string, error)
	fmt.Stringer
}

func walk(v reflect.Value, depth int) {
	ind := strings.Repeat(" ", depth)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			fmt.Printf("%s%s %s %q %v %v\n", ind, f.Name, f.Type, f.Tag, f.Anonymous, f.IsExported())
			if f.IsExported() {
				walk(v.Field(i), depth+1)
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), depth+1)
		} else {
			fmt.Println(ind + "nil")
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			fmt.Println(ind, k)
			walk(v.MapIndex(k), depth+1)
		}
	case reflect.Func, reflect.Chan:
		fmt.Println(ind, v.Type(), v.IsNil())
	default:
		fmt.Println(ind, v)
	}
}
func fill(p any, vals map[string]any) error {
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer {
		return errors.New("no pointer: " + v.Type().String())
	}
	v = v.Elem()
	for n, x := range vals {
		f := v.FieldByName(n)
		if !f.IsValid() {
			return fmt.Errorf("no field %s in %s", n, v.Type())
		}
		if !f.CanSet() {
			return fmt.Errorf("cannot set %s", n)
		}
		xv := reflect.ValueOf(x)
		if !xv.Type().AssignableTo(f.Type()) {
			if !xv.CanConvert(f.Type()) {
				return fmt.Errorf("%s is not %s", xv.Type(), f.Type())
			}
			xv = xv.Convert(f.Type())
		}
		f.Set(xv)
	}
	return nil
}
func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Printf("%s: %v\n", name, r)
			if e, ok := r.(error); ok {
				_, isRT := r.(runtime.Error)
				fmt.Printf("   %T %v\n", e, isRT)
			}
		}
	}()
	f()
	fmt.Println(name, "ok")
}
func main() {
	t := Tagged{A: 1, C: []Tagged{{A: 2}}, D: map[string]*Tagged{"k": {b: "x"}}, E: Pair[string, int]{"q", 3}, Emb: &Emb{3, 4}, I: Pair[ID, []int]{"i", []int{1}}}
	walk(reflect.ValueOf(t), 0)
	fmt.Println(t.Sum(), t.Scale(2), reflect.TypeOf(t).NumMethod(), reflect.TypeOf(&t).NumMethod())
	for i := range reflect.TypeOf(&t).NumMethod() {
		m := reflect.TypeOf(&t).Method(i)
		fmt.Println(m.Name, m.Type)
	}
	fmt.Println(reflect.ValueOf(&t).MethodByName("Scale").Call([]reflect.Value{reflect.ValueOf(5)})[0].Interface())
	e := &Emb{}
	fmt.Println(fill(e, map[string]any{"X": 5}), *e, fill(e, map[string]any{"Z": 1}), fill(*e, nil), fill(e, map[string]any{"X": int8(7)}), *e, fill(e, map[string]any{"X": "s"}), fill(&t, map[string]any{"b": "q"}))
	for _, x := range []any{t.E, ID("x"), Fn(nil), (*Iface)(nil), struct{ A int }{}, []ID{}, map[ID]Fn{}, [3]Emb{}, (<-chan Emb)(nil), func(ID, ...Emb) (Fn, error) { return nil, nil }, Pair[Pair[ID, int], *Emb]{}} {
		ty := reflect.TypeOf(x)
		fmt.Printf("%v|%s|%q|%s|%T|%v\n", ty, ty.Kind(), ty.Name(), ty.PkgPath(), x, ty.Comparable())
	}
	it := reflect.TypeOf((*Iface)(nil)).Elem()
	for i := range it.NumMethod() {
		fmt.Println(it.Method(i).Name, it.Method(i).Type)
	}
	fmt.Println(reflect.TypeOf(t.E).Implements(reflect.TypeOf((*fmt.Stringer)(nil)).Elem()))
	sl := reflect.MakeSlice(reflect.TypeOf([]Emb{}), 0, 2)
	sl = reflect.Append(sl, reflect.ValueOf(Emb{1, 2}))
	fmt.Println(sl.Interface(), sl.Len())
	mp := reflect.MakeMap(reflect.TypeOf(map[ID]int{}))
	mp.SetMapIndex(reflect.ValueOf(ID("a")), reflect.ValueOf(1))
	fmt.Println(mp.Interface(), mp.Interface().(map[ID]int)["a"])
	nv := reflect.New(reflect.TypeOf(Emb{}))
	nv.Elem().Field(0).SetInt(9)
	fmt.Println(nv.Interface().(*Emb).X)
	fn := reflect.MakeFunc(reflect.TypeOf(Fn(nil)), func(a []reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf(int(a[0].Int() + 1))} })
	fmt.Println(fn.Interface().(Fn).Apply(1))
	fmt.Println(Fn(func(n int) int { return n * 3 }).Apply(2))
	try("index", func() { var a []Emb; i := 3; _ = a[i] })
	try("slice", func() { a := make([]int, 3); i, j := 2, 1; _ = a[i:j] })
	try("nilmap", func() { var m map[ID]Emb; m["x"] = Emb{} })
	try("assert", func() { var x any = ID("x"); _ = x.(Emb) })
	try("assert2", func() { var x any = t.E; _ = x.(Iface) })
	try("assert3", func() { var x fmt.Stringer; _ = x.(Iface) })
	try("nilptr", func() { var p *Tagged; _ = p.A })
	try("div", func() { z := 0; _ = 1 / z })
	try("conv", func() { s := []int{1}; _ = [2]int(s) })
	try("key", func() { m := map[any]int{}; m[[]int{1}] = 1 })
	try("cmp", func() { var a, b any = []int{1}, []int{1}; _ = a == b })
	try("cmp2", func() { var a, b any = struct{ f func() }{}, struct{ f func() }{}; _ = a == b })
	try("close", func() { var c chan int; close(c) })
	try("close2", func() { c := make(chan int); close(c); close(c) })
	try("send", func() { c := make(chan int); close(c); c <- 1 })
	try("neg", func() { n := -1; _ = make([]int, n) })
	try("shift", func() { n := -1; _ = 1 << n })
	try("custom", func() { panic(fmt.Errorf("w: %w", errors.ErrUnsupported)) })
	try("ptr", func() { panic(&Emb{1, 2} == nil) })
	try("nilfn", func() { var f Fn; f(1) })
	try("nilif", func() { var s fmt.Stringer; s.String() })
	try("none", func() {})
	try("nil", func() { panic(nil) })
	try("str", func() { var s string; i := 5; _ = s[i] })
	try("arr", func() { var a [3]int; i := 3; a[i] = 1 })
	try("3idx", func() { a := make([]int, 2, 4); i := 5; _ = a[0:1:i] })
	var ai atomic.Int32
	ai.Add(5)
	var ap atomic.Pointer[Emb]
	ap.Store(&Emb{7, 8})
	fmt.Println(ai.Load(), ap.Load().X, ap.CompareAndSwap(nil, nil))
	fmt.Println(unsafe.Sizeof(t.H), unsafe.Offsetof(Emb{}.Y), unsafe.Sizeof(Pair[bool, int64]{}))
	b, err := json.Marshal(map[string]any{"p": Pair[ID, int]{"k", 1}, "e": Emb{1, 2}, "n": (*Emb)(nil), "f": 1.0, "s": []any{ID("x"), nil, true}})
	fmt.Println(string(b), err)
	_, err = json.Marshal(t)
	fmt.Println(err)
	_, err = json.Marshal(map[Emb]int{})
	fmt.Println(err)
	fmt.Printf("%v\n%+v\n", Pair[string, Emb]{"a", Emb{1, 2}}, []any{Emb{1, 2}, &Emb{3, 4} != nil, ID("q"), Pair[int, int]{1, 2}})
	fmt.Printf("%#v %#v %#v\n", Emb{1, 2}, []ID{"a"}, map[ID]Pair[int, bool]{"z": {1, true}})
	fmt.Printf("%T %T %T\n", t.C, t.D, Pair[ID, []Emb]{})
}
