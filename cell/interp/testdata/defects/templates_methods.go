package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"strings"
	tt "text/template"
)

type Item struct {
	Name string
	cost float64
	Sub  *Item
	Rows [][]Cell
	Err  error
	Do   func(...Cell) Cell
}
type Cell struct{ R, C int }

func (c Cell) String() string { return fmt.Sprintf("R%dC%d", c.R, c.C) }
func (i *Item) Cost() (float64, error) {
	if i.cost < 0 {
		return 0, fmt.Errorf("cost: %w", errNeg)
	}
	return i.cost, nil
}
func (i Item) Boom() string        { panic(errNeg) }
func (i Item) Boom2() string       { panic("text") }
func (i Item) Nil() string         { var m map[string]int; m["a"] = 1; return "" }
func (i Item) HTML() template.HTML { return template.HTML("<i>" + i.Name + "</i>") }

var errNeg = errors.New("negative")

type Money int

func (m Money) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(`"$%d"`, int(m))), nil }

type exec interface {
	Execute(io.Writer, any) error
}
type render struct {
	*template.Template
	n int
}
type Tree struct {
	V    int
	L, R *Tree
}

func main() {
	fm := tt.FuncMap{"cells": func(n int) func(func(Cell, *Item) bool) {
		return func(y func(Cell, *Item) bool) {
			defer fmt.Println("cleanup")
			for i := range n {
				if !y(Cell{i, i}, &Item{Name: fmt.Sprint(i)}) {
					return
				}
			}
		}
	}, "upper": strings.ToUpper, "join": strings.Join, "pf": fmt.Sprintf, "iscell": func(x any) bool { _, ok := x.(Cell); return ok }, "mk": func() any { return &Cell{1, 2} }, "ferr": func() (Cell, error) { return Cell{}, errNeg },
		"cellmap": func() map[Cell]any { return map[Cell]any{{2, 1}: 1, {1, 5}: "x"} }, "variadic": func(p Cell, cs ...any) string { return fmt.Sprintf("%v%T", p, cs) }}
	it := &Item{Name: "n<b>", cost: 2.5, Sub: &Item{Name: "s", cost: -1}, Rows: [][]Cell{{{1, 1}, {1, 2}}, {{2, 1}}}, Do: func(c ...Cell) Cell { return c[len(c)-1] }}
	run := func(s string) {
		t, err := tt.New("t").Funcs(fm).Parse(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		var b bytes.Buffer
		err = t.Execute(&b, it)
		fmt.Printf("%q %v %v\n", b.String(), err, errors.Is(err, errNeg))
		var ee tt.ExecError
		if errors.As(err, &ee) {
			fmt.Println(ee.Name)
		}
	}
	for _, s := range []string{
		`{{.Cost}} {{.Name | printf "%q" | upper}}`, `{{.Sub.Cost}}`, `{{.Boom}}`, `{{.Boom2}}`, `{{.Nil}}`, `{{with .Sub}}{{.HTML}}{{end}}`,
		`{{range $c, $i := cells 3}}{{$c}}={{$i.Name}} {{if eq $c.R 1}}{{break}}{{end}}{{end}}`, `{{range cells 2}}{{.R}}{{continue}}x{{end}}`, `{{range .Rows}}{{range .}}{{.}},{{end}};{{end}}{{.Rows}}`,
		`{{iscell (index .Rows 0 1)}} {{mk.R}} {{mk}} {{ferr}}`, `{{call .Do (index .Rows 0 0) (index .Rows 1 0)}}`, `{{range $k, $v := cellmap}}{{$k}}:{{$v}} {{end}}{{cellmap}}`,
		`{{variadic (index .Rows 0 0) 1 "x" .Name}} {{pf "%T %v" .Rows .Sub.Name}}`, `{{.Err}} {{if .Err}}y{{else}}n{{end}} {{len .Rows}}`, `{{.Do}}`, `{{slice .Rows 1}} {{print .Rows 1 nil}}`,
		`{{eq (index .Rows 0 0) (index .Rows 0 0)}} {{eq .Sub .Sub}} {{eq .Sub nil}}`, `{{lt .Sub .Sub}}`, `{{.Sub.Sub.Name}}`, `{{$x := .Sub}}{{$x.Name}}{{$x = .}}{{$x.Name}}`, `{{template "x" .}}`, `{{html .Sub}} {{js .Rows}} {{urlquery (index .Rows 0 0)}}`, `{{.Name.Foo}}`, `{{printf "%T %T" . .Rows}} {{printf "%v %+v" (index .Rows 0) .Err}}`,
	} {
		run(s)
	}
	var e exec = tt.Must(tt.New("i").Parse("{{.}} {{.R}} {{.String}}\n"))
	fmt.Println(e.Execute(os.Stdout, Cell{3, 4}))
	f := e.Execute
	fmt.Println(f(os.Stdout, &Cell{5, 6}))
	r := render{template.Must(template.New("p").Funcs(template.FuncMap(fm)).Parse(`{{define "row"}}<td title="{{.}}" onclick="x({{.}})">{{.R}}</td>{{end}}<p id={{.Name}}>{{.HTML}}{{range .Rows}}{{range .}}{{template "row" .}}{{end}}{{end}}<script>v={{.Rows}};w={{index .Rows 0 0}}</script><a href="{{.Name}}?{{index .Rows 0 0}}">{{.Sub}}</a>{{iscell .Sub}}</p>` + "\n")), 1}
	fmt.Println(r.Execute(os.Stdout, it))
	fmt.Println(r.ExecuteTemplate(os.Stdout, "row", Cell{9, 9}))
	fmt.Println(r.ExecuteTemplate(os.Stdout, "zz", Cell{9, 9}))
	_, err := template.New("b").Parse("{{")
	fmt.Println(err)
	bad := template.Must(template.New("b").Parse(`<a href="{{if .}}"{{end}}>`))
	fmt.Println(bad.Execute(os.Stdout, it))
	fmt.Println(bad.Execute(os.Stdout, it))
	fmt.Println(template.New("e").Execute(os.Stdout, 1), tt.New("e").Execute(os.Stdout, 1))
	template.Must(template.New("js").Parse("<script>{{.M}} {{.T}} {{.C}}</script>\n")).Execute(os.Stdout, map[string]any{"M": Money(3), "T": &Tree{1, nil, &Tree{V: 2}}, "C": []any{Cell{1, 2}, Money(1)}})
	cl, err := r.Clone()
	fmt.Println(cl, err)
	fmt.Println(tt.IsTrue(Cell{}))
	fmt.Println(tt.IsTrue([]Cell{}))
	fmt.Println(tt.HTMLEscaper(Cell{1, 2}, "<"), template.JSEscaper("'", Cell{}))
	func() {
		defer func() { fmt.Println(recover()) }()
		tt.New("x").Funcs(tt.FuncMap{"f": func(c Cell) {}})
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		tt.New("x").Funcs(tt.FuncMap{"f": Cell{}})
	}()
	fmt.Println(tt.Must(tt.New("m").Option("missingkey=error").Parse("{{.a}} {{.b}}")).Execute(os.Stdout, map[string]Cell{"a": {}}))
	fmt.Println(tt.Must(tt.New("m").Option("missingkey=zero").Parse("{{.a}} {{.b}}")).Execute(os.Stdout, map[string]Cell{"a": {}}))
	fmt.Println(tt.Must(tt.New("m").Parse("{{range .}}{{.V}}{{end}}")).Execute(wr{}, []Tree{{V: 1}, {V: 2}}))
}

type wr struct{}

func (wr) Write(p []byte) (int, error) {
	if string(p) == "2" {
		return 0, errNeg
	}
	return len(p), nil
}
