// Package template executes templates on values of cells. What it executes with is Go's own text, written by gen, over package reflect as
// cells see it; this file is what that text rests on. Templates are parsed, and pages escaped, by Go's packages as they are.
package template

import (
	"errors"
	"fmt"
	html "html/template"
	"io"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// Host is what the run time does for templates.
type Host interface {
	// Sprint, Sprintf and Sprintln print operands of cells.
	Sprint(args ...any) string
	Sprintf(format string, args ...any) string
	Sprintln(args ...any) string
}

// Executor executes templates for the cells of one session.
type Executor struct {
	Mirror *mirror.Mirror
	Host   Host
}

// Template is a parsed template with those associated to it.
type Template struct {
	name string
	*parse.Tree
	*common
}

type common struct {
	x      Executor
	source *template.Template
	option struct{ missingKey missingKeyAction }
}

// missingKeyAction is the option of that name, in Go's order.
type missingKeyAction int

const (
	mapInvalid missingKeyAction = iota
	mapZeroValue
	mapError
)

// ExecError is Go's own.
type ExecError = template.ExecError

type missingValType struct{}

var (
	missingVal            = mirror.New(nil).Wrap(reflect.ValueOf(missingValType{}))
	missingValReflectType = missingVal.Type()
	errorType             = reflect.TypeFor[error]()
	reflectValueType      = reflect.TypeFor[reflect.Value]()
)

// Name is the template's.
func (t *Template) Name() string { return t.name }

// Lookup finds an associated template, nil if there is none.
func (t *Template) Lookup(name string) *Template {
	found := t.source.Lookup(name)
	if found == nil {
		return nil
	}
	return &Template{name: found.Name(), Tree: found.Tree, common: t.common}
}

// Execute is template.Execute.
func (x Executor) Execute(t *template.Template, w io.Writer, data any) (err error) {
	defer errRecover(&err)
	own := &Template{name: t.Name(), Tree: t.Tree, common: &common{x: x, source: t}}
	if c := shared(t); c.IsValid() {
		own.option.missingKey = missingKeyAction(c.FieldByName("option").FieldByName("missingKey").Int())
	}
	value, ok := data.(mirror.Value)
	if !ok {
		value = x.Mirror.ValueOf(data)
	}
	s := &state{m: x.Mirror, tmpl: own, wr: w, vars: []variable{{"$", value}}}
	if own.Tree == nil || own.Root == nil {
		s.errorf("%q is an incomplete or empty template", own.Name())
	}
	s.walk(value, own.Root)
	return nil
}

// ExecuteTemplate is template.ExecuteTemplate.
func (x Executor) ExecuteTemplate(t *template.Template, w io.Writer, name string, data any) error {
	named := t.Lookup(name)
	if named == nil {
		return fmt.Errorf("template: no template %q associated with template %q", name, t.Name())
	}
	return x.Execute(named, w, data)
}

// ExecutePage is html/template.Execute.
func (x Executor) ExecutePage(t *html.Template, w io.Writer, data any) error {
	if err := t.Execute(rehearsal{}, nothing{}); !rehearsed(err) {
		return err
	}
	return x.Execute(text(t), w, data)
}

// ExecutePageTemplate is html/template.ExecuteTemplate.
func (x Executor) ExecutePageTemplate(t *html.Template, w io.Writer, name string, data any) error {
	if err := t.ExecuteTemplate(rehearsal{}, name, nothing{}); !rehearsed(err) {
		return err
	}
	return x.Execute(text(t.Lookup(name)), w, data)
}

// IsTrue is template.IsTrue.
func (x Executor) IsTrue(value any) (truth, ok bool) { return isTrue(x.Mirror.ValueOf(value)) }

// A page is escaped when it is executed. In a rehearsal it goes as far as its first output or its first look at the data, and calls no
// function of the program's: all of them are Functions.
type (
	rehearsal struct{}
	nothing   struct{}
)

var errRehearsal = errors.New("no more is wanted")

func (rehearsal) Write([]byte) (int, error) { return 0, errRehearsal }

func rehearsed(err error) bool {
	var e ExecError
	return err == nil || err == errRehearsal || errors.As(err, &e)
}

// Function stands for a function of the program's in compiled templates, which only look whether it is one. Called with what asks for it,
// it tells the function.
type Function func(ask *mirror.Value) (struct{}, error)

// NewFunction stands for f; err says why templates cannot call it.
func (x Executor) NewFunction(name string, f any) (_ Function, isFunc bool, err error) {
	v := x.Mirror.ValueOf(f)
	if v.Kind() != reflect.Func {
		return nil, false, nil
	}
	if err := goodFunc(name, v.Type()); err != nil {
		return nil, true, err
	}
	return func(ask *mirror.Value) (struct{}, error) {
		if ask == nil {
			return struct{}{}, errRehearsal
		}
		*ask = v
		return struct{}{}, nil
	}, true, nil
}

// shared is what associated templates share, and text the template that a page is made of. Go tells neither.
func shared(t *template.Template) reflect.Value {
	return reflect.ValueOf(t).Elem().FieldByName("common").Elem()
}

func text(t *html.Template) *template.Template {
	return open[*template.Template](reflect.ValueOf(t).Elem().FieldByName("text"))
}

// open is a field that is not exported, of a struct that has an address.
func open[T any](field reflect.Value) T { return *(*T)(field.Addr().UnsafePointer()) }

func findFunction(name string, t *Template) (v mirror.Value, isBuiltin, ok bool) {
	if c := shared(t.source); c.IsValid() {
		mu := (*sync.RWMutex)(c.FieldByName("muFuncs").Addr().UnsafePointer())
		mu.RLock()
		f := open[map[string]reflect.Value](c.FieldByName("execFuncs"))[name]
		mu.RUnlock()
		switch {
		case !f.IsValid():
		case f.Type() == reflect.TypeFor[Function]():
			_, err := f.Interface().(Function)(&v)
			return v, false, err == nil
		default: // one of those that escape pages
			return t.x.Mirror.ValueOf(t.x.escaper(name, f)), false, true
		}
	}
	if f := t.x.builtin(name); f != nil {
		return t.x.Mirror.ValueOf(f), true, true
	}
	return v, false, false
}

func (x Executor) builtin(name string) any {
	switch name {
	case "and":
		return and
	case "or":
		return or
	case "call":
		return emptyCall
	case "index":
		return index
	case "slice":
		return slice
	case "len":
		return length
	case "not":
		return not
	case "eq":
		return eq
	case "ge":
		return ge
	case "gt":
		return gt
	case "le":
		return le
	case "lt":
		return lt
	case "ne":
		return ne
	case "print":
		return x.Host.Sprint
	case "printf":
		return x.Host.Sprintf
	case "println":
		return x.Host.Sprintln
	case "html":
		return func(args ...any) string { return template.HTMLEscapeString(x.evalArgs(args)) }
	case "js":
		return func(args ...any) string { return template.JSEscapeString(x.evalArgs(args)) }
	case "urlquery":
		return func(args ...any) string { return url.QueryEscape(x.evalArgs(args)) }
	}
	return nil
}

func (x Executor) evalArgs(args []any) string {
	if len(args) == 1 {
		if s, ok := args[0].(string); ok {
			return s
		}
	}
	for i, arg := range args {
		if a, ok := printableValue(x.Mirror.ValueOf(arg)); ok {
			args[i] = a
		}
	}
	return x.Host.Sprint(args...)
}

// escaper gives a function that escapes a page what cells' values are to it: pointers are followed to what prints, and in scripts only what
// has no encoding of its own is its text.
func (x Executor) escaper(name string, f reflect.Value) any {
	escape, ok := f.Interface().(func(...any) string)
	if !ok {
		return f.Interface()
	}
	inScript := strings.Contains(name, "jsval")
	return func(args ...any) string {
		for i, arg := range args {
			v := x.Mirror.ValueOf(arg)
			for v.Kind() == reflect.Pointer && !v.IsNil() && !prints(v.Type()) && (!inScript || !has(v.Type(), "MarshalJSON")) {
				v = v.Elem()
			}
			if !v.IsValid() {
				continue
			}
			if args[i] = mirror.Go(v); inScript && prints(v.Type()) && !has(v.Type(), "MarshalJSON") && mirror.CompiledType(v.Type()) == nil {
				args[i] = x.Host.Sprint(args[i])
			}
		}
		return escape(args...)
	}
}

func has(t mirror.Type, method string) bool {
	_, ok := t.MethodByName(method)
	return ok
}

// prints says that values of t are errors or have a text of their own.
func prints(t mirror.Type) bool {
	for _, name := range []string{"Error", "String"} {
		m, ok := t.MethodByName(name)
		if !ok {
			continue
		}
		in := m.Type.NumIn()
		if t.Kind() != reflect.Interface {
			in-- // the receiver
		}
		if in == 0 && m.Type.NumOut() == 1 && m.Type.Out(0).String() == "string" {
			return true
		}
	}
	return false
}

// printableValue is what is best printed for v.
func printableValue(v mirror.Value) (any, bool) {
	if v.Kind() == reflect.Pointer {
		v, _ = indirect(v)
	}
	if !v.IsValid() {
		return "<no value>", true
	}
	if !prints(v.Type()) {
		if v.CanAddr() && prints(mirror.PointerTo(v.Type())) {
			v = v.Addr()
		} else if k := v.Kind(); k == reflect.Chan || k == reflect.Func {
			return nil, false
		}
	}
	return mirror.Go(v), true
}

// safeCall calls fun. What it panics with is an error.
func safeCall(fun mirror.Value, args []mirror.Value) (val mirror.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			r = recovered(r)
			if e, ok := r.(error); ok {
				err = e
			} else {
				err = fmt.Errorf("%v", r)
			}
		}
	}()
	ret := mirror.Call(fun, args)
	if len(ret) == 2 && !ret[1].IsNil() {
		return ret[0], mirror.Error(ret[1])
	}
	return ret[0], nil
}

// recovered is what the program has panicked with.
func recovered(r any) any {
	switch p := r.(type) {
	case interface{ Recovered() any }:
		return p.Recovered()
	case mirror.Panic:
		return p.Value
	}
	return r
}

func is(t mirror.Type, c reflect.Type) bool { return t != nil && mirror.CompiledType(t) == c }

// errorf is fmt.Errorf: Values print as what they hold.
func errorf(format string, args ...any) error {
	shown := make([]any, len(args))
	for i, a := range args {
		if shown[i] = a; a != nil {
			if v, ok := a.(mirror.Value); ok {
				shown[i] = operand{v}
			}
		}
	}
	return fmt.Errorf(format, shown...)
}

type operand struct{ v mirror.Value }

func (o operand) Format(s fmt.State, verb rune) { mirror.Print(o.v, s, verb) }
