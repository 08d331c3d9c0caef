package rt

import (
	"bytes"
	"fmt"
	"go/types"
	"reflect"
)

// fixScanned gives cells' values among the arguments of database/sql the methods that it asks for: Scan of what it fills, Value of what
// goes to a database. It looks at others by their kinds, which are those of what represents them.
func (r *Runtime) fixScanned(c *compiledFunc, in []reflect.Value) {
	form := r.givenForm
	switch {
	case c.name == "Scan" || c.name == "ConvertAssign":
		form = r.scanForm
	case c.recv == "": // sql.Named, which keeps the value until it is given
		return
	}
	for i, v := range in {
		if list, ok := v.Interface().([]any); ok {
			forms := make([]any, len(list))
			for k := range list {
				forms[k] = form(list[k])
			}
			in[i] = reflect.ValueOf(forms)
		} else if v.Type() == anyType && !v.IsNil() {
			x := reflect.New(anyType).Elem()
			set(x, reflect.ValueOf(form(v.Interface())))
			in[i] = x
		}
	}
}

// scanForm is what database/sql fills in place of a cell's pointer.
func (r *Runtime) scanForm(x any) any {
	b, ok := unexport(x).(Box)
	if !ok {
		return x
	}
	if scan := r.scanner(b.Type.Go, reflect.ValueOf(b.Value)); scan != nil {
		return r.carry("database/sql", "Scanner", b, scan)
	}
	return b.Value
}

// scanner fills what p, of the pointer type t, points to, as database/sql fills a variable of that type; nil: by its kind alone.
func (r *Runtime) scanner(t types.Type, p reflect.Value) func(src any) error {
	if b := (Box{r.Type(t), p.Interface()}); b.Type.has("Scan", "any", "error") {
		m, _ := b.bind("Scan")
		scan, _ := r.toGo(m, reflect.TypeFor[func(any) error]()).Interface().(func(any) error)
		return scan
	}
	pointer, ok := t.Underlying().(*types.Pointer)
	if !ok || p.IsNil() {
		return nil
	}
	unsupported := func(src any) error {
		return fmt.Errorf("unsupported Scan, storing driver.Value type %T into type %s", src, typeString(t))
	}
	v := p.Elem()
	switch u := pointer.Elem().Underlying().(type) {
	case *types.Pointer:
		if r.scanner(pointer.Elem(), reflect.New(v.Type().Elem())) == nil {
			return nil
		}
		return func(src any) error {
			if v.SetZero(); src == nil {
				return nil
			}
			v.Set(reflect.New(v.Type().Elem()))
			return r.scanner(pointer.Elem(), v)(src)
		}
	case *types.Slice:
		if v.Type() != reflect.TypeFor[[]byte]() {
			return nil
		}
		return func(src any) error {
			b, ok := src.([]byte)
			if !ok {
				return unsupported(src)
			}
			v.SetBytes(bytes.Clone(b))
			return nil
		}
	case *types.Basic:
		if u.Info()&(types.IsString|types.IsBoolean) == 0 {
			return nil
		}
	default:
		return nil
	}
	return func(src any) error {
		switch x := src.(type) {
		case nil:
			if v.Kind() == reflect.String {
				return fmt.Errorf("converting NULL to %s is unsupported", v.Kind())
			}
		case []byte:
			if v.Kind() == reflect.String {
				v.SetString(string(x))
				return nil
			}
		default:
			if s := reflect.ValueOf(src); s.Kind() == v.Kind() {
				v.Set(s.Convert(v.Type()))
				return nil
			}
		}
		return unsupported(src)
	}
}

// givenForm is what goes to a database for a cell's value.
func (r *Runtime) givenForm(x any) any {
	if v := reflect.ValueOf(x); v.Kind() == reflect.Struct && v.Type().PkgPath() == "database/sql" && v.Type().Name() == "NamedArg" {
		named := reflect.New(v.Type()).Elem()
		named.Set(v)
		set(named.FieldByName("Value"), reflect.ValueOf(r.givenForm(v.FieldByName("Value").Interface())))
		return named.Interface()
	}
	b, ok := unexport(x).(Box)
	if !ok {
		return x
	}
	v := reflect.ValueOf(b.Value)
	if b.Type.method("Value") != nil {
		if p, ok := b.Type.Go.Underlying().(*types.Pointer); ok && v.IsNil() && hasMethod(p.Elem(), "Value") {
			return nil // as database/sql/driver.callValuerValue has it
		}
		return r.carried(b, "database/sql/driver", "Valuer")
	}
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return r.givenForm(Box{r.Type(deref(b.Type.Go)), v.Elem().Interface()})
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		return r.refused(b, "unsupported type %s, a slice of %s", typeString(b.Type.Go), v.Type().Elem().Kind())
	case v.Kind() == reflect.Struct, v.Kind() == reflect.Map, v.Kind() == reflect.Array, v.Kind() == reflect.Func, v.Kind() == reflect.Chan:
		return r.refused(b, "unsupported type %s, a %s", typeString(b.Type.Go), v.Kind())
	}
	return b.Value
}

// refused is a value that a database does not take, with the error that says so of the program's type.
func (r *Runtime) refused(b Box, format string, args ...any) any {
	symbol, ok := r.Symbol("database/sql/driver", "Value")
	if !ok {
		return b.Value
	}
	value := reflect.FuncOf(nil, []reflect.Type{symbol.Type().Elem(), errorType}, false)
	err := reflect.ValueOf(fmt.Errorf(format, args...))
	return r.carry("database/sql/driver", "Valuer", b, reflect.MakeFunc(value, func([]reflect.Value) []reflect.Value {
		e := reflect.New(errorType).Elem()
		e.Set(err)
		return []reflect.Value{reflect.Zero(value.Out(0)), e}
	}).Interface())
}

func (r *Runtime) carried(b Box, pkg, name string) any {
	t, ok := r.Symbol(pkg, name)
	if !ok {
		return b.Value
	}
	return r.wrap(b, t.Type().Elem()).Interface()
}

// carry is b as the compiled interface of one method, which f is.
func (r *Runtime) carry(pkg, name string, b Box, f any) any {
	t, ok := r.Symbol(pkg, "_"+name)
	if !ok {
		return b.Value
	}
	v := reflect.New(t.Type().Elem()).Elem()
	v.Field(0).Set(reflect.ValueOf(b))
	v.Field(1).Set(reflect.ValueOf(f))
	return v.Interface()
}

func hasMethod(t types.Type, name string) bool {
	return types.NewMethodSet(t).Lookup(nil, name) != nil
}
