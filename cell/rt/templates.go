package rt

import (
	"fmt"
	html "html/template"
	"reflect"
	"text/template"

	own "github.com/joey-go/joey/cell/rt/template"
)

// templates executes templates for cells. Its methods stand in the place of those of text/template and html/template.
type templates struct{ own.Executor }

func (r *Runtime) templates() templates {
	return templates{own.Executor{Mirror: r.mirror, Host: printing{r}}}
}

// Funcs gives a template functions of cells.
func (t templates) Funcs(to *template.Template, funcs template.FuncMap) *template.Template {
	return to.Funcs(t.carried(funcs))
}

// PageFuncs gives a page functions of cells.
func (t templates) PageFuncs(to *html.Template, funcs html.FuncMap) *html.Template {
	return to.Funcs(t.carried(funcs))
}

func (t templates) carried(funcs map[string]any) map[string]any {
	carried := map[string]any{}
	for name, x := range funcs {
		f, isFunc, err := t.NewFunction(name, x)
		switch {
		case err != nil:
			panic(raised{err})
		case isFunc:
			carried[name] = f
		default:
			carried[name] = x
		}
	}
	return carried
}

// printing is fmt for templates.
type printing struct{ r *Runtime }

func (p printing) Sprint(args ...any) string { return p.print("Sprint", reflect.ValueOf(args)) }

func (p printing) Sprintln(args ...any) string { return p.print("Sprintln", reflect.ValueOf(args)) }

func (p printing) Sprintf(format string, args ...any) string {
	return p.print("Sprintf", reflect.ValueOf(format), reflect.ValueOf(args))
}

func (p printing) print(name string, in ...reflect.Value) string {
	last := len(in) - 1
	in[last] = p.r.sliceToGo(in[last], in[last].Type())
	fixVerbs(name, in)
	args, _ := in[last].Interface().([]any)
	switch name {
	case "Sprint":
		return fmt.Sprint(args...)
	case "Sprintln":
		return fmt.Sprintln(args...)
	}
	return fmt.Sprintf(in[0].String(), args...)
}

// Recovered is what a program has panicked with, for compiled code that recovers it.
func (p *panicking) Recovered() any { return recoveredValue(p.value) }

// Recovered is what a program has panicked with.
func (p raised) Recovered() any { return recoveredValue(p.value) }

func recoveredValue(v any) any {
	if b, ok := v.(Box); ok {
		return b.Type.r.export(b)
	}
	return v
}
