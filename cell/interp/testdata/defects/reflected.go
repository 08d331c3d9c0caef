package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sort"
	"strings"
	"time"
)

type (
	Code  int
	Text  string
	List  []Code
	Table map[Text]*Person
	Grid  [2][3]float32
	Op    func(a int, rest ...Text) (Code, error)
	Pipe  chan Code
	In    <-chan Person
	Shape interface {
		Area() float64
		hidden()
	}
	Base struct {
		ID   int `json:"id"`
		note string
	}
	Person struct {
		*Base
		Named
		First  string `json:"first" xml:"f,attr"`
		age    uint8
		Since  time.Time
		Friend *Person
		Others []*Person
		Shape  Shape
		Any    any
		Err    error
		_      int
	}
	Named                     struct{ First, Last string }
	Square                    struct{ Side float64 }
	Pair[K comparable, V any] struct {
		Key K
		Val V
	}
	Node struct {
		Next *Node
		Kids map[string]*Node
		V    int
	}
)

func (c Code) String() string            { return fmt.Sprintf("code%d", int(c)) }
func (c *Code) Inc(n int) Code           { *c += Code(n); return *c }
func (s Square) Area() float64           { return s.Side * s.Side }
func (s Square) hidden()                 {}
func (n Named) Full(sep string) string   { return n.First + sep + n.Last }
func (b *Base) Note(parts ...string) int { b.note = strings.Join(parts, "-"); return len(parts) }
func (p Pair[K, V]) Swap() Pair[string, V] {
	return Pair[string, V]{fmt.Sprint(p.Key), p.Val}
}
func (n Node) Depth() int { return n.V }

func try(name string, f func()) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *reflect.ValueError:
			fmt.Println(name, "ValueError:", e.Method, e.Kind, e)
		default:
			fmt.Println(name, "panic:", e)
		}
	}()
	f()
}

func describe(t reflect.Type) {
	fmt.Printf("%v name=%q pkg=%q kind=%v size=%d align=%d cmp=%v methods=%d\n", t, t.Name(), t.PkgPath(), t.Kind(), t.Size(), t.Align(), t.Comparable(), t.NumMethod())
	for m := range t.Methods() {
		fmt.Println("  method", m.Name, m.Type, m.Index, m.PkgPath, m.IsExported(), m.Func.IsValid())
	}
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			fmt.Printf("  field %s %v %q %d %v %v %q\n", f.Name, f.Type, f.Tag, f.Offset, f.Index, f.Anonymous, f.PkgPath)
		}
		for _, f := range reflect.VisibleFields(t) {
			fmt.Println("  visible", f.Name, f.Index)
		}
	case reflect.Func:
		fmt.Println("  func", t.NumIn(), t.NumOut(), t.IsVariadic())
		for in := range t.Ins() {
			fmt.Println("   in", in)
		}
	case reflect.Map:
		fmt.Println("  map", t.Key(), t.Elem())
	case reflect.Array:
		fmt.Println("  array", t.Len(), t.Elem())
	case reflect.Chan:
		fmt.Println("  chan", t.ChanDir(), t.Elem())
	case reflect.Pointer, reflect.Slice:
		fmt.Println("  of", t.Elem())
	}
}

func typesOf() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[Code](), reflect.TypeFor[*Code](), reflect.TypeFor[Text](), reflect.TypeFor[List](), reflect.TypeFor[Table](),
		reflect.TypeFor[Grid](), reflect.TypeFor[Op](), reflect.TypeFor[Pipe](), reflect.TypeFor[In](), reflect.TypeFor[Shape](),
		reflect.TypeFor[Base](), reflect.TypeFor[Person](), reflect.TypeFor[*Person](), reflect.TypeFor[Square](),
		reflect.TypeFor[Pair[Text, []Code]](), reflect.TypeFor[Node](), reflect.TypeFor[error](), reflect.TypeFor[io.Reader](),
		reflect.TypeFor[struct {
			A int
			b Code
		}](), reflect.TypeFor[func(error, ...Code) Shape](), reflect.TypeFor[[]any](), reflect.TypeFor[time.Duration](),
		reflect.TypeFor[map[Code][]error](), reflect.TypeFor[struct{ io.Reader }](),
	}
}

func relations(ts []reflect.Type) {
	for i, a := range ts {
		var line []string
		for j, b := range ts {
			s := ""
			if a.AssignableTo(b) {
				s += "a"
			}
			if a.ConvertibleTo(b) {
				s += "c"
			}
			if b.Kind() == reflect.Interface && a.Implements(b) {
				s += "i"
			}
			if a == b {
				s += "="
			}
			if s != "" && i != j {
				line = append(line, fmt.Sprint(j, s))
			}
		}
		fmt.Println(i, a.CanSeq(), a.CanSeq2(), line)
	}
}

