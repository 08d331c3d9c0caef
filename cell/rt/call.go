package rt

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
)

// compiledFunc is a function or method of a compiled package that is called through the runtime.
type compiledFunc struct {
	pkg, name string
	recv      string        // the type that a method is declared for, "" for a function
	fn        reflect.Value // invalid for a method
	results   int
	treat     treatment
	blocks    bool // it may wait for the world outside
	print     any  // fmt.Print, Println or Printf; nil: it is another
}

// treatment is the form in which a compiled function gets cells' values in an `any`.
type treatment int

const (
	exported  treatment = iota // formatted as Go would, with the methods that compiled code looks for
	formatted                  // and verbs that fmt answers without asking the value
	raw                        // what represents the value, to sort or to scan into
	itself                     // the box, to compare or to keep
	viewed                     // a value without unexported fields, which encoders read and decoders fill
	asError                    // errors.As
	spawning                   // a func that runs on a goroutine of its own
)

// AddFunc registers a compiled function; false if there is no symbol.
func (r *Program) AddFunc(f *types.Func) (int, bool) {
	c := &compiledFunc{pkg: f.Pkg().Path(), name: f.Name(), results: f.Signature().Results().Len()}
	c.treat = treatmentOf(c.pkg, c.name)
	if Spawns(f) {
		c.treat = spawning
	}
	if recv := f.Signature().Recv(); recv != nil {
		c.recv = receiverName(recv.Type())
		c.fn = r.waitingFunc(c.pkg, c.recv, c.name)
	} else if c.fn = r.waitingFunc(c.pkg, "", c.name); !c.fn.IsValid() {
		fn, ok := r.Symbol(c.pkg, c.name)
		if !ok {
			return 0, false
		}
		c.fn = fn
	}
	c.blocks = blocks(c.pkg, c.recv, c.name)
	if !c.blocks && Prints(f) {
		c.print = c.fn.Interface()
	}
	return add(&r.funcs, c), true
}

// Spawns says whether a compiled function runs a func of its caller's on a goroutine of its own: a panic there would end the
// process, so that calls of it have to come here.
func Spawns(f *types.Func) bool {
	switch f.FullName() {
	case "(*sync.WaitGroup).Go", "time.AfterFunc", "context.AfterFunc":
		return true
	}
	if f.Pkg() == nil || !strings.HasSuffix(f.Pkg().Path(), "/cell/notebook") {
		return false
	}
	switch f.Name() {
	case "RegisterCommTarget", "OnMessage", "OnClose":
		return true
	}
	return false
}

func receiverName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

func treatmentOf(pkg, name string) treatment {
	switch pkg {
	case "errors":
		if name == "As" {
			return asError
		}
	case "fmt":
		if strings.Contains(name, "can") { // Scan, Fscanf …
			return raw
		}
		return formatted
	case "log", "testing":
		return formatted
	case "runtime", "sort":
		return raw
	case "reflect", "sync/atomic", "text/template", "html/template":
		return itself
	case "encoding/json", "encoding/xml", "encoding/gob", "encoding/asn1", "encoding/binary":
		return viewed
	}
	return exported
}

// Call calls function k; operands are its results and then its arguments, a method's receiver first.
func (r *Program) Call(k int, operands ...any) {
	c := r.funcs[k]
	results, args := operands[:c.results], operands[c.results:]
	if c.print != nil && r.callPrint(c, results, args) {
		return
	}
	r.callCompiled(c, results, args)
}

func (r *Runtime) callCompiled(c *compiledFunc, results, args []any) {
	fn := c.fn
	var recv reflect.Value
	if !fn.IsValid() {
		recv = elem(args[0])
		fn = receiverMethod(recv, c.name)
		args = args[1:]
	}
	if c.treat == asError {
		r.callAs(results[0], args)
		return
	}
	in := make([]reflect.Value, len(args))
	var after []func(out []reflect.Value)
	for i, a := range args {
		v, done := r.argument(c, elem(a), fn.Type().In(i))
		in[i] = v
		if done != nil {
			after = append(after, done)
		}
	}
	if c.treat == formatted {
		fixVerbs(c.name, in)
	}
	switch c.pkg {
	case "log/slog":
		fixLogged(in)
	case "database/sql":
		r.fixScanned(c, in)
	}
	var out []reflect.Value
	if c.blocks {
		out = r.callBlocking(c, recv, fn, in)
	} else {
		out = call(fn, in)
	}
	for _, f := range after {
		f(out)
	}
	for i, res := range results {
		d := elem(res)
		set(d, r.fromGo(out[i], d.Type()))
	}
}

