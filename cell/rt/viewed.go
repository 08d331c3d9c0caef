package rt

import (
	"go/types"
	"reflect"
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
		return v, nil
	}
	w := &viewer{r: r, pkg: c.pkg, visiting: map[types.Type]bool{}}
	return w.inside(v), w.renameUnsupported
}

func isPointer(b Box) bool {
	v := reflect.ValueOf(b.Value)
	return v.Kind() == reflect.Pointer && !v.IsNil()
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
	case own.Kind() == reflect.Slice && !own.IsNil():
		seen := reflect.MakeSlice(own.Type(), own.Len(), own.Len())
		for i := range own.Len() {
			seen.Index(i).Set(v.inside(own.Index(i)))
		}
		return seen
	case own.Kind() == reflect.Map && !own.IsNil():
		seen := reflect.MakeMapWithSize(own.Type(), own.Len())
		for it := own.MapRange(); it.Next(); {
			seen.SetMapIndex(v.inside(it.Key()), v.inside(it.Value()))
		}
		return seen
	}
	return own
}
