package yaegi

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// declared is what the texts of a program have declared, once yaegi has compiled them: package-level variables, and functions whose names are
// exported. What the runtime has to know of them it learns from here: statements that tell it would be half of a small text.
type declared struct {
	in        *interp.Interpreter
	variables map[string]reflect.Value
	functions map[string]reflect.Value
}

func declaredBy(in *interp.Interpreter) *declared {
	return &declared{in: in, variables: in.Globals(), functions: in.Symbols("main")["main"]}
}

// bind has f called when yaegi has compiled the program.
func (e *emitter) bind(f func(*declared)) { e.bindings = append(e.bindings, f) }

// variable is a pointer to a variable.
func (d *declared) variable(name string) any { return d.variables[name].Addr().Interface() }

func (d *declared) function(name string) any { return d.functions[name].Interface() }

// set stores a function in a variable.
func (d *declared) set(variable, function string) { d.variables[variable].Set(d.functions[function]) }

// alias lets a variable be what holder points to, such as the one that an earlier program stores. A pointer in the text would do, but each use
// of it would take yaegi another step. yaegi finds package-level variables by their index in the interpreter's frame.
func (d *declared) alias(name string, holder reflect.Value) {
	own, holds := d.variables[name], holder.Elem()
	if own.Type() != holds.Type() {
		panic(fmt.Sprintf("%s is held as %s, not as %s", name, holds.Type(), own.Type()))
	}
	frame := reflect.ValueOf(d.in).Elem().FieldByName("frame").Elem().FieldByName("data")
	data := *(*[]reflect.Value)(unsafe.Pointer(frame.UnsafeAddr()))
	for i, v := range data {
		if v.CanAddr() && v.UnsafeAddr() == own.UnsafeAddr() && v.Type() == own.Type() {
			data[i], d.variables[name] = holds, holds
			return
		}
	}
	panic("no such variable in the interpreter's frame: " + name)
}
