package yaegi

import (
	"go/types"
	"strconv"
	"strings"
)

// Neither yaegi nor reflect can build types that contain themselves. So references back are cut: an unsafe.Pointer or a slice header
// stands for a field, an element or a key, any for what a func takes and returns. What is cut is converted where it is loaded and stored.

// part writes the type t of the elements or keys of the type whole.
func (e *emitter) part(whole, t types.Type) string {
	if stand := standIn(t); stand != "" && e.LeadsTo(t, whole, false, map[types.Type]bool{}) {
		return stand
	}
	return e.ty(t)
}

// standIn is what stands for a type whose representation is cut, "" for a type in which only parts can be.
func standIn(t types.Type) string {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan:
		return "rt.Pointer"
	case *types.Slice:
		return "rt.SliceHeader"
	}
	return ""
}

// cutElem reports that the elements of t, or what it points to, are written as something else than their type.
func (e *emitter) cutElem(t types.Type) bool {
	u, ok := t.Underlying().(interface{ Elem() types.Type })
	return ok && standIn(u.Elem()) != "" && e.LeadsTo(u.Elem(), t.Underlying(), false, map[types.Type]bool{})
}

// cutSignature writes the signature of a func type that contains itself: any stands for what leads back to it.
func (e *emitter) cutSignature(t *types.Named, sg *types.Signature) string {
	list := func(vars *types.Tuple) (ts []string) {
		for v := range vars.Variables() {
			if e.LeadsTo(v.Type(), t, true, map[types.Type]bool{}) {
				ts = append(ts, "any")
			} else {
				ts = append(ts, e.ty(v.Type()))
			}
		}
		return ts
	}
	return "(" + strings.Join(list(sg.Params()), ", ") + ")" + resultList(list(sg.Results()))
}

// fieldType writes the type of a field of the struct key.
func (e *emitter) fieldType(key, t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		if e.Reaches(t, key, map[types.Type]bool{}) {
			return "rt.Pointer"
		}
	case *types.Slice:
		if e.Reaches(t, key, map[types.Type]bool{}) {
			return "rt.SliceHeader"
		}
	case *types.Array:
		if e.Reaches(t, key, map[types.Type]bool{}) {
			return "[" + strconv.FormatInt(u.Len(), 10) + "]" + e.fieldType(key, u.Elem())
		}
	}
	return e.ty(t)
}

// cut reports that field i of the struct type x is written as something else than its type.
func (e *emitter) cut(x types.Type, i int) bool {
	x = types.Unalias(x)
	if n, ok := x.(*types.Named); ok && !e.p.Interpreted(n.Obj().Pkg()) {
		return false
	}
	t := x.Underlying().(*types.Struct).Field(i).Type()
	return e.fieldType(x, t) != e.ty(t)
}
