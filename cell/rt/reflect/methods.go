package reflect

import (
	"cmp"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// methods are those that package reflect tells of: all of an interface, the exported ones of another type, sorted.
func (t *rtype) methods() (list []*types.Func) {
	if i, ok := t.under().(*types.Interface); ok {
		list = slices.Collect(i.Methods())
	} else {
		for s := range types.NewMethodSet(t.own).Methods() {
			if f := s.Obj().(*types.Func); f.Exported() {
				list = append(list, f)
			}
		}
	}
	slices.SortFunc(list, func(a, b *types.Func) int {
		if a.Exported() != b.Exported() {
			return cmp.Compare(pick(a.Exported(), 0, 1), pick(b.Exported(), 0, 1))
		}
		return cmp.Or(strings.Compare(a.Name(), b.Name()), strings.Compare(hiddenIn(a), hiddenIn(b)))
	})
	return list
}

func pick[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

func (t *rtype) NumMethod() int {
	if t.compiled != nil {
		return t.compiled.NumMethod()
	}
	return len(t.methods())
}

func (t *rtype) Method(i int) Method {
	if t.compiled != nil {
		defer raise()
		return t.wrapMethod(t.compiled.Method(i))
	}
	list := t.methods()
	if i < 0 || i >= len(list) {
		if t.Kind() == reflect.Interface {
			return Method{}
		}
		fail("reflect: Method index out of range")
	}
	return t.describeMethod(list[i], i)
}

func (t *rtype) MethodByName(name string) (Method, bool) {
	if t.compiled != nil {
		m, ok := t.compiled.MethodByName(name)
		if !ok {
			return Method{}, false
		}
		return t.wrapMethod(m), true
	}
	for i, f := range t.methods() {
		if f.Name() == name {
			return t.describeMethod(f, i), true
		}
	}
	return Method{}, false
}

func (t *rtype) wrapMethod(m reflect.Method) Method {
	w := Method{Name: m.Name, PkgPath: m.PkgPath, Type: t.wrap(m.Type), Index: m.Index}
	if m.Func.IsValid() {
		w.Func = Value{t: t.m.ofCompiled(m.Type), v: m.Func}
	}
	return w
}

func (t *rtype) describeMethod(f *types.Func, i int) Method {
	sg := plain(f.Signature())
	if t.Kind() == reflect.Interface {
		return Method{Name: f.Name(), PkgPath: hiddenIn(f), Type: t.m.of(sg), Index: i}
	}
	params := []*types.Var{types.NewParam(token.NoPos, nil, "", t.own)}
	params = append(params, slices.Collect(sg.Params().Variables())...)
	expr := t.m.of(types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sg.Results(), sg.Variadic()))
	call := func(in []reflect.Value) []reflect.Value { return t.bind(f, in[0]).Call(in[1:]) }
	return Method{Name: f.Name(), Type: expr, Func: Value{t: expr, v: expr.lazily(call)}, Index: i}
}

// plain is a signature without its receiver: a method value's.
func plain(sg *types.Signature) *types.Signature {
	return types.NewSignatureType(nil, nil, nil, sg.Params(), sg.Results(), sg.Variadic())
}

// lazily makes a func of the type t, of the form that cells have: without variadic parameters.
func (t *rtype) lazily(call func([]reflect.Value) []reflect.Value) reflect.Value {
	return reflect.MakeFunc(t.repr(), call)
}

func (t *rtype) bind(f *types.Func, receiver reflect.Value) reflect.Value {
	b := t.m.host.Bind(t.own, receiver, f)
	if !b.IsValid() {
		t.m.host.Refuse("call the method in the cell itself", "calling the method %s of %s by reflect", f.Name(), t)
	}
	return b
}
