package rt

import (
	"cmp"
	"reflect"
	"slices"
)

type entry struct{ key, value reflect.Value }

// sortedKeys orders a map's entries as fmt does (internal/fmtsort).
func sortedKeys(m reflect.Value) []entry {
	var es []entry
	for it := m.MapRange(); it.Next(); {
		es = append(es, entry{it.Key(), it.Value()})
	}
	slices.SortStableFunc(es, func(a, b entry) int { return compareKeys(a.key, b.key) })
	return es
}

func compareKeys(a, b reflect.Value) int {
	switch a.Kind() {
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Float32, reflect.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		return cmp.Or(cmp.Compare(real(a.Complex()), real(b.Complex())), cmp.Compare(imag(a.Complex()), imag(b.Complex())))
	case reflect.Bool:
		return cmp.Compare(number(a.Bool()), number(b.Bool()))
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compareKeys(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Array:
		for i := range a.Len() {
			if c := compareKeys(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Interface:
		return compareDynamic(a, b)
	}
	if a.CanInt() {
		return cmp.Compare(a.Int(), b.Int())
	}
	return cmp.Compare(a.Uint(), b.Uint())
}

// compareDynamic puts nil first, then types in the order of their first use here (fmt: of their addresses).
func compareDynamic(a, b reflect.Value) int {
	if a.IsNil() || b.IsNil() {
		return cmp.Compare(number(!a.IsNil()), number(!b.IsNil()))
	}
	x, y := a.Interface(), b.Interface()
	p, isBox := x.(Box)
	q, both := y.(Box)
	switch {
	case isBox && both && p.Type == q.Type:
		return compareKeys(reflect.ValueOf(p.Value), reflect.ValueOf(q.Value))
	case isBox && both:
		return cmp.Compare(p.Type.ID, q.Type.ID)
	case isBox != both:
		return cmp.Compare(number(isBox), number(both))
	}
	if reflect.TypeOf(x) != reflect.TypeOf(y) {
		return cmp.Compare(reflect.ValueOf(reflect.TypeOf(x)).Pointer(), reflect.ValueOf(reflect.TypeOf(y)).Pointer())
	}
	return compareKeys(a.Elem(), b.Elem())
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
