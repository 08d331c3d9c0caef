package rt

import (
	"fmt"
	"go/types"
	"reflect"

	"github.com/joey-go/joey/cell/source"
)

// Formatted is a cell's value in compiled code: an `any` that compiled code can print, marshal and hand back. The other
// forms embed it and add the methods that compiled code looks for: Go can give a value no methods at run time.
type Formatted struct {
	box Box
	r   *Runtime
}

// Call calls a method that takes nothing; ok is false if the value's type has no such method.
func (f Formatted) Call(name string) (results []any, ok bool) {
	sg := f.box.Type.method(name)
	if sg == nil || sg.Params().Len() > 0 {
		return nil, false
	}
	for _, v := range f.box.call(name) {
		x := v.Interface()
		if b, ok := x.(Box); ok {
			x = f.r.export(b)
		}
		results = append(results, x)
	}
	return results, true
}

// TypeString names the value's type as fmt's %T does.
func (f Formatted) TypeString() string { return typeString(f.box.Type.Go) }

func (f Formatted) exported() Box { return f.box }

func (f Formatted) panicText() string {
	if b := basic(f.box.Type.Go); b != nil { // panic(main.Code(5)) prints main.Code(5)
		if b.Info()&types.IsString != 0 {
			return fmt.Sprintf("%s(\"%v\")", f.TypeString(), f.box.Value)
		}
		return fmt.Sprintf("%s(%v)", f.TypeString(), f.box.Value)
	}
	return fmt.Sprintf("(%s) %v", f.TypeString(), f)
}

type stringing struct{ Formatted }

func (s stringing) String() string { return s.box.call("String")[0].String() }

type failing struct{ Formatted }

func (e failing) Error() string { return e.box.call("Error")[0].String() }

// Is asks the error's own method, as Unwrap, As, Timeout and Temporary do. For an error that lacks one, the answer is what
// compiled code makes of an error that lacks it.
func (e failing) Is(target error) bool {
	if !e.box.Type.has("Is", "error", "bool") {
		return false
	}
	m, _ := e.box.bind("Is")
	arg := reflect.New(m.Type().In(0)).Elem()
	set(arg, e.r.fromGo(reflect.ValueOf(&target).Elem(), arg.Type()))
	return m.Call([]reflect.Value{arg})[0].Bool()
}

// As asks the error's own method.
func (e failing) As(target any) bool {
	if !e.box.Type.has("As", "any", "bool") {
		return false
	}
	m, _ := e.box.bind("As")
	arg := reflect.New(anyType).Elem()
	arg.Set(reflect.ValueOf(e.r.unexport(target)))
	return m.Call([]reflect.Value{arg})[0].Bool()
}

// Timeout asks the error's own method.
func (e failing) Timeout() bool { return e.says("Timeout") }

// Temporary asks the error's own method.
func (e failing) Temporary() bool { return e.says("Temporary") }

func (e failing) says(method string) bool {
	return e.box.Type.has(method, "", "bool") && e.box.call(method)[0].Bool()
}

func (f Formatted) toError(v reflect.Value) (error, bool) {
	x := f.r.toGo(v, errorType)
	if !x.IsValid() || x.Kind() == reflect.Interface && x.IsNil() {
		return nil, false
	}
	err, ok := x.Interface().(error)
	return err, ok
}

type unwrapping struct{ failing }

func (e unwrapping) Unwrap() error {
	if !e.box.Type.has("Unwrap", "", "error") {
		return nil
	}
	err, _ := e.toError(e.box.call("Unwrap")[0])
	return err
}

type joining struct{ failing }

func (e joining) Unwrap() []error {
	list := e.box.call("Unwrap")[0]
	var out []error
	for i := range list.Len() {
		err, _ := e.toError(list.Index(i))
		out = append(out, err)
	}
	return out
}

// export gives a value the form that compiled code expects in an `any`.
func (r *Runtime) export(b Box) any {
	f := Formatted{b, r}
	switch {
	case b.Type.has("Error", "", "string"):
		return f.exportError()
	case b.Type.has("String", "", "string"):
		return stringing{f}
	}
	return f
}

func (f Formatted) exportError() any {
	if f.box.Type.has("Unwrap", "", "[]error") {
		return joining{failing{f}}
	}
	return unwrapping{failing{f}}
}

// has reports a method with at most one parameter and one result of these types.
func (t *Type) has(name, param, result string) bool {
	sg := t.method(name)
	return sg != nil && tupleIs(sg.Params(), param) && tupleIs(sg.Results(), result)
}

