package rt

import (
	"go/types"
	"reflect"
	"unicode/utf8"
)

// Lookup is v, ok = m[k].
func (r *Runtime) Lookup(m, k, dst any) bool {
	mv, d, key := elem(m), elem(dst), elem(k)
	checkKey(key, mv.Len() == 0)
	v := mv.MapIndex(as(mv.Type().Key(), key))
	if v.IsValid() {
		assign(d, v)
		return true
	}
	d.SetZero()
	return false
}

// LookupToSet is the first half of m[k] op= v. If there is nothing to read it leaves what is wrong with the key to the second, as Go does.
func (r *Runtime) LookupToSet(m, k, dst any) {
	if elem(m).Len() > 0 {
		r.Lookup(m, k, dst)
		return
	}
	elem(dst).SetZero()
}

// MapSet is m[k] = v. Of a nil map Go does not look at the key.
func (r *Runtime) MapSet(m, k, v any) {
	mv, key := elem(m), elem(k)
	if !mv.IsNil() {
		checkKey(key, false)
	}
	mv.SetMapIndex(as(mv.Type().Key(), key), as(mv.Type().Elem(), elem(v)))
}

// Delete is the builtin.
func (r *Runtime) Delete(m, k any) {
	v, key := elem(m), elem(k)
	checkKey(key, v.Len() == 0)
	if !v.IsNil() {
		v.SetMapIndex(as(v.Type().Key(), key), reflect.Value{})
	}
}

// checkKey panics as Go does for a key that cannot be hashed: the runtime would name what represents its type, and reflect
// does not look at the key when there is nothing to find. For a map that is empty Go has another text.
func checkKey(k reflect.Value, empty bool) {
	name := unhashable(k)
	switch {
	case name == "":
	case empty:
		panic(hashFault{plainError("hash of unhashable type: " + name)})
	default:
		panic(runtimeError("hash of unhashable type " + name))
	}
}

// unhashable names the type of the first value within k that Go cannot hash, "" if it can hash all.
func unhashable(k reflect.Value) string {
	switch k.Kind() {
	case reflect.Interface:
		return unhashableIn(k.Interface())
	case reflect.Struct:
		for i := range k.NumField() {
			if name := unhashable(k.Field(i)); name != "" {
				return name
			}
		}
	case reflect.Array:
		for i := range k.Len() {
			if name := unhashable(k.Index(i)); name != "" {
				return name
			}
		}
	}
	return ""
}

func unhashableIn(v any) string {
	if b, ok := v.(Box); ok {
		if !types.Comparable(b.Type.Go) {
			return typeString(b.Type.Go)
		}
		return unhashable(reflect.ValueOf(b.Value))
	}
	if t := reflect.TypeOf(v); t != nil && !t.Comparable() {
		return t.String()
	}
	return unhashable(reflect.ValueOf(v))
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
	return &Iter{keys: reflect.ValueOf(v.Interface()).MapRange()} // of the map, whatever becomes of its variable
}

// Next sets key and value to the next ones.
func (r *Runtime) Next(it *Iter, k, v any) bool {
	if it.keys == nil {
		return it.nextRune(elem(k), elem(v))
	}
	if !it.keys.Next() {
		return false
	}
	assign(elem(k), it.keys.Key())
	assign(elem(v), it.keys.Value())
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
