package reflect

import (
	"errors"
	"go/types"
	"iter"
	"reflect"
)

// NumField is the number of a struct's fields.
func (v Value) NumField() int {
	v.mustBe("NumField", reflect.Struct)
	return v.t.NumField()
}

// Field is a struct's field.
func (v Value) Field(i int) Value {
	v.mustBe("Field", reflect.Struct)
	if i < 0 || i >= v.t.NumField() {
		fail("reflect: Field index out of range")
	}
	if v.t.compiled != nil && v.v.Type() == v.t.compiled {
		return Value{v.t.m.ofCompiled(v.t.compiled.Field(i).Type), v.v.Field(i), v.ro & sticky}
	}
	f := v.t.known().Underlying().(*types.Struct).Field(i)
	p := Value{v.t.m.of(f.Type()), v.t.m.host.Whole(f.Type(), v.v.Field(i)), v.ro & sticky}
	switch {
	case f.Exported():
	case f.Embedded():
		p.ro |= embedRO
	default:
		p.ro |= sticky
	}
	return p
}

// FieldByIndex is the field that the indices lead to.
func (v Value) FieldByIndex(index []int) Value {
	v.mustBe("FieldByIndex", reflect.Struct)
	f, err := v.FieldByIndexErr(index)
	if err != nil {
		fail("reflect: indirection through nil pointer to embedded struct")
	}
	return f
}