func values() {
	p := Person{Base: &Base{ID: 1}, Named: Named{"a", "b"}, First: "c", age: 7, Shape: Square{2}, Any: Code(3), Err: errors.New("e")}
	v := reflect.ValueOf(&p).Elem()
	for f, x := range v.Fields() {
		if f.Name == "Since" || f.Name == "Base" {
			continue
		}
		fmt.Println(f.Name, x.Kind(), x.CanSet(), x.CanInterface(), x.CanAddr(), x.IsZero(), x.String(), x)
	}
	fmt.Println(v.FieldByName("ID"), v.FieldByName("note").String(), v.FieldByName("Last"), v.FieldByName("nope").IsValid())
	f, ok := v.Type().FieldByName("First")
	fmt.Println(f.Index, f.Tag.Get("xml"), ok)
	fmt.Println(v.FieldByName("Shape").Elem().Type(), v.FieldByName("Shape").Elem().Field(0).Float(), v.FieldByName("Any").Elem().Int(), v.FieldByName("Any").Elem())
	v.FieldByName("Any").Set(reflect.ValueOf(List{1, 2}))
	v.FieldByName("Err").Set(reflect.Zero(v.FieldByName("Err").Type()))
	v.FieldByName("Friend").Set(reflect.New(v.Type()))
	p.Friend.First = "friend"
	v.FieldByName("Others").Set(reflect.Append(v.FieldByName("Others"), reflect.ValueOf(p.Friend), v.Addr()))
	fmt.Println(p.Any, p.Err, v.FieldByName("Others").Index(0).Elem().FieldByName("First"), len(p.Others), p.Others[1] == &p)
	fmt.Println(v.Addr().MethodByName("Note").Call([]reflect.Value{reflect.ValueOf("x"), reflect.ValueOf("y")})[0].Int(), p.note)
	fmt.Println(v.MethodByName("Full").Call([]reflect.Value{reflect.ValueOf("+")})[0])
	m, _ := v.Type().MethodByName("Full")
	fmt.Println(m.Type, m.Func.Call([]reflect.Value{v, reflect.ValueOf("*")})[0].Interface())
	fmt.Println(v.FieldByName("Shape").MethodByName("Area").Call(nil)[0], v.FieldByName("Shape").NumMethod())
	if full, ok := v.MethodByName("Full").Interface().(func(string) string); ok {
		fmt.Println(full("/"))
	}
	shape, ok := reflect.TypeAssert[Shape](v.FieldByName("Shape"))
	fmt.Println(shape.Area(), ok)
	_, ok = reflect.TypeAssert[Code](v.FieldByName("First"))
	fmt.Println(ok)
}

func made() {
	table := reflect.MakeMap(reflect.TypeFor[Table]())
	table.SetMapIndex(reflect.ValueOf(Text("k")), reflect.ValueOf(&Person{First: "made"}))
	table.SetMapIndex(reflect.ValueOf("j").Convert(reflect.TypeFor[Text]()), reflect.Zero(reflect.TypeFor[*Person]()))
	keys := table.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	fmt.Println(keys, table.Len(), table.Interface().(Table)["k"].First, table.MapIndex(reflect.ValueOf(Text("none"))).IsValid())
	list := reflect.MakeSlice(reflect.SliceOf(reflect.TypeFor[Code]()), 2, 5)
	list.Index(1).SetInt(8)
	fmt.Println(list, list.Type(), list.Len(), list.Cap(), list.Slice(1, 2), list.Interface().([]Code)[1])
	fmt.Println(list.Type().AssignableTo(reflect.TypeFor[List]()), list.Convert(reflect.TypeFor[List]()).Type())
	swap := reflect.Swapper(list.Interface())
	swap(0, 1)
	fmt.Println(list)
	op := reflect.MakeFunc(reflect.TypeFor[Op](), func(args []reflect.Value) []reflect.Value {
		fmt.Println("called", args[0].Int(), args[1].Len(), args[1].Type())
		return []reflect.Value{reflect.ValueOf(Code(args[1].Len())), reflect.ValueOf(errors.New("made")).Convert(reflect.TypeFor[error]())}
	}).Interface().(Op)
	fmt.Println(op(1, "a", "b"))
	fmt.Println(reflect.ValueOf(op).Call([]reflect.Value{reflect.ValueOf(4), reflect.ValueOf(Text("q"))}))
	ch := reflect.MakeChan(reflect.TypeFor[Pipe](), 1)
	ch.Send(reflect.ValueOf(Code(6)))
	fmt.Println(ch.TrySend(reflect.ValueOf(Code(6))), ch.Len())
	i, got, ok := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: ch}, {Dir: reflect.SelectDefault}})
	fmt.Println(i, got, ok)
	anon := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "C", Type: reflect.TypeFor[Code](), Tag: `json:"c"`}, {Name: "E", Type: reflect.TypeFor[error]()}})).Elem()
	anon.Field(0).SetInt(4)
	fmt.Println(anon.Type(), anon)
	fmt.Println(reflect.MapOf(reflect.TypeFor[string](), reflect.TypeFor[Square]()), reflect.FuncOf([]reflect.Type{reflect.TypeFor[[]Code]()}, []reflect.Type{reflect.TypeFor[error]()}, true),
		reflect.ChanOf(reflect.RecvDir, reflect.TypeFor[Base]()), reflect.ArrayOf(3, reflect.TypeFor[Text]()), reflect.PointerTo(reflect.TypeFor[Node]()) == reflect.TypeOf(&Node{}))
	c := Code(1)
	inc := reflect.ValueOf(&c).MethodByName("Inc")
	fmt.Println(inc.Type(), inc.Call([]reflect.Value{reflect.ValueOf(4)})[0], c)
	pair := reflect.ValueOf(Pair[Code, bool]{2, true})
	fmt.Println(pair.Type(), pair.Type().Name(), pair.MethodByName("Swap").Call(nil)[0].Type(), pair.Method(0).Call(nil)[0])
	for i, x := range reflect.ValueOf(List{4, 5}).Seq2() {
		fmt.Println(i, x, x.Type())
	}
	for k := range reflect.ValueOf(Code(2)).Seq() {
		fmt.Println(k, k.Type())
	}
	sum := 0
	for it := reflect.ValueOf(map[Code]List{1: {1}, 2: {2, 3}}).MapRange(); it.Next(); {
		sum += int(it.Key().Int()) * it.Value().Len()
	}
	fmt.Println(sum)
}

