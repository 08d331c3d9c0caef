package display

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// Boxed is a value of a type that a cell declared. Go's reflection does not see its methods and fields: the interpreter does. What %#v
// prints is its text if it has neither Error nor String.
type Boxed interface {
	// Call calls the method of that name; ok is false if the value has none that takes nothing.
	Call(method string) (results []any, ok bool)
	look
}

// look is what is inside a value, whatever knows its type. Methods may be called only where Kind allows them.
type look interface {
	TypeString() string
	Kind() reflect.Kind
	IsNil() bool
	Basic() any                           // a bool, number or string without its type
	Len() int                             // of a slice, array or map
	Index(i int) any                      // of a slice or array
	Entries() (keys, values []any)        // of a map, sorted
	Elem() any                            // of a pointer
	Fields() (names []string, hidden int) // of a struct: those that may be seen, and how many others there are
	Field(i int) any                      // by its place in Fields
}

// lookAt returns nil for nil.
func lookAt(v any) look {
	switch v := shown(v).(type) {
	case nil:
		return nil
	case look:
		return v
	default:
		return compiled{reflect.ValueOf(v)}
	}
}

// shown is v, or what stands for it in compiled code.
func shown(v any) any {
	if s, ok := v.(interface{ Shown() any }); ok {
		return s.Shown()
	}
	return v
}

// compiled looks at a value of a type that was compiled.
type compiled struct{ reflect.Value }

func (c compiled) TypeString() string { return c.Type().String() }

func (c compiled) IsNil() bool {
	switch c.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Slice, reflect.Map, reflect.Func, reflect.Chan:
		return c.Value.IsNil()
	default:
		return false
	}
}

func (c compiled) Basic() any {
	switch {
	case c.Kind() == reflect.Bool:
		return c.Bool()
	case c.Kind() == reflect.String:
		return c.String()
	case c.CanInt():
		return c.Int()
	case c.CanUint():
		return c.Uint()
	case c.Kind() == reflect.Float32:
		return float32(c.Float())
	case c.CanFloat():
		return c.Float()
	case c.Kind() == reflect.Complex64:
		return complex64(c.Complex())
	case c.CanComplex():
		return c.Complex()
	}
	return c.Interface()
}

func (c compiled) Index(i int) any { return c.Value.Index(i).Interface() }

func (c compiled) Elem() any { return c.Value.Elem().Interface() }

func (c compiled) Entries() (keys, values []any) {
	type entry struct{ key, value any }
	entries := make([]entry, 0, c.Len())
	for it := c.MapRange(); it.Next(); {
		entries = append(entries, entry{it.Key().Interface(), it.Value().Interface()})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return compare(lookAt(a.key), lookAt(b.key)) })
	for _, e := range entries {
		keys, values = append(keys, e.key), append(values, e.value)
	}
	return keys, values
}

// compare orders keys: numbers and strings by value, what has no order of its own by its text.
func compare(a, b look) int {
	if a == nil || b == nil || a.Kind() != b.Kind() {
		return cmp.Compare(kind(a), kind(b))
	}
	switch x := a.Basic().(type) {
	case string:
		return cmp.Compare(x, b.Basic().(string))
	case int64:
		return cmp.Compare(x, b.Basic().(int64))
	case uint64:
		return cmp.Compare(x, b.Basic().(uint64))
	case float64:
		return cmp.Compare(x, b.Basic().(float64))
	case float32:
		return cmp.Compare(x, b.Basic().(float32))
	default:
		return cmp.Compare(fmt.Sprint(x), fmt.Sprint(b.Basic()))
	}
}

func kind(l look) reflect.Kind {
	if l == nil {
		return reflect.Invalid
	}
	return l.Kind()
}

func (c compiled) Fields() (names []string, hidden int) {
	for f := range c.Type().Fields() {
		if f.IsExported() {
			names = append(names, f.Name)
		} else if f.Name != "_" {
			hidden++
		}
	}
	return names, hidden
}

func (c compiled) Field(i int) any {
	for n := range c.NumField() {
		if !c.Type().Field(n).IsExported() {
			continue
		}
		if i--; i < 0 {
			return c.Value.Field(n).Interface()
		}
	}
	return nil
}