func tupleIs(t *types.Tuple, want string) bool {
	if want == "" || t.Len() == 0 {
		return want == "" && t.Len() == 0
	}
	return t.Len() == 1 && t.At(0).Type().String() == want
}

// unexport undoes export and the wrapping as a compiled interface.
func unexport(v any) any {
	if e, ok := v.(interface{ exported() Box }); ok {
		return e.exported()
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Struct && rv.NumField() > 0 && rv.Type().Field(0).Name == "IValue" {
		if b, ok := rv.Field(0).Interface().(Box); ok {
			return b
		}
	}
	return v
}

// wrap makes a cell's value satisfy a compiled interface.
func (r *Runtime) wrap(b Box, target reflect.Type) reflect.Value {
	if e := reflect.ValueOf(r.export(b)); e.Type().Implements(target) {
		return e
	}
	w, ok := r.wrapperOf(b, target)
	if !ok {
		refuse("take an interface of a package in the call, or a compiled type",
			"%s as the compiled interface %s", typeString(b.Type.Go), target)
	}
	v := reflect.New(w).Elem()
	v.Field(0).Set(reflect.ValueOf(b))
	for i := 1; i < v.NumField(); i++ {
		name := v.Type().Field(i).Name[len("W"):]
		m, ok := b.bind(name)
		if !ok {
			panic(&source.Error{Msg: "internal error: " + typeString(b.Type.Go) + " has no method " + name, Hint: "please report this cell"})
		}
		v.Field(i).Set(r.toGo(m, v.Field(i).Type()))
	}
	return v
}

// As is errors.As, for targets and errors of types that cells declare.
func (r *Runtime) as(err error, target any) bool {
	if err == nil {
		return false
	}
	t, p := r.asTarget(target)
	return r.asIn(err, target, t, p)
}

func (r *Runtime) asIn(err error, target any, t types.Type, p reflect.Value) bool {
	for err != nil {
		if r.assignError(t, p, err) {
			return true
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			err = u.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if e != nil && r.asIn(e, target, t, p) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// asTarget returns the type of error that is looked for, nil if it is a compiled one, and the pointer to store it in.
func (r *Runtime) asTarget(target any) (types.Type, reflect.Value) {
	if target == nil {
		panic(raised{"errors: target cannot be nil"})
	}
	b, boxed := target.(Box)
	p := reflect.ValueOf(target)
	if boxed {
		p = reflect.ValueOf(b.Value)
	}
	if p.Kind() != reflect.Pointer || p.IsNil() {
		panic(raised{"errors: target must be a non-nil pointer"})
	}
	if !boxed {
		if e := p.Type().Elem(); e.Kind() != reflect.Interface && !e.Implements(errorType) {
			panic(raised{"errors: *target must be interface or implement error"})
		}
		return nil, p
	}
	t := deref(b.Type.Go)
	if !types.IsInterface(t) && !types.Implements(t, errorInterface) {
		panic(raised{"errors: *target must be interface or implement error"})
	}
	return t, p
}

var errorInterface = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

func (r *Runtime) assignError(t types.Type, p reflect.Value, err error) bool {
	v := r.unexport(err)
	b, isBox := v.(Box)
	i, isInterface := types.Type(nil), false
	if t != nil {
		i, isInterface = t.Underlying(), types.IsInterface(t)
	}
	switch {
	case isInterface && missing(v, i.(*types.Interface)) == "":
		p.Elem().Set(reflect.ValueOf(v))
		return true
	case isInterface:
	case t != nil && isBox && types.Identical(b.Type.Go, t):
		p.Elem().Set(reflect.ValueOf(b.Value))
		return true
	case t == nil && !isBox && reflect.TypeOf(v).AssignableTo(p.Type().Elem()):
		p.Elem().Set(reflect.ValueOf(v))
		return true
	}
	return r.asMethod(b, isBox, err, p, t)
}

// asMethod asks the error's own method As.
func (r *Runtime) asMethod(b Box, isBox bool, err error, p reflect.Value, t types.Type) bool {
	if isBox {
		if !b.Type.has("As", "any", "bool") {
			return false
		}
		m, _ := b.bind("As")
		arg := reflect.New(anyType).Elem()
		if t != nil {
			arg.Set(reflect.ValueOf(Box{r.Type(types.NewPointer(t)), p.Interface()}))
		} else {
			arg.Set(p)
		}
		return m.Call([]reflect.Value{arg})[0].Bool()
	}
	x, ok := err.(interface{ As(any) bool })
	return ok && t == nil && x.As(p.Interface())
}
