package main

import (
	"errors"
	"fmt"
	"time"
)

// Printing of what lies in unexported fields, of nil pointers, and of operands whose kind is string.

type name string

func (n name) String() string { return "name:" + string(n) }

type fault string

func (f fault) Error() string { return "fault " + string(f) }

type all struct {
	D    time.Duration
	d    time.Duration
	m    time.Month
	x    any
	p    *int
	f    func()
	c    chan int
	N    name
	n    name
	list []time.Weekday
	in   struct{ d time.Duration }
	by   map[time.Month]time.Duration
}

func main() {
	v := all{time.Second, time.Minute, time.May, time.Hour, nil, nil, nil, "a", "b", []time.Weekday{1}, struct{ d time.Duration }{5}, map[time.Month]time.Duration{time.May: 3}}
	for _, f := range []string{"%v", "%+v", "%s", "%d", "%+d", "%q", "%x", "%10v|", "%08.3v|", "%-8s|", "%t", "%T"} {
		fmt.Printf(f+"\n", v)
	}
	fmt.Printf("%#v\n", v)
	fmt.Print(name("x"), name("y"), "z", 1, 2, fault("f"), fault("g"), errors.New("e"), "\n")
	fmt.Println(fmt.Sprint(fault("f"), 3, 4, name("n")), fmt.Sprint(v.D, v.N, v.N, v.D))
}
