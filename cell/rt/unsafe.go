package rt

import (
	"math/bits"
	"reflect"
	"unsafe"
)

// Unsafe is a function of package unsafe, by name.
func (r *Runtime) Unsafe(name string, dst any, args ...any) {
	d, x := elem(dst), elem(args[0])
	switch name {
	case "String":
		unsafeString(d, x.UnsafePointer(), integer(args[1]))
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
	case p.IsNil() && n > 0:
		panic(runtimeError("unsafe.Slice: ptr is nil and len is not zero"))
	case !fits(p.Pointer(), n, p.Type().Elem().Size()):
		panic(runtimeError("unsafe.Slice: len out of range"))
	case p.IsNil():
		d.SetZero()
		return
	}
	header := reflect.New(d.Type())
	*(*SliceHeader)(header.UnsafePointer()) = SliceHeader{p.UnsafePointer(), n, n}
	d.Set(header.Elem())
}

func unsafeString(d reflect.Value, p unsafe.Pointer, n int) {
	switch {
	case p == nil && n > 0:
		panic(runtimeError("unsafe.String: ptr is nil and len is not zero"))
	case !fits(uintptr(p), n, 1):
		panic(runtimeError("unsafe.String: len out of range"))
	}
	d.SetString(unsafe.String((*byte)(p), n))
}

// fits says that n elements from an address on end within the address space.
func fits(at uintptr, n int, size uintptr) bool {
	high, bytes := bits.Mul64(uint64(n), uint64(size))
	return n >= 0 && high == 0 && bytes <= -uint64(at)
}
