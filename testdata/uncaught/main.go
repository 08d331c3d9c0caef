// Programs that end by a panic or a fatal error, each by its name.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"text/template"
	"time"
	"unsafe"
)

type code int

type point struct{ x, y int }

type broken struct{ n int }

func (b *broken) Error() string { return fmt.Sprint("broken ", b.n) }

type named string

func (n named) String() string { return "named " + string(n) }

type bad struct{}

func (bad) Error() string { panic("in Error") }

type marshals struct{}

func (marshals) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }

func (marshals) String() string { panic("in String") }

type speaker interface{ Speak() }

func deep(n int) {
	if n == 0 {
		panic("deep")
	}
	deep(n - 1)
}

var programs = map[string]func(){
	"string":        func() { panic("boom") },
	"error":         func() { panic(errors.New("an error")) },
	"wrapped":       func() { panic(fmt.Errorf("outer: %w", &broken{3})) },
	"pointer":       func() { panic(&broken{1}) },
	"stringer":      func() { panic(named("n")) },
	"int":           func() { panic(42) },
	"own int":       func() { panic(code(7)) },
	"float":         func() { panic(1.5) },
	"complex":       func() { panic(2 + 1i) },
	"bool":          func() { panic(true) },
	"rune":          func() { panic('x') },
	"uint8":         func() { panic(uint8(9)) },
	"quoted":        func() { panic("two\nlines\ttab") },
	"nil":           func() { panic(nil) },
	"bad error":     func() { panic(bad{}) },
	"runtime error": func() { var m map[string]int; m["a"] = 1 },
	"index":         func() { s := []int{1}; i := 4; _ = s[i] },
	"negative":      func() { s := []int{1}; i := -4; _ = s[i] },
	"slice high":    func() { s := []int{1}; i := 4; _ = s[:i] },
	"slice low":     func() { s := []int{1, 2}; i, j := 2, 1; _ = s[i:j] },
	"slice max":     func() { s := make([]int, 1, 2); i := 5; _ = s[0:1:i] },
	"slice string":  func() { s := "abc"; i := 9; _ = s[i:] },
	"slice array":   func() { var a [3]int; i := 9; _ = a[:i] },
	"to array":      func() { s := []int{1}; _ = [4]int(s) },
	"divide":        func() { z := 0; _ = 1 / z },
	"modulo":        func() { z := 0; _ = 1 % z },
	"shift":         func() { n := -1; _ = 1 << n },
	"nil pointer":   func() { var p *point; _ = p.x },
	"nil method":    func() { var s speaker; s.Speak() },
	"nil func":      func() { var f func(); f() },
	"assert":        func() { var x any = 1; _ = x.(string) },
	"assert nil":    func() { var x any; _ = x.(string) },
	"assert own":    func() { var x any = point{}; _ = x.(code) },
	"assert method": func() { var x any = point{}; _ = x.(speaker) },
	"make":          func() { n := -1; _ = make([]int, n) },
	"make cap":      func() { n := 2; _ = make([]int, n, n-1) },
	"make chan":     func() { n := -1; _ = make(chan int, n) },
	"closed":        func() { c := make(chan int); close(c); close(c) },
	"close nil":     func() { var c chan int; close(c) },
	"send closed":   func() { c := make(chan int); close(c); c <- 1 },
	"map key":       func() { m := map[any]int{}; m[[]int{1}] = 1 },
	"compare":       func() { var a, b any = []int{1}, []int{1}; _ = a == b },
	"compare own":   func() { type t struct{ f []int }; var a, b any = t{}, t{}; _ = a == b },
	"unsafe slice":  func() { var p *int; n := 3; _ = unsafe.Slice(p, n) },
	"unlock":        func() { var mu sync.Mutex; mu.Unlock() },
	"runlock":       func() { var mu sync.RWMutex; mu.RUnlock() },
	"negative wait": func() { var wg sync.WaitGroup; wg.Done() },
	"twice":         func() { defer func() { panic("second") }(); panic("first") },
	"thrice":        func() { defer func() { panic("third") }(); defer func() { panic("second") }(); panic("first") },
	"repanic":       func() { defer func() { panic(recover()) }(); panic("again") },
	"repanic other": func() { defer func() { panic(fmt.Sprint("was ", recover())) }(); panic("it") },
	"repanic error": func() { defer func() { panic(recover()) }(); panic(&broken{2}) },
	"recovered":     func() { defer func() { panic("late") }(); func() { defer func() { recover() }(); panic("early") }() },
	"deferred":      func() { defer fmt.Println("deferred runs"); deep(3) },
	"goroutine":     func() { go func() { panic(fmt.Errorf("go %d", 1)) }(); select {} },
	"goroutine own": func() {
		done := make(chan int)
		go func() { defer close(done); var p *point; p.y++ }()
		<-done
		time.Sleep(time.Second)
	},
	"exit":        func() { defer fmt.Println("not printed"); os.Exit(7) },
	"exit zero":   func() { os.Exit(0) },
	"sort":        func() { sort.Slice([]int{3, 1}, func(i, j int) bool { panic("in less") }) },
	"sort func":   func() { slices.SortFunc([]int{3, 1}, func(a, b int) int { panic(code(1)) }) },
	"strings map": func() { strings.Map(func(r rune) rune { panic("in Map") }, "a") },
	"once":        func() { var o sync.Once; o.Do(func() { panic("in Do") }) },
	"once value": func() {
		f := sync.OnceValue(func() int { panic("in OnceValue") })
		func() { defer func() { recover() }(); f() }()
		f()
	},
	"after func": func() { time.AfterFunc(time.Millisecond, func() { panic("in AfterFunc") }); time.Sleep(time.Second) },
	"pull": func() {
		next, _ := iter.Pull(func(yield func(int) bool) { panic("in seq") })
		next()
	},
	"range func": func() {
		for range func(yield func(int) bool) { yield(1); panic("in range") } {
		}
	},
	"range continue": func() {
		for range func(yield func(int) bool) { yield(1); yield(2) } {
			break
		}
	},
	"json":   func() { json.Marshal(marshals{}) },
	"sprint": func() { fmt.Println(fmt.Sprint(marshals{})); panic("after") },
	"template": func() {
		t := template.Must(template.New("t").Funcs(template.FuncMap{"f": func() string { panic("in f") }}).Parse("{{f}}"))
		fmt.Println(t.Execute(&bytes.Buffer{}, nil))
		panic("after")
	},
	"must":    func() { template.Must(template.New("t").Parse("{{")) },
	"replace": func() { strings.Repeat("x", -1) },
	"builder": func() { var b strings.Builder; c := b; b.WriteString("a"); c = b; c.WriteString("b") },
	"buffer":  func() { var b bytes.Buffer; b.Truncate(5) },
	"closure": func() {
		f := func(n int) int { return 10 / n }
		func() { defer func() { fmt.Println("cleanup") }(); f(0) }()
	},
	"method value":  func() { var b *broken; f := b.Error; f() },
	"embedded":      func() { var w struct{ *point }; w.x = 1 },
	"array pointer": func() { var p *[3]int; i := 1; p[i] = 2 },
	"range nil": func() {
		var p *[3]int
		for _, v := range p {
			fmt.Println(v)
		}
	},
	"wait goroutine": func() { var wg sync.WaitGroup; wg.Go(func() { panic("in wait group") }); wg.Wait() },
}

func main() {
	if len(os.Args) == 1 {
		for name := range programs {
			fmt.Println(name)
		}
		return
	}
	fmt.Println("begins")
	programs[os.Args[1]]()
	fmt.Println("ends")
}
