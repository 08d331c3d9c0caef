package rt

import (
	"go/types"
	"reflect"
	"unsafe"
)

// holdsInterface says that values of an unnamed type may have boxes in them.
func holdsInterface(t reflect.Type) bool {
	if t.PkgPath() != "" {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsInterface(t.Elem())
	case reflect.Map:
		return holdsInterface(t.Key()) || holdsInterface(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsInterface(f.Type) {
				return true
			}
		}
	}
	return false
}

// viewInside gives an encoder or a template views of the cells' values in a compiled container. Decoders get the pointer to an interface
// that holds a cell's pointer as that pointer: they follow both.
func (r *Runtime) viewInside(c *compiledFunc, x any) (reflect.Value, func([]reflect.Value)) {
	v := reflect.ValueOf(x)
	if decodes(c.name) {
		if p, ok := x.(*any); ok && p != nil {
			if b, ok := (*p).(Box); ok && isPointer(b) {
				return r.view(c, b)
			}
		}
		w := &viewer{r: r, pkg: c.pkg, decode: true, visiting: map[types.Type]bool{}}
		w.offerInside(v, 0)
		return v, func([]reflect.Value) { w.takeInside(v, 0) }
	}
	w := &viewer{r: r, pkg: c.pkg, visiting: map[types.Type]bool{}}
	return w.inside(v), w.renameUnsupported
}

// offerInside puts what a decoder can fill in the place of the cells' pointers that interfaces in v hold, and takeInside the pointers back,
// filled. Maps are left alone: decoders replace what they hold.
func (v *viewer) offerInside(own reflect.Value, depth int) {
	interfaces(own, depth, func(i reflect.Value) {
		if b, ok := i.Interface().(Box); ok && isPointer(b) {
			v.offer(b, i)
		}
	})
}

func (v *viewer) takeInside(own reflect.Value, depth int) {
	interfaces(own, depth, func(i reflect.Value) {
		for _, o := range v.offers {
			if p := i.Elem(); p.Kind() == reflect.Pointer && p.Pointer() == o.seen.Pointer() {
				i.Set(reflect.ValueOf(o.box))
				_ = v.take(deref(o.box.Type.Go), o.seen.Elem(), reflect.ValueOf(o.box.Value).Elem())
			}
		}
	})
}

// interfaces calls f for each interface variable in v that holds something, as far as decoders go.
func interfaces(v reflect.Value, depth int, f func(reflect.Value)) {
	if depth > maxViewDepth || !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		interfaces(v.Elem(), depth+1, f)
	case reflect.Interface:
		if v.CanSet() && v.NumMethod() == 0 && !v.IsNil() {
			f(v)
			interfaces(v.Elem(), depth+1, f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !holdsInterface(v.Type().Elem()) {
				return
			}
			interfaces(v.Index(i), depth+1, f)
		}
	case reflect.Struct:
		if v.Type().PkgPath() != "" || v.Type().Name() != "" {
			return
		}
		for i := range v.NumField() {
			interfaces(v.Field(i), depth+1, f)
		}
	}
}

func isPointer(b Box) bool {
	v := reflect.ValueOf(b.Value)
	return v.Kind() == reflect.Pointer && !v.IsNil()
}

// container is a slice or a map of interfaces, or a pointer to something that holds some, that is being copied.
type container struct {
	at unsafe.Pointer
	t  reflect.Type
	n  int // of a slice: a part of one may begin where it does
}

// within notes a container around what is copied next, until what it returns is called.
func (v *viewer) within(own reflect.Value) (done func()) {
	c := container{at: own.UnsafePointer(), t: own.Type()}
	if own.Kind() == reflect.Slice {
		c.n = own.Len()
	}
	if v.around[c] {
		v.cycle()
	}
	if v.around == nil {
		v.around = map[container]bool{}
	}
	v.around[c] = true
	return func() { delete(v.around, c) }
}

// inside is v, or a copy of it if there are boxes in it.
func (v *viewer) inside(own reflect.Value) reflect.Value {
	switch {
	case !own.IsValid() || !holdsInterface(own.Type()):
	case own.Kind() == reflect.Interface:
		seen := reflect.New(own.Type()).Elem()
		if b, ok := own.Interface().(Box); ok {
			v.showDynamic(reflect.ValueOf(&b).Elem(), seen)
		} else if !own.IsNil() {
			seen.Set(v.inside(own.Elem()))
		}
		return seen
	case own.Kind() == reflect.Slice && own.Len() > 0:
		defer v.within(own)()
		seen := reflect.MakeSlice(own.Type(), own.Len(), own.Len())
		for i := range own.Len() {
			seen.Index(i).Set(v.inside(own.Index(i)))
		}
		return seen
	case own.Kind() == reflect.Map && !own.IsNil():
		defer v.within(own)()
		seen := reflect.MakeMapWithSize(own.Type(), own.Len())
		for it := own.MapRange(); it.Next(); {
			seen.SetMapIndex(v.inside(it.Key()), v.inside(it.Value()))
		}
		return seen
	case v.pkg != "encoding/json" || v.decode: // they get pointers, arrays and structs as they are
	case own.Kind() == reflect.Pointer && !own.IsNil():
		defer v.within(own)()
		seen := reflect.New(own.Type().Elem())
		seen.Elem().Set(v.inside(own.Elem()))
		return seen
	case own.Kind() == reflect.Array:
		seen := reflect.New(own.Type()).Elem()
		for i := range own.Len() {
			seen.Index(i).Set(v.inside(own.Index(i)))
		}
		return seen
	case own.Kind() == reflect.Struct:
		seen := reflect.New(own.Type()).Elem()
		seen.Set(own)
		for i := range own.NumField() {
			if own.Type().Field(i).IsExported() {
				seen.Field(i).Set(v.inside(own.Field(i)))
			}
		}
		return seen
	}
	return own
}
