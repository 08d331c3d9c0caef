package rt

import (
	"go/types"
	"reflect"

	"github.com/joey-go/joey/cell/source"
)

// MakeInterface puts a value of the type id into an interface.
func (r *Program) MakeInterface(dst, src any, id int) {
	v := elem(src).Interface()
	if t := r.used[id]; t.Boxed {
		v = Box{t, v}
	}
	*dst.(*any) = v
}

// Assert is x.(T) for a value of the interface type from. Without commaOk it panics as Go does.
func (r *Program) Assert(dst, x any, to, from int, commaOk bool) bool {
	v := *x.(*any)
	t := r.used[to]
	miss := ""
	if v != nil {
		if i, ok := t.Go.Underlying().(*types.Interface); ok {
			if miss = missing(v, i); miss == "" {
				*dst.(*any) = v
				return true
			}
		} else if r.unpack(t, elem(dst), v) {
			return true
		}
	}
	if !commaOk {
		panic(r.conversionError(v, t, r.used[from], miss))
	}
	elem(dst).SetZero()
	return false
}

// unpack sets dst to v if t is v's dynamic type.
func (r *Runtime) unpack(t *Type, dst reflect.Value, v any) bool {
	if b, ok := v.(Box); ok {
		if b.Type == t {
			dst.Set(reflect.ValueOf(b.Value))
			return true
		}
		return false
	}
	c := reflect.TypeOf(v)
	if !t.Boxed {
		if c != t.rep() {
			return false
		}
		dst.Set(reflect.ValueOf(v))
		return true
	}
	if _, named := types.Unalias(t.Go).(*types.Named); named || !sameType(t.Go, c) {
		return false
	}
	dst.Set(r.fromGo(reflect.ValueOf(v), dst.Type())) // such as []error, made by compiled code
	return true
}

func (r *Runtime) conversionError(v any, to, from *Type, miss string) error {
	return assertionError{conversionText(v, to, from, miss)}
}

func conversionText(v any, to, from *Type, miss string) string {
	target := typeString(to.Go)
	switch {
	case v == nil && types.IsInterface(to.Go):
		return "interface conversion: interface is nil, not " + target
	case v == nil:
		return "interface conversion: " + typeString(from.Go) + " is nil, not " + target
	case miss != "":
		return "interface conversion: " + dynamicType(v) + " is not " + target + ": missing method " + miss
	}
	have := dynamicType(v)
	s := "interface conversion: " + typeString(from.Go) + " is " + have + ", not " + target
	if have == target {
		s += " (types from different scopes)"
	}
	return s
}

func dynamicType(v any) string {
	if b, ok := v.(Box); ok {
		return typeString(b.Type.Go)
	}
	return reflect.TypeOf(v).String()
}

// Method stores in m the method number k of the value in the interface x.
func (r *Program) Method(k int, m, x any) {
	v := *x.(*any)
	if v == nil {
		nilDereference()
	}
	f, dst := r.methods[k], elem(m)
	if b, ok := v.(Box); ok {
		bound, ok := b.bind(f.Id())
		if !ok {
			panic(&source.Error{Msg: "internal error: " + typeString(b.Type.Go) + " has no method " + f.Name(), Hint: "please report this cell"})
		}
		dst.Set(bound)
		return
	}
	if c := r.dynamic(v, f.Name(), f.Signature().Results().Len()); c != nil {
		dst.Set(methodValue(dst.Type(), &v, func(results, args []any) { r.callCompiled(c, results, args) }))
		return
	}
	bound := r.unplaced(v, f.Name(), reflect.ValueOf(v).MethodByName(f.Name()))
	if !bound.IsValid() {
		panic(&source.Error{Msg: "internal error: " + reflect.TypeOf(v).String() + " has no method " + f.Name(), Hint: "please report this cell"})
	}
	dst.Set(r.fromGo(r.listening(f, v, bound), dst.Type()))
}