// MethodValue makes a func of the method k with the receiver of now.
func (r *Program) MethodValue(k int, dst, recv any) {
	d, bound := elem(dst), reflect.New(elem(recv).Type())
	bound.Elem().Set(elem(recv))
	d.Set(methodValue(d.Type(), bound.Interface(), func(results, args []any) { r.Call(k, append(results, args...)...) }))
}

// methodValue is a func of the type t that calls a method with the receiver that bound points to.
func methodValue(t reflect.Type, bound any, call func(results, args []any)) reflect.Value {
	return reflect.MakeFunc(t, func(in []reflect.Value) (out []reflect.Value) {
		var results []any
		for t := range t.Outs() {
			p := reflect.New(t)
			results, out = append(results, p.Interface()), append(out, p.Elem())
		}
		args := []any{bound}
		for _, v := range in {
			p := reflect.New(v.Type())
			p.Elem().Set(v)
			args = append(args, p.Interface())
		}
		call(results, args)
		return out
	})
}

// dynamic is the method of a compiled value that is called through an interface; nil: it takes what all compiled code takes.
func (r *Runtime) dynamic(v any, name string, results int) *compiledFunc {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	c := &compiledFunc{pkg: t.PkgPath(), recv: t.Name(), name: name, results: results}
	if c.pkg == "" || c.pkg == "log" { // see unplaced
		return nil
	}
	c.treat, c.fn, c.blocks = treatmentOf(c.pkg, name), r.waitingFunc(c.pkg, c.recv, name), blocks(c.pkg, c.recv, name)
	if c.treat == exported && !c.fn.IsValid() && !c.blocks && c.pkg != "database/sql" && c.pkg != "log/slog" {
		return nil
	}
	return c
}

func receiverMethod(recv reflect.Value, name string) reflect.Value {
	if recv.Kind() == reflect.Pointer && recv.IsNil() && !recv.MethodByName(name).IsValid() {
		nilDereference()
	}
	if recv.Type() == anyType {
		if recv.IsNil() {
			nilDereference()
		}
		recv = recv.Elem()
	}
	m := recv.MethodByName(name)
	if !m.IsValid() && recv.CanAddr() {
		m = recv.Addr().MethodByName(name)
	}
	return m
}

func (r *Runtime) callAs(dst any, args []any) {
	var err error
	if v := r.toGo(elem(args[0]), errorType); v.IsValid() && !(v.Kind() == reflect.Interface && v.IsNil()) {
		err, _ = v.Interface().(error)
	}
	elem(dst).SetBool(r.as(err, elem(args[1]).Interface()))
}

// argument converts one argument; done, if not nil, is to be called after the call.
func (r *Runtime) argument(c *compiledFunc, v reflect.Value, t reflect.Type) (arg reflect.Value, done func(out []reflect.Value)) {
	arg = reflect.New(t).Elem()
	if v.Type() == anyType && t == anyType {
		if c.treat == itself && !v.IsNil() {
			arg.Set(v.Elem())
			return arg, nil
		}
		b, ok := v.Interface().(Box)
		if ok && c.treat != exported && c.treat != formatted {
			x, done := r.treated(c, b)
			arg.Set(x)
			return arg, done
		}
		if !ok && !v.IsNil() && c.treat == viewed {
			x, done := r.viewInside(c, v.Interface())
			arg.Set(x)
			return arg, done
		}
	}
	if c.treat == raw && t.Kind() == reflect.Slice && v.Type() == t {
		return r.rawSlice(c, v), nil
	}
	set(arg, r.toGo(v, t))
	if c.treat == spawning && arg.Kind() == reflect.Func && !arg.IsNil() {
		arg.Set(r.spawnedFunc(c, arg.Interface()))
	}
	return arg, nil
}

func (r *Runtime) treated(c *compiledFunc, b Box) (reflect.Value, func([]reflect.Value)) {
	switch c.treat {
	case raw:
		if c.pkg == "fmt" && b.Type.method("Scan") != nil {
			if s, ok := r.carried(b, "fmt", "Scanner").(fmt.Scanner); ok {
				return reflect.ValueOf(s), nil
			}
		}
		return reflect.ValueOf(b.Value), nil
	case viewed:
		return r.view(c, b)
	}
	return reflect.ValueOf(b), nil
}

func (r *Runtime) rawSlice(c *compiledFunc, v reflect.Value) reflect.Value {
	if v.Type().Elem() != anyType || !hasBoxes(v) {
		return v
	}
	s := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	for i := range v.Len() {
		x := v.Index(i)
		if b, ok := x.Interface().(Box); ok {
			x, _ = r.treated(c, b)
		}
		set(s.Index(i), x)
	}
	return s
}
