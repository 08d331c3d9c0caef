// Programs that end because nothing can wake them: each case is one. Nothing here may use what starts timers.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
)

var none chan int

var cases = map[string]func(){
	"goexit": func() { defer fmt.Println("deferred"); runtime.Goexit() },
	"goexit last": func() {
		done := make(chan bool)
		go func() { <-done; fmt.Println("other"); os.Exit(3) }()
		close(done)
		runtime.Goexit()
	},
	"goexit then panic": func() { defer func() { panic("in Goexit") }(); runtime.Goexit() },
	"goexit recovered": func() {
		defer func() { fmt.Println(recover()) }()
		defer func() { panic("in Goexit") }()
		runtime.Goexit()
	},
	"receive":  func() { <-make(chan int) },
	"nil":      func() { <-none },
	"nil send": func() { none <- 1 },
	"send":     func() { make(chan int) <- 1 },
	"select":   func() { select {} },
	"cases": func() {
		select {
		case <-none:
		case make(chan int) <- 1:
		}
	},
	"range": func() {
		for range make(chan int) {
		}
	},
	"mutex":    func() { var m sync.Mutex; m.Lock(); m.Lock() },
	"group":    func() { var g sync.WaitGroup; g.Add(1); g.Wait() },
	"cond":     func() { c := sync.NewCond(new(sync.Mutex)); c.L.Lock(); c.Wait() },
	"two":      func() { a, b := make(chan int), make(chan int); go func() { <-a; b <- 1 }(); <-b },
	"prints":   func() { fmt.Println("before"); var m sync.RWMutex; m.RLock(); m.Lock() },
	"recovers": func() { defer func() { recover() }(); select {} },
}

func main() {
	if len(os.Args) < 2 {
		for name := range cases {
			fmt.Println(name)
		}
		return
	}
	cases[os.Args[1]]()
	fmt.Println("its end")
}