func equal() {
	a, b := &Node{V: 1, Kids: map[string]*Node{"x": {V: 2}}}, &Node{V: 1, Kids: map[string]*Node{"x": {V: 2}}}
	a.Next, b.Next = a, b
	fmt.Println(reflect.DeepEqual(a, b), reflect.DeepEqual([]any{Code(1)}, []any{Code(1)}), reflect.DeepEqual([]any{Code(1)}, []any{1}))
	b.Kids["x"].V = 3
	fmt.Println(reflect.DeepEqual(a, b), reflect.DeepEqual(Code(1), 1), reflect.DeepEqual(List(nil), List{}), reflect.DeepEqual(map[Code]Shape{1: Square{2}}, map[Code]Shape{1: Square{2}}))
	fmt.Println(reflect.ValueOf(Square{2}).Equal(reflect.ValueOf(Square{2})), reflect.ValueOf(Code(2)).Equal(reflect.ValueOf(2)), reflect.ValueOf(List{}).Comparable())
	seen := map[reflect.Type]int{reflect.TypeFor[Code](): 1, reflect.TypeFor[int](): 2}
	fmt.Println(seen[reflect.TypeOf(Code(0))], seen[reflect.TypeOf(0)], seen[reflect.TypeOf(Text(""))])
}

func panics() {
	p := &Person{}
	v := reflect.ValueOf(p).Elem()
	try("kind", func() { v.Int() })
	try("set unexported", func() { v.FieldByName("age").SetUint(1) })
	try("interface unexported", func() { v.FieldByName("age").Interface() })
	try("unaddressable", func() { reflect.ValueOf(Code(1)).SetInt(2) })
	try("assign", func() { v.FieldByName("Shape").Set(reflect.ValueOf(Code(1))) })
	try("assign2", func() { v.FieldByName("First").Set(reflect.ValueOf(Text("x"))) })
	try("elem", func() { reflect.TypeFor[Code]().Elem() })
	try("field", func() { reflect.TypeFor[Code]().Field(0) })
	try("field range", func() { v.Field(100) })
	try("nil", func() { reflect.ValueOf(nil).Type() })
	try("nil deref", func() { v.FieldByName("ID") })
	try("call few", func() { reflect.ValueOf(strings.Repeat).Call(nil) })
	try("call type", func() { v.MethodByName("Full").Call([]reflect.Value{reflect.ValueOf(Text("x"))}) })
	try("convert", func() { reflect.ValueOf(Square{}).Convert(reflect.TypeFor[Code]()) })
	try("index", func() { reflect.ValueOf(List{1}).Index(4) })
	try("key", func() { reflect.TypeFor[List]().Key() })
	try("method range", func() { v.Method(99) })
	try("nil iface", func() { v.FieldByName("Shape").Method(0) })
	try("addr", func() { reflect.ValueOf(*p).Addr() })
	try("string kind", func() { reflect.ValueOf("x").Int() })
	try("own", func() { reflect.ValueOf(func() { panic("mine") }).Call(nil) })
}

func borders() {
	fmt.Printf("%v %+v %T %s\n", reflect.TypeFor[Person](), reflect.ValueOf(Square{1}), reflect.TypeFor[Square](), reflect.ValueOf(Text("t")))
	var typ *json.UnmarshalTypeError
	err := json.Unmarshal([]byte(`{"id":"x"}`), &Base{})
	if errors.As(err, &typ) {
		fmt.Println(typ.Type, typ.Type.Kind() == reflect.Int, typ.Type == reflect.TypeFor[int]())
	}
	var x any = reflect.TypeFor[Code]()
	t, ok := x.(reflect.Type)
	s, both := x.(fmt.Stringer)
	fmt.Println(t, ok, s, both)
	fmt.Println(reflect.TypeOf(reflect.ValueOf(1)), reflect.ValueOf(reflect.Int), reflect.TypeOf(errors.New("")), reflect.Indirect(reflect.ValueOf(&Square{3})))
}

func main() {
	ts := typesOf()
	for _, t := range ts {
		describe(t)
	}
	relations(ts)
	values()
	made()
	equal()
	panics()
	borders()
}
