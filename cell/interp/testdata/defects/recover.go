package main

import (
	"fmt"
	"os"
	"reflect"
	"sync"
)

// Only the deferred function itself recovers, however it is called.

func helper(name string) { fmt.Println(name, "helper:", recover()) }

type T struct{ name string }

func (t T) M()      { fmt.Println(t.name, "M:", recover()) }
func (t T) Helped() { helper(t.name); fmt.Println(t.name, "after:", recover()) }

type Outer struct{ T }

type Methods interface {
	M()
	Helped()
}

type Over struct{ Methods }

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "was left with", r)
		}
	}()
	f()
	fmt.Println(name, "returned")
}

func viaHelper(name string) { helper(name) }

func main() {
	var i Methods = T{"interface"}
	try("static helper", func() { defer viaHelper("static"); panic(1) })
	try("interface", func() { defer i.M(); panic(2) })
	try("interface helped", func() { defer i.Helped(); panic(3) })
	i = Outer{T{"promoted"}}
	try("promoted", func() { defer i.M(); panic(4) })
	try("promoted helped", func() { defer i.Helped(); panic(5) })
	i = &Over{&Outer{T{"embedded"}}}
	try("embedded", func() { defer i.M(); panic(6) })
	m := i.M
	try("method value", func() { defer m(); panic(7) })
	h := i.Helped
	try("method value helped", func() { defer h(); panic(8) })
	try("method expression", func() { e := Outer.M; defer e(Outer{T{"expression"}}); panic(9) })
	try("interface expression", func() { e := Methods.M; defer e(i); panic(10) })
	f := func() { helper("closure") }
	try("func value", func() { defer f(); panic(11) })
	r := func() { fmt.Println("closure", recover()) }
	try("func value recovers", func() { defer r(); panic(12) })
	try("called", func() { defer func() { r() }(); panic(13) })
	try("wrapped func value", func() { defer func() { i.M() }(); panic(14) })
	try("once", func() { var once sync.Once; defer once.Do(r); panic(15) })
	try("normal return below a panic", func() {
		defer func() { func() { defer r() }(); fmt.Println("still", recover()) }()
		panic(16)
	})
	try("deferred recover", func() { defer recover(); panic(17) })
	try("deferred recover in deferred", func() { defer func() { defer recover() }(); panic(18) })
	try("deferred recover after another", func() {
		defer func() {
			defer recover()
			defer r()
			panic(20)
		}()
		panic(19)
	})
	try("nested", func() {
		defer r()
		defer func() { defer r(); panic(22) }()
		panic(21)
	})
	try("reflect's method", func() { f := reflect.ValueOf(T{"r"}).MethodByName("M").Interface().(func()); defer f(); panic(23) })
	try("reflect's expression", func() {
		m, _ := reflect.TypeOf(T{}).MethodByName("M")
		f := m.Func.Interface().(func(T))
		defer f(T{"r"})
		panic(24)
	})
	try("reflect's call", func() { defer reflect.ValueOf(T{"r"}).MethodByName("M").Call(nil); panic(25) })
	try("reflect's call of a func", func() { defer reflect.ValueOf(r).Call(nil); panic(26) })
	os.Stdout.Sync()
}