// FieldByIndexErr is FieldByIndex with an error for a nil pointer on the way.
func (v Value) FieldByIndexErr(index []int) (Value, error) {
	v.mustBe("FieldByIndexErr", reflect.Struct)
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer && v.t.Elem().Kind() == reflect.Struct {
			if v.IsNil() {
				return Value{}, errors.New("reflect: indirection through nil pointer to embedded struct field " + v.t.Elem().Name())
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, nil
}

// FieldByName is the field of that name.
func (v Value) FieldByName(name string) Value {
	v.mustBe("FieldByName", reflect.Struct)
	if f, ok := v.t.FieldByName(name); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

// FieldByNameFunc is the field whose name matches.
func (v Value) FieldByNameFunc(match func(string) bool) Value {
	if f, ok := v.t.FieldByNameFunc(match); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

// Fields are a struct's fields.
func (v Value) Fields() iter.Seq2[StructField, Value] {
	if v.Kind() != reflect.Struct {
		v.wrong("Fields")
	}
	return func(yield func(StructField, Value) bool) {
		for i := range v.NumField() {
			if !yield(v.t.Field(i), v.Field(i)) {
				return
			}
		}
	}
}

// Len is v's length.
func (v Value) Len() int {
	switch v.Kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
	case reflect.Pointer:
		if v.t.Elem().Kind() == reflect.Array {
			return v.t.Elem().Len()
		}
		fail("reflect: call of reflect.Value.Len on ptr to non-array Value")
	default:
		v.wrong("Len")
	}
	return v.v.Len()
}

// Cap is v's capacity.
func (v Value) Cap() int {
	switch v.Kind() {
	case reflect.Array, reflect.Chan, reflect.Slice:
	case reflect.Pointer:
		if v.t.Elem().Kind() == reflect.Array {
			return v.t.Elem().Len()
		}
		fail("reflect: call of reflect.Value.Cap on ptr to non-array Value")
	default:
		v.wrong("Cap")
	}
	return v.v.Cap()
}

// Index is an element.
func (v Value) Index(i int) Value {
	v.mustBe("Index", reflect.Array, reflect.Slice, reflect.String)
	defer raise()
	e := v.v.Index(i)
	if v.Kind() == reflect.String {
		return v.part(v.t.m.ofCompiled(basics[types.Uint8]), e)
	}
	return v.part(v.t.Elem(), e)
}

// Slice is v[i:j].
func (v Value) Slice(i, j int) Value {
	v.mustBe("Slice", reflect.Array, reflect.Slice, reflect.String)
	defer raise()
	return v.sliced(v.v.Slice(i, j))
}

// Slice3 is v[i:j:k].
func (v Value) Slice3(i, j, k int) Value {
	v.mustBe("Slice3", reflect.Array, reflect.Slice)
	defer raise()
	return v.sliced(v.v.Slice3(i, j, k))
}

func (v Value) sliced(s reflect.Value) Value {
	if v.Kind() == reflect.Array {
		return v.part(SliceOf(v.t.Elem()), s)
	}
	return v.part(v.t, s)
}

// MapIndex is the element for a key, the zero Value if there is none.
func (v Value) MapIndex(key Value) Value {
	v.mustBe("MapIndex", reflect.Map)
	k := key.assignTo("reflect.Value.MapIndex", desc(v.t.Key()), v.v.Type().Key())
	e := v.v.MapIndex(k)
	if !e.IsValid() {
		return Value{}
	}
	p := v.part(v.t.Elem(), e)
	p.ro |= key.inherited()
	return p
}

// MapKeys are the keys, in no order.
func (v Value) MapKeys() []Value {
	v.mustBe("MapKeys", reflect.Map)
	keys := make([]Value, 0, v.v.Len())
	for _, k := range v.v.MapKeys() {
		keys = append(keys, v.part(v.t.Key(), k))
	}
	return keys
}

// MapRange ranges over a map.
func (v Value) MapRange() *MapIter {
	if v.Kind() != reflect.Map {
		v.wrong("MapRange")
	}
	return &MapIter{m: v}
}

// MapIter is reflect.MapIter.
type MapIter struct {
	m  Value
	it *reflect.MapIter
}

// Next goes to the next entry.
func (iter *MapIter) Next() bool {
	if !iter.m.IsValid() {
		fail("MapIter.Next called on an iterator that does not have an associated map Value")
	}
	if iter.it == nil {
		iter.it = iter.m.v.MapRange()
	}
	defer raise()
	return iter.it.Next()
}

// Key is the entry's key.
func (iter *MapIter) Key() Value {
	return iter.current("MapIter.Key", (*reflect.MapIter).Key, (*rtype).Key)
}

// Value is the entry's element.
func (iter *MapIter) Value() Value {
	return iter.current("MapIter.Value", (*reflect.MapIter).Value, (*rtype).Elem)
}

func (iter *MapIter) current(asked string, of func(*reflect.MapIter) reflect.Value, t func(*rtype) Type) Value {
	if iter.it == nil {
		fail("%s called before Next", asked)
	}
	defer raise()
	return iter.m.part(t(iter.m.t), of(iter.it))
}

// Reset makes the iterator one over v.
func (iter *MapIter) Reset(v Value) {
	if v.IsValid() {
		v.mustBe("MapRange", reflect.Map)
	}
	iter.m, iter.it = v, nil
}

// Seq ranges over v with one variable.
func (v Value) Seq() iter.Seq[Value] {
	if v.t == nil || !v.t.CanSeq() {
		fail("reflect: %s cannot produce iter.Seq[Value]", v.typeText())
	}
	return func(yield func(Value) bool) {
		types := v.t.iterated(1)
		for x := range v.v.Seq() {
			if !yield(Value{types[0], x, v.inherited()}) {
				return
			}
		}
	}
}

// Seq2 ranges over v with two variables.
func (v Value) Seq2() iter.Seq2[Value, Value] {
	if v.t == nil || !v.t.CanSeq2() {
		fail("reflect: %s cannot produce iter.Seq2[Value, Value]", v.typeText())
	}
	return func(yield func(Value, Value) bool) {
		types := v.t.iterated(2)
		for x, y := range v.v.Seq2() {
			if !yield(Value{types[0], x, v.inherited()}, Value{types[1], y, v.inherited()}) {
				return
			}
		}
	}
}

func (v Value) typeText() string {
	if v.t == nil {
		return "<nil>"
	}
	return v.t.String()
}
