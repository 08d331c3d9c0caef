package rt

import (
	"reflect"
	"slices"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// toGo converts a value to the compiled type target. The result is invalid for a nil interface.
func (r *Runtime) toGo(v reflect.Value, target reflect.Type) reflect.Value {
	if v.Type() == anyType {
		return r.interfaceToGo(v.Interface(), target)
	}
	switch {
	case v.Type() == mirrorValue && target != mirrorValue:
		return r.reflectToGo(v.Interface(), target)
	case v.Kind() == reflect.Func && target.Kind() == reflect.Func && (v.Type() != target || hasInterface(target)):
		return r.funcToGo(v, target)
	case v.Kind() == reflect.Slice && target.Kind() == reflect.Slice && v.Type().Elem() == anyType:
		return r.sliceToGo(v, target)
	case v.Type() == target:
		return v
	case v.Type().ConvertibleTo(target):
		return v.Convert(target)
	case v.Kind() == reflect.Map && target.Kind() == reflect.Map && !v.IsNil():
		return r.mapToGo(v, target)
	case v.Kind() == reflect.Map && target.Kind() == reflect.Map:
		return reflect.Zero(target)
	}
	refuse("copy the value into the compiled type field by field", "a value of %s as the compiled type %s", v.Type(), target)
	return v
}

func (r *Runtime) interfaceToGo(x any, target reflect.Type) reflect.Value {
	b, ok := x.(Box)
	switch {
	case x == nil:
		return reflect.Zero(target)
	case !ok && target.Kind() == reflect.Interface && target != mirrorType:
		return r.reflectToGo(x, target)
	case !ok:
		return reflect.ValueOf(x)
	case target == anyType:
		return reflect.ValueOf(r.export(b))
	case target.Kind() == reflect.Interface:
		return r.wrap(b, target)
	}
	return r.toGo(reflect.ValueOf(b.Value), target)
}

// funcToGo makes a compiled func of a cell's: parameters come in, results go out.
func (r *Runtime) funcToGo(v reflect.Value, target reflect.Type) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(target)
	}
	own := v.Type()
	v = reflect.ValueOf(v.Interface()) // a copy: the variable may change before the call
	return reflect.MakeFunc(target, func(in []reflect.Value) []reflect.Value {
		defer r.keepFinal()
		r.checkLeft()
		given := slices.Clone(in)
		for i := range in {
			in[i] = r.fromGo(in[i], own.In(i))
		}
		out := v.Call(in)
		for i := range in {
			r.writeBack(in[i], given[i])
		}
		for i := range out {
			out[i] = r.variable(out[i], target.Out(i))
		}
		return out
	})
}

// writeBack stores the elements of a slice that came in as a copy where the caller has them.
func (r *Runtime) writeBack(own, given reflect.Value) {
	if own.Kind() != reflect.Slice || own.Type() == given.Type() || own.Pointer() == given.Pointer() {
		return
	}
	for i := range given.Len() {
		set(given.Index(i), r.toGo(own.Index(i), given.Type().Elem()))
	}
}

// variable is v as a value of exactly the compiled type t.
func (r *Runtime) variable(v reflect.Value, t reflect.Type) reflect.Value {
	x := reflect.New(t).Elem()
	set(x, r.toGo(v, t))
	return x
}

// sliceToGo passes a slice on as it is if it can be, and a copy if elements must change.
func (r *Runtime) sliceToGo(v reflect.Value, target reflect.Type) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(target)
	}
	if target.Elem() == anyType && !hasBoxes(v) {
		return v.Convert(target)
	}
	s := reflect.MakeSlice(target, v.Len(), v.Len())
	for i := range v.Len() {
		set(s.Index(i), r.toGo(v.Index(i), target.Elem()))
	}
	return s
}

func hasBoxes(v reflect.Value) bool {
	for i := range v.Len() {
		switch v.Index(i).Interface().(type) {
		case Box, mirror.Value, mirror.Type:
			return true
		}
	}
	return false
}

func (r *Runtime) mapToGo(v reflect.Value, target reflect.Type) reflect.Value {
	m := reflect.MakeMapWithSize(target, v.Len())
	for it := v.MapRange(); it.Next(); {
		m.SetMapIndex(r.variable(it.Key(), target.Key()), r.variable(it.Value(), target.Elem()))
	}
	return m
}

// fromGo converts a compiled value to what represents it in cells.
func (r *Runtime) fromGo(v reflect.Value, target reflect.Type) reflect.Value {
	if target == anyType {
		if v.Kind() == reflect.Interface {
			if v.IsNil() {
				return reflect.Zero(anyType)
			}
			v = v.Elem()
		}
		return reflect.ValueOf(r.unexport(v.Interface()))
	}
	switch {
	case v.Kind() == reflect.Func && target.Kind() == reflect.Func && (v.Type() != target || hasInterface(target)):
		return r.funcFromGo(v, target)
	case v.Type() == target:
		return v
	case v.Type() == compiledValue && target == mirrorValue:
		return reflect.ValueOf(r.unexport(v.Interface()))
	case v.Kind() == reflect.Slice && target.Kind() == reflect.Slice && target.Elem() == anyType:
		return r.sliceFromGo(v, target)
	case v.Type().ConvertibleTo(target):
		return v.Convert(target)
	case v.Kind() == reflect.Map && target.Kind() == reflect.Map:
		return r.mapFromGo(v, target)
	}
	refuse("use the value's own fields and methods instead", "a compiled %s as %s", v.Type(), target)
	return v
}

func (r *Runtime) funcFromGo(v reflect.Value, target reflect.Type) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(target)
	}
	compiled := v.Type()
	v = reflect.ValueOf(v.Interface())
	return reflect.MakeFunc(target, func(in []reflect.Value) []reflect.Value {
		for i := range in {
			in[i] = r.variable(in[i], compiled.In(i))
		}
		out := call(v, in)
		for i := range out {
			x := reflect.New(target.Out(i)).Elem()
			set(x, r.fromGo(out[i], target.Out(i)))
			out[i] = x
		}
		return out
	})
}

func (r *Runtime) sliceFromGo(v reflect.Value, target reflect.Type) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(target)
	}
	s := reflect.MakeSlice(target, v.Len(), v.Len())
	for i := range v.Len() {
		set(s.Index(i), r.fromGo(v.Index(i), anyType))
	}
	return s
}

func (r *Runtime) mapFromGo(v reflect.Value, target reflect.Type) reflect.Value {
	if v.IsNil() {
		return reflect.Zero(target)
	}
	m := reflect.MakeMapWithSize(target, v.Len())
	for it := v.MapRange(); it.Next(); {
		m.SetMapIndex(r.fromGo(it.Key(), target.Key()), r.fromGo(it.Value(), target.Elem()))
	}
	return m
}

// hasInterface reports a func type whose values need conversion at the border although both sides write it alike.
func hasInterface(t reflect.Type) bool {
	for p := range t.Ins() {
		if convertible(p) {
			return true
		}
	}
	for p := range t.Outs() {
		if convertible(p) {
			return true
		}
	}
	return false
}

func convertible(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Func:
		return true
	case reflect.Slice:
		return convertible(t.Elem())
	}
	return false
}

func call(f reflect.Value, in []reflect.Value) []reflect.Value {
	if f.Type().IsVariadic() {
		return f.CallSlice(in)
	}
	return f.Call(in)
}
