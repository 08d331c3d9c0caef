package reflect

import (
	"go/types"
	"iter"
	"reflect"
)

// Call calls a func.
func (v Value) Call(in []Value) []Value {
	v.mustBe("Call", reflect.Func)
	v.mustBeExported("Call")
	return v.call("Call", in)
}

// CallSlice calls a variadic func with a slice in place of the last arguments.
func (v Value) CallSlice(in []Value) []Value {
	v.mustBe("CallSlice", reflect.Func)
	v.mustBeExported("CallSlice")
	return v.call("CallSlice", in)
}

func (v Value) call(op string, in []Value) []Value {
	if v.v.IsNil() {
		fail("reflect.Value.Call: call of nil function")
	}
	n, variadic := v.t.NumIn(), v.t.IsVariadic()
	v.checkCount(op, len(in), n, variadic)
	for _, x := range in {
		if x.t == nil {
			fail("reflect: %s using zero Value argument", op)
		}
	}
	fixed := n
	if variadic && op == "Call" {
		fixed--
	}
	args := make([]reflect.Value, 0, n)
	for i := range fixed {
		to := desc(v.t.In(i))
		if !in[i].t.AssignableTo(to) {
			fail("reflect: %s using %s as type %s", op, in[i].t, to)
		}
		in[i].mustBeExported(op)
		args = append(args, in[i].as(to, v.v.Type().In(i)))
	}
	if fixed < n {
		args = append(args, v.packRest(op, in[fixed:]))
	}
	call := v.v.Call
	if v.v.Type().IsVariadic() {
		call = v.v.CallSlice
	}
	out := call(args)
	results := make([]Value, len(out))
	for i := range out {
		results[i] = Value{t: desc(v.t.Out(i)), v: out[i]}
	}
	return results
}

func (v Value) checkCount(op string, have, want int, variadic bool) {
	if op == "CallSlice" {
		if !variadic {
			fail("reflect: CallSlice of non-variadic function")
		}
	} else if variadic {
		if have < want-1 {
			fail("reflect: Call with too few input arguments")
		}
		return
	}
	if have < want {
		fail("reflect: %s with too few input arguments", op)
	}
	if have > want {
		fail("reflect: %s with too many input arguments", op)
	}
}

// packRest makes the slice of a variadic func's last arguments.
func (v Value) packRest(op string, in []Value) reflect.Value {
	last := v.t.NumIn() - 1
	rep, to := v.v.Type().In(last), desc(v.t.In(last).Elem())
	s := reflect.MakeSlice(rep, len(in), len(in))
	for i, x := range in {
		if !x.t.AssignableTo(to) {
			fail("reflect: cannot use %s as type %s in %s", x.t, to, op)
		}
		x.mustBeExported(op)
		s.Index(i).Set(x.as(to, rep.Elem()))
	}
	return s
}

// NumMethod is the number of v's methods.
func (v Value) NumMethod() int {
	if v.t == nil {
		v.wrong("NumMethod")
	}
	return v.t.NumMethod()
}

// Method is a method with v bound as its receiver.
func (v Value) Method(i int) Value {
	if v.t == nil {
		v.wrong("Method")
	}
	if i < 0 || i >= v.t.NumMethod() {
		fail("reflect: Method index out of range")
	}
	return v.bound(i)
}

// MethodByName is the method of that name, the zero Value if there is none.
func (v Value) MethodByName(name string) Value {
	if v.t == nil {
		v.wrong("MethodByName")
	}
	m, ok := v.t.MethodByName(name)
	if !ok {
		return Value{}
	}
	return v.bound(m.Index)
}

// Methods are v's methods.
func (v Value) Methods() iter.Seq2[Method, Value] {
	return func(yield func(Method, Value) bool) {
		for i := range v.NumMethod() {
			if !yield(v.t.Method(i), v.Method(i)) {
				return
			}
		}
	}
}

func (v Value) bound(i int) Value {
	if v.t.compiled != nil && v.v.Type() == v.t.compiled {
		defer raise()
		m := v.v.Method(i)
		return v.part(v.t.m.ofCompiled(m.Type()), m)
	}
	if v.Kind() == reflect.Interface {
		if v.v.IsNil() {
			fail("reflect: Method on nil interface value")
		}
		return v.dynamic(v.t.Method(i))
	}
	if v.t.compiled != nil {
		return v.part(v.t.m.ofCompiled(v.t.compiled), v.as(v.t, v.t.compiled)).bound(i)
	}
	f := v.t.methods()[i]
	return v.part(v.t.m.of(plain(f.Signature())), v.t.bind(f, v.v))
}

// dynamic is an interface's method, of the value in it.
func (v Value) dynamic(m Method) Value {
	if m.PkgPath == "" {
		f := v.Elem().MethodByName(m.Name)
		f.t = desc(m.Type)
		return f
	}
	e := v.Elem()
	if e.t.own != nil {
		obj, _, _ := types.LookupFieldOrMethod(e.t.own, false, packageOf(m.PkgPath), m.Name)
		if f, ok := obj.(*types.Func); ok {
			return Value{desc(m.Type), e.t.bind(f, e.v), sticky}
		}
	}
	v.t.m.host.Refuse("call the method in the cell itself", "calling the method %s of %s by reflect", m.Name, v.t)
	return Value{}
}
