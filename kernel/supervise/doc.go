// Package supervise keeps a worker process running: it starts it, hands it cells, passes on what they show, interrupts
// them, and replaces a worker that died. It imports kernel/pipe and nothing else of ours: what a cell means is unknown here.
//
// User code can always end its own process: os.Exit, a panic in a goroutine, unbounded recursion, a concurrent map write,
// a fault in native code. So it runs in a process that may die, and this package tells the user what was lost.
package supervise
