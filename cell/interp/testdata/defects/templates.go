package main

import (
	"fmt"
	htmpl "html/template"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"text/template"
	"time"
)

type User struct {
	Name   string
	Age    int
	Tags   []string
	Meta   map[string]any
	Inner  *User
	Fn     func(int) string
	secret int
}

func (u User) Greet(g string) string        { return g + ", " + u.Name }
func (u *User) Older(n int) *User           { return &User{Name: u.Name, Age: u.Age + n} }
func (u User) Fail() (string, error)        { return "", fmt.Errorf("failed for %s", u.Name) }
func (u User) Join(s ...string) string      { return strings.Join(s, "/") }
func (u User) Iter() iter.Seq2[int, string] { return slices.All(u.Tags) }
func (u User) String() string               { return "U<" + u.Name + ">" }

type Level int

const (
	Low Level = iota
	High
)

func (l Level) String() string { return [...]string{"low", "high"}[l] }

type Shape interface{ Area() float64 }
type Sq struct{ S float64 }

func (s Sq) Area() float64 { return s.S * s.S }

type Base struct{ ID int }

func (b Base) Ident() string { return fmt.Sprintf("#%03d", b.ID) }

type Derived struct {
	Base
	*User
	Lv Level
}

func must(t *template.Template, err error) *template.Template {
	if err != nil {
		panic(err)
	}
	return t
}

func main() {
	fm := template.FuncMap{
		"zarea": func(s Shape) float64 { return s.Area() },
		"any":   func(x any) string { return fmt.Sprintf("%T:%v", x, x) },
		"sum": func(xs ...int) int {
			t := 0
			for _, x := range xs {
				t += x
			}
			return t
		},
		"up":   strings.ToUpper,
		"user": func(n string) User { return User{Name: n} },
		"div": func(a, b int) (int, error) {
			if b == 0 {
				return 0, fmt.Errorf("div by zero")
			}
			return a / b, nil
		},
		"count": func(n int) iter.Seq[int] {
			return func(y func(int) bool) {
				for i := range n {
					if !y(i * i) {
						return
					}
				}
			}
		},
		"ch": func() chan string { c := make(chan string, 2); c <- "x"; c <- "y"; close(c); return c },
		"lv": func(l Level) Level { return l + 1 },
	}
	u := &User{Name: "Ann", Age: 30, Tags: []string{"a", "b"}, Meta: map[string]any{"k": 1, "lv": High, "sq": Sq{2}}, Fn: func(i int) string { return strings.Repeat("*", i) }}
	u.Inner = &User{Name: "Bob"}
	d := Derived{Base{7}, u, High}
	texts := []string{
		`{{.Name}} {{.Age}} {{.Greet "hi"}} {{(.Older 5).Age}} {{.Join "a" "b"}} {{call .Fn 3}}`,
		`{{range $i, $t := .Tags}}{{$i}}={{$t}};{{end}}{{range $k, $v := .Meta}}{{$k}}:{{$v}},{{end}}`,
		`{{range .Iter}}[{{.}}]{{end}}|{{range $i, $s := .Iter}}{{$i}}{{$s}}{{end}}`,
		`{{zarea .Meta.sq}} {{any .Meta.sq}} {{any .Inner}} {{any .Meta.lv}} {{lv 0}} {{printf "%v %d %T" .Meta.lv .Meta.lv .Meta.sq}}`,
		`{{.}} {{.Inner}} {{.Inner.Inner}} {{len .Tags}} {{index .Tags 1}} {{index .Meta "k"}} {{slice .Name 1 2}}`,
		`{{sum 1 2 3}} {{sum}} {{up .Name}} {{(user "Z").Greet "yo"}} {{range count 4}}{{.}} {{end}}{{range ch}}{{.}}{{end}}{{range 3}}{{.}}{{end}}`,
		`{{with .Inner}}{{.Name}}{{else}}none{{end}} {{with .Inner.Inner}}x{{else with .Meta}}{{.k}}{{end}} {{if and .Age (eq .Name "Ann")}}Y{{end}} {{if lt .Age 31}}lt{{end}}`,
		`{{define "T"}}<{{.Name}}>{{end}}{{template "T" .}}{{template "T" .Inner}}{{block "B" .Age}}{{.}}!{{end}}`,
		`{{.Fail}}`, `{{.secret}}`, `{{.Nope}}`, `{{div 1 0}}`, `{{index .Tags 9}}`, `{{zarea .Name}}`, `{{.Greet}}`, `{{eq .Inner.Meta .Meta}}`,
		`{{range .Tags}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}} {{html "<a>"}} {{js "it's"}} {{print 1 2 "x"}} {{println .Age}}`,
		`{{eq .Meta.lv 1}} {{eq .Age 1 2 30}} {{ne .Name "x"}} {{not true}} {{or "" "d"}}`,
	}
	for i, s := range texts {
		t, err := template.New(fmt.Sprint("t", i)).Funcs(fm).Parse(s)
		if err != nil {
			fmt.Println("parse", err)
			continue
		}
		var b strings.Builder
		err = t.Execute(&b, u)
		fmt.Printf("%d %q %v\n", i, b.String(), err)
	}
	must(template.New("d").Parse("{{.Ident}} {{.ID}} {{.Name}} {{.Lv}} {{.Base}} {{.Base.ID}} {{.Greet `x`}}\n")).Execute(os.Stdout, d)
	must(template.New("d").Parse("{{range .}}{{.Area}} {{end}}\n")).Execute(os.Stdout, []Shape{Sq{1}, Sq{3}})
	must(template.New("d").Parse("{{range $k,$v := .}}{{$k}}={{$v.Name}} {{end}}\n")).Execute(os.Stdout, map[Level]User{High: {Name: "h"}, Low: {Name: "l"}})
	must(template.New("d").Option("missingkey=error").Parse("{{.zz}}\n")).Execute(os.Stdout, map[string]int{"a": 1})
	fmt.Println()
	ht := htmpl.Must(htmpl.New("h").Funcs(htmpl.FuncMap{"safe": func(s string) htmpl.HTML { return htmpl.HTML(s) }}).Parse(
		`<a href="/x?q={{.Name}}" onclick="f({{.Meta}})" title='{{.}}'>{{.Tags}}{{safe "<b>"}}</a><script>var x = {{.Inner}}; var y={{.Age}}</script>` + "\n"))
	type P struct {
		Name  string
		Age   int
		Tags  []string
		Meta  map[string]int
		Inner struct {
			A int `json:"a"`
			B string
		}
	}
	p := P{Name: "A&B <x>", Age: 3, Tags: []string{"<t>"}, Meta: map[string]int{"q": 1}}
	fmt.Println(ht.Execute(os.Stdout, p))
	fmt.Println(ht.Execute(os.Stdout, &p))
	keys := slices.Sorted(maps.Keys(fm))
	fmt.Println(keys, time.Duration(1500)*time.Millisecond)
}
