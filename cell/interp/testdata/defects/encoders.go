package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"text/template"
	"time"
)

type Level int

func (l Level) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("L%d", int(l))), nil }
func (l *Level) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "L%d", (*int)(l))
	return err
}

type base struct {
	ID     int `json:"id"`
	hidden int
}
type Person struct {
	base
	Name   string `json:"name"`
	age    int
	Tags   []string `json:"tags,omitempty"`
	Friend *Person  `json:"friend,omitempty"`
	Kids   []Person
	Any    any
	M      map[string]Level
	L      Level
	T      time.Time
	F      float64 `json:",string"`
}

func main() {
	p := Person{base{7, 8}, "Ann", 3, nil, &Person{Name: "Bob"}, []Person{{Name: "Cy"}}, []any{1, Level(3), "x<y"}, map[string]Level{"a": 1}, 2, time.Unix(0, 0).UTC(), 1.5}
	b, err := json.Marshal(p)
	fmt.Println(string(b), err)
	b, err = json.MarshalIndent(&p, "", " ")
	fmt.Println(len(b), err)
	var q Person
	err = json.Unmarshal(b, &q)
	fmt.Printf("%v %+v %v %v\n", err, q.Name, q.Friend.Name, q.L)
	b2, _ := json.MarshalIndent(q, "", " ")
	fmt.Println(string(b) == string(b2))
	var ps []*Person
	fmt.Println(json.Unmarshal([]byte(`[{"name":"x","Kids":[{"name":"k","L":"L9"}]}]`), &ps), ps[0].Name, ps[0].Kids[0].L)
	err = json.Unmarshal([]byte(`{"L":"zz"}`), &q)
	fmt.Println(err)
	json.NewEncoder(os.Stdout).Encode(map[string]any{"p": base{1, 2}, "q": []base{{3, 4}}})
	type X struct {
		A int `xml:"a,attr"`
		B []string
	}
	o, err := xml.Marshal(X{1, []string{"b"}})
	fmt.Println(string(o), err)
	template.Must(template.New("t").Parse("{{.Name}} {{range .Kids}}{{.Name}}{{end}}\n")).Execute(os.Stdout, p)
	d := json.NewDecoder(strings.NewReader(`{"id":5} {"id":6}`))
	for d.More() {
		var b base
		fmt.Println(d.Decode(&b), b)
	}
	var v any
	json.Unmarshal([]byte(`{"a":[1,{"b":null}]}`), &v)
	fmt.Println(v, v.(map[string]any)["a"].([]any)[0].(float64))
}
