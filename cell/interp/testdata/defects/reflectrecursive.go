package main

import (
	"fmt"
	"reflect"
)

type L []L
type M map[string]M
type P *P
type F func(F) int

func main() {
	v := reflect.ValueOf(L{nil, {nil, nil}})
	fmt.Println(v.Type(), v.Index(1).Len(), v.Index(1).Index(0).IsNil(), v.Type().Elem() == v.Type())
	m := reflect.ValueOf(M{"a": {"b": nil}})
	fmt.Println(m.MapIndex(reflect.ValueOf("a")).Len(), m.Type().Elem())
	var p P
	p = &p
	fmt.Println(reflect.TypeOf(p), reflect.ValueOf(p).Elem().Kind(), reflect.DeepEqual(L{nil, {nil}}, L{nil, {nil}}), reflect.DeepEqual(L{nil, {nil}}, L{nil, {nil, nil}}))
	s := reflect.MakeSlice(v.Type(), 2, 2)
	s.Index(0).Set(v)
	fmt.Println(len(s.Interface().(L)[0]), s.Index(0).Interface().(L)[1] != nil)
	fmt.Println(reflect.TypeFor[F](), reflect.TypeFor[F]().In(0))
	m.SetMapIndex(reflect.ValueOf("z"), m)
	fmt.Println(m.Len(), len(m.Interface().(M)["z"]))
	a := reflect.Append(v, v)
	fmt.Println(a.Len(), a.Index(2).Len())
}
