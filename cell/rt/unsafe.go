package rt

import (
	"reflect"
	"unsafe"
)

// Unsafe is a function of package unsafe, by name.
func (r *Runtime) Unsafe(name string, dst any, args ...any) {
	d, x := elem(dst), elem(args[0])
	switch name {
	case "String":
		d.SetString(unsafe.String((*byte)(x.UnsafePointer()), integer(args[1])))
	case "StringData":
		d.Set(reflect.ValueOf(unsafe.StringData(x.String())))
	case "SliceData":
		d.Set(reflect.NewAt(x.Type().Elem(), x.UnsafePointer()))
	case "Slice":
		unsafeSlice(d, x, integer(args[1]))
	case "Add":
		d.SetPointer(unsafe.Add(x.UnsafePointer(), integer(args[1])))
	default:
		refuse("", "unsafe.%s", name)
	}
}

func unsafeSlice(d, p reflect.Value, n int) {
	switch {
	case n < 0:
		panic(runtimeError("unsafe.Slice: len out of range"))
	case p.IsNil() && n > 0:
		panic(runtimeError("unsafe.Slice: ptr is nil and len is not zero"))
	case p.IsNil():
		d.SetZero()
		return
	}
	d.Set(reflect.NewAt(reflect.ArrayOf(n, p.Type().Elem()), p.UnsafePointer()).Elem().Slice3(0, n, n))
}
