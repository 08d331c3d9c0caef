package main

import (
	"fmt"
	"os"
	"text/template"
)

type In struct{ n int }

func (i *In) String() string { return fmt.Sprint("In", i.n) }
func (i *In) Add(k int) int  { return i.n + k }
func (i *In) Self() *In      { return i }

type Kind int

func (k *Kind) Up() Kind { return *k + 1 }

type Out struct {
	In   In
	List []In
	M    map[string]In
	K    Kind
	F    func() Deep
}
type Deep struct{ v Deeper }

func (d Deep) Get() Deeper { return d.v }

type Deeper struct{ N int }

func (d Deeper) Name() string   { return fmt.Sprint("deeper", d.N) }
func (d *Deeper) PName() string { return fmt.Sprint("pdeeper", d.N) }

type hidden struct{ X int }

func (h hidden) Y() int { return h.X * 2 }

type Emb struct {
	hidden
	*Out
}

func main() {
	o := &Out{In: In{1}, List: []In{{2}}, M: map[string]In{"a": {3}}, K: 4, F: func() Deep { return Deep{Deeper{5}} }}
	for _, s := range []string{"{{.In}} {{.In.Add 3}} {{.In.Self}} {{range .List}}{{.}}{{.Add 1}}{{end}} {{.K.Up}}", "{{(index .M `a`)}}", "{{(index .M `a`).Add 1}}", "{{(call .F).Get.Name}}", "{{(call .F).Get.PName}}", "{{.List}} {{.M}}"} {
		err := template.Must(template.New("t").Parse(s)).Execute(os.Stdout, o)
		fmt.Println("", err)
	}
	err := template.Must(template.New("t").Parse("{{.X}} {{.Y}} {{.In}} {{.Out.K}}")).Execute(os.Stdout, Emb{hidden{1}, o})
	fmt.Println("", err)
	err = template.Must(template.New("t").Parse("{{range .}}{{.In}}{{end}}")).Execute(os.Stdout, []any{*o, o})
	fmt.Println("", err)
}
