package closure

import (
	"go/types"
	"reflect"

	"golang.org/x/tools/go/ssa"

	"github.com/joey-go/joey/cell/interp/facts"
)

// key is the variable that holds a map's key. Blank fields, which unsafe code may have set, do not count.
func (x *body) key(v ssa.Value) operandFunc {
	if !facts.HasBlank(v.Type()) {
		return x.operand(v)
	}
	t := x.typ(v.Type())
	o, m, p, r := x.layout.local(t), x.move(v, t), operand(t), x.rt
	return func(fr *frame) any {
		m(fr, at(fr, o))
		k := p(at(fr, o))
		r.ClearBlanks(k)
		return k
	}
}

func (x *body) lookup(i *ssa.Lookup) {
	if _, ok := i.X.Type().Underlying().(*types.Map); !ok {
		x.indexText(i.X, x.whole(i.Index), x.outOfRange(i.Index), x.slot(i))
		return
	}
	t := x.typ(i.X.Type())
	var o, ok uintptr
	if i.CommaOk {
		parts := x.tuple(i)
		o, ok = parts[0], parts[1]
	} else {
		o = x.slot(i)
	}
	if plain := x.plainMap(t); plain != nil {
		x.emit(plain.get(x.pointer(i.X), i.Index, o, ok, i.CommaOk))
		return
	}
	r, m, k, d := x.rt, x.operand(i.X), x.key(i.Index), variable(o, x.typ(i.X.Type().Underlying().(*types.Map).Elem()))
	switch {
	case i.CommaOk:
		x.emit(func(fr *frame) { *(*bool)(at(fr, ok)) = r.Lookup(m(fr), k(fr), d(fr)) })
	case facts.ToAssign(i):
		x.emit(func(fr *frame) { r.LookupToSet(m(fr), k(fr), d(fr)) })
	default:
		x.emit(func(fr *frame) { r.Lookup(m(fr), k(fr), d(fr)) })
	}
}

func (x *body) mapUpdate(i *ssa.MapUpdate) {
	if plain := x.plainMap(x.typ(i.Map.Type())); plain != nil {
		x.emit(plain.set(x.pointer(i.Map), i.Key, i.Value))
		return
	}
	r, m, k, v := x.rt, x.operand(i.Map), x.key(i.Key), x.operand(i.Value)
	x.emit(func(fr *frame) { r.MapSet(m(fr), k(fr), v(fr)) })
}

// plainMap is how maps of a type are read and written that Go code can name: others take reflection.
type plainMap struct {
	get func(m pointerExpr, key ssa.Value, o, ok uintptr, commaOk bool) step
	set func(m pointerExpr, key, value ssa.Value) step
}

// plainMap is nil for types that the engine does not know.
func (x *body) plainMap(t reflect.Type) *plainMap {
	switch t.Key() {
	case reflect.TypeFor[int]():
		return mapsBy(x, t, func(v ssa.Value) func(fr *frame) int {
			e := x.whole(v)
			return func(fr *frame) int { return int(e(fr)) }
		})
	case reflect.TypeFor[int64]():
		return mapsBy(x, t, func(v ssa.Value) func(fr *frame) int64 { return x.whole(v) })
	case reflect.TypeFor[rune]():
		return mapsBy(x, t, func(v ssa.Value) func(fr *frame) rune {
			e := x.whole(v)
			return func(fr *frame) rune { return rune(e(fr)) }
		})
	case reflect.TypeFor[string]():
		return mapsBy(x, t, func(v ssa.Value) func(fr *frame) string { return x.text(v) })
	}
	return nil
}

func mapsBy[K comparable](x *body, t reflect.Type, key func(v ssa.Value) func(fr *frame) K) *plainMap {
	switch t.Elem() {
	case reflect.TypeFor[int]():
		return mapsOf[K, int](x, t, key)
	case reflect.TypeFor[int64]():
		return mapsOf[K, int64](x, t, key)
	case reflect.TypeFor[float64]():
		return mapsOf[K, float64](x, t, key)
	case reflect.TypeFor[string]():
		return mapsOf[K, string](x, t, key)
	case reflect.TypeFor[bool]():
		return mapsOf[K, bool](x, t, key)
	case anyType:
		return mapsOf[K, any](x, t, key)
	case reflect.TypeFor[[]int]():
		return mapsOf[K, []int](x, t, key)
	case reflect.TypeFor[[]string]():
		return mapsOf[K, []string](x, t, key)
	case reflect.TypeFor[struct{}]():
		return mapsOf[K, struct{}](x, t, key)
	}
	return nil
}

func mapsOf[K comparable, V any](x *body, t reflect.Type, key func(v ssa.Value) func(fr *frame) K) *plainMap {
	if t != reflect.TypeFor[map[K]V]() {
		return nil
	}
	of := func(p P) map[K]V { return *(*map[K]V)(P(&p)) }
	return &plainMap{
		get: func(m pointerExpr, index ssa.Value, o, ok uintptr, commaOk bool) step {
			k := key(index)
			if commaOk {
				return func(fr *frame) { *(*V)(at(fr, o)), *(*bool)(at(fr, ok)) = of(m(fr))[k(fr)] }
			}
			return func(fr *frame) { *(*V)(at(fr, o)) = of(m(fr))[k(fr)] }
		},
		set: func(m pointerExpr, index, value ssa.Value) step {
			k, v := key(index), x.storage(value)
			return func(fr *frame) { of(m(fr))[k(fr)] = *(*V)(v(fr)) }
		},
	}
}
