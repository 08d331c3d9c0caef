package rt

import (
	"go/types"
	"reflect"
)

// fixScanned gives cells' values among the arguments of database/sql the methods that it asks for: Value of what goes to a
// database, Scan of what it fills. It looks at others by their kinds, which are those of what represents them.
func (r *Runtime) fixScanned(in []reflect.Value) {
	for i, v := range in {
		if list, ok := v.Interface().([]any); ok {
			forms := make([]any, len(list))
			for k := range list {
				forms[k] = r.scanForm(list[k])
			}
			in[i] = reflect.ValueOf(forms)
		} else if v.Type() == anyType && !v.IsNil() {
			x := reflect.New(anyType).Elem()
			set(x, reflect.ValueOf(r.scanForm(v.Interface())))
			in[i] = x
		}
	}
}

func (r *Runtime) scanForm(x any) any {
	b, ok := unexport(x).(Box)
	if !ok {
		return x
	}
	switch {
	case b.Type.has("Scan", "any", "error"):
		return r.carried(b, "database/sql", "Scanner")
	case b.Type.method("Value") != nil:
		if p, ok := b.Type.Go.Underlying().(*types.Pointer); ok && reflect.ValueOf(b.Value).IsNil() && hasMethod(p.Elem(), "Value") {
			return nil // as database/sql/driver.callValuerValue has it
		}
		return r.carried(b, "database/sql/driver", "Valuer")
	}
	return b.Value
}

func (r *Runtime) carried(b Box, pkg, name string) any {
	t, ok := r.Symbol(pkg, name)
	if !ok {
		return b.Value
	}
	return r.wrap(b, t.Type().Elem()).Interface()
}

func hasMethod(t types.Type, name string) bool {
	return types.NewMethodSet(t).Lookup(nil, name) != nil
}
