package rt

import (
	"reflect"
	"unicode/utf8"
)

// Lookup is v, ok = m[k].
func (r *Runtime) Lookup(m, k, dst any) bool {
	mv, d, key := elem(m), elem(dst), elem(k)
	checkKey(key)
	v := mv.MapIndex(key)
	if v.IsValid() {
		d.Set(v)
		return true
	}
	if mv.IsNil() && mv.Type().Key() == anyType {
		_ = map[any]int(nil)[*k.(*any)] // panics if the key cannot be hashed; reflect does not for a nil map
	}
	d.SetZero()
	return false
}

// MapSet is m[k] = v.
func (r *Runtime) MapSet(m, k, v any) {
	key := elem(k)
	checkKey(key)
	elem(m).SetMapIndex(key, elem(v))
}

// checkKey panics as Go does for a key that cannot be hashed; the runtime would name what represents its type.
func checkKey(k reflect.Value) {
	if k.Type() != anyType {
		return
	}
	if b, ok := k.Interface().(Box); ok && !reflect.TypeOf(b.Value).Comparable() {
		panic(runtimeError("hash of unhashable type " + typeString(b.Type.Go)))
	}
}

// Delete is the builtin.
func (r *Runtime) Delete(m, k any) {
	if v := elem(m); !v.IsNil() {
		v.SetMapIndex(elem(k), reflect.Value{})
	}
}

// Iter is the state of a range over a map or string.
type Iter struct {
	keys *reflect.MapIter
	text string
	next int
}

// Range starts a range over a map or string.
func (r *Runtime) Range(x any) *Iter {
	v := elem(x)
	if v.Kind() == reflect.String {
		return &Iter{text: v.String()}
	}
	return &Iter{keys: v.MapRange()}
}

// Next sets key and value to the next ones. A variable of another type is one that the program does not use.
func (r *Runtime) Next(it *Iter, k, v any) bool {
	if it.keys == nil {
		return it.nextRune(elem(k), elem(v))
	}
	if !it.keys.Next() {
		return false
	}
	if key := elem(k); it.keys.Key().Type() == key.Type() {
		key.SetIterKey(it.keys)
	}
	if value := elem(v); it.keys.Value().Type() == value.Type() {
		value.SetIterValue(it.keys)
	}
	return true
}

func (it *Iter) nextRune(k, v reflect.Value) bool {
	if it.next >= len(it.text) {
		return false
	}
	c, n := utf8.DecodeRuneInString(it.text[it.next:])
	k.SetInt(int64(it.next))
	v.SetInt(int64(c))
	it.next += n
	return true
}
