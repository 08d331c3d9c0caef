package rt

import (
	"cmp"
	"fmt"
	"go/types"
	html "html/template"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template"
)

// hidden stands for an unexported field in what a template sees of a struct: it prints as fmt prints the field, and is equal to another as
// the fields are. Scripts in pages, which templates write as JSON, do not get it.
type hidden struct {
	r     *Runtime
	typ   types.Type
	value any
}

// hides reports a field that templates can print with its struct, but not name.
func (v *viewer) hides(f *types.Var) bool {
	return strings.HasSuffix(v.pkg, "/template") && !f.Exported() && !f.Embedded()
}

// Format prints the field. fmt has printed its name, if that was asked for, which is not the program's.
func (h hidden) Format(s fmt.State, verb rune) {
	defer h.r.keepFinal()
	if s.Flag('+') || s.Flag('#') {
		refuse("print its fields one by one", "a template that prints the names of fields of a struct with unexported ones")
	}
	p := printer{r: h.r, s: s, verb: verb}
	if types.IsInterface(h.typ) { // fmt looks through the interface here, without a level of its own
		v := reflect.New(anyType).Elem()
		set(v, reflect.ValueOf(h.value))
		p.inInterface(h.typ, v, 0, false)
	} else {
		p.value(h.typ, reflect.ValueOf(h.value), 1, false)
	}
	io.WriteString(s, p.out.String())
}

// templateFuncs is Funcs, of functions that end the cell if they must: templates make errors of what functions panic with.
func (r *Runtime) templateFuncs(t *template.Template, funcs template.FuncMap) *template.Template {
	return t.Funcs(r.guarded(funcs))
}

func (r *Runtime) pageFuncs(t *html.Template, funcs html.FuncMap) *html.Template {
	return t.Funcs(r.guarded(funcs))
}

func (r *Runtime) guarded(funcs map[string]any) map[string]any {
	guarded := map[string]any{}
	for name, x := range funcs {
		guarded[name] = x
		if f := reflect.ValueOf(x); f.Kind() == reflect.Func && !f.IsNil() {
			guarded[name] = reflect.MakeFunc(f.Type(), func(in []reflect.Value) []reflect.Value {
				defer r.keepFinal()
				return call(f, in)
			}).Interface()
		}
	}
	return guarded
}

// renameExec gives the error of a template the names of the program's types.
func (v *viewer) renameExec(out []reflect.Value) {
	last := len(out) - 1
	if last < 0 || !strings.HasSuffix(v.pkg, "/template") {
		return
	}
	e, ok := out[last].Interface().(template.ExecError)
	if !ok {
		return
	}
	text := e.Error()
	seen := slices.SortedFunc(maps.Keys(v.of), func(a, b reflect.Type) int { return cmp.Compare(len(b.String()), len(a.String())) })
	for _, t := range seen {
		own := v.of[t]
		if st, ok := own.Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				if !v.hides(f) {
					continue
				}
				for _, star := range []string{"", "*"} {
					text = strings.ReplaceAll(text, "can't evaluate field "+f.Name()+" in type "+star+t.String(),
						f.Name()+" is an unexported field of struct type "+star+typeString(own))
				}
			}
		}
		if _, named := types.Unalias(own).(*types.Named); named {
			text = strings.ReplaceAll(text, t.String(), typeString(own))
		}
	}
	var err error = template.ExecError{Name: e.Name, Err: &execError{e.Err, text}}
	out[last] = reflect.ValueOf(&err).Elem()
}

type execError struct {
	error
	text string
}

func (e *execError) Error() string { return e.text }

func (e *execError) Unwrap() error { return e.error }
