package cell_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
)

const waitImports = `import ("bufio"; "fmt"; "io"; "net"; "net/http"; "os"; "os/exec"; "sync"; "time")
n := 1
var mu sync.Mutex
var rw sync.RWMutex
var wg sync.WaitGroup
cond := sync.NewCond(&mu)
reader, writer, _ := os.Pipe()
`

// What waits ends when the cell is interrupted, long before the kernel would end the process.
func TestInterruptEndsWhatWaits(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"sleep":    "fmt.Print()\ntime.Sleep(time.Hour)",
		"after":    "fmt.Print()\n<-time.After(time.Hour)",
		"send":     "fmt.Print()\nmake(chan int) <- 1",
		"range":    "c := make(chan int)\nfmt.Print()\nfor range c {}",
		"lock":     "mu.Lock()\ndefer mu.Unlock()\nfmt.Print()\nfunc() { mu.Lock(); defer mu.Unlock() }()",
		"writing":  "rw.RLock()\ndefer rw.RUnlock()\nfmt.Print()\nrw.Lock()",
		"reading":  "rw.Lock()\ndefer rw.Unlock()\nfmt.Print()\nrw.RLock()",
		"group":    "wg.Add(1)\ndefer wg.Done()\nfmt.Print()\nwg.Wait()",
		"cond":     "mu.Lock()\ndefer mu.Unlock()\nfmt.Print()\ncond.Wait()",
		"deferred": "unlock := func() { mu.Unlock() }\ndefer func() { unlock() }()\nmu.Lock()\nfmt.Print()\nselect {}",
		"cleanup":  "defer func() { func() { mu.Unlock() }() }()\nmu.Lock()\nfmt.Print()\nfor {}",
		"read":     "fmt.Print()\nreader.Read(make([]byte, 1))",
		"scan":     "s := bufio.NewScanner(reader)\nfmt.Print()\ns.Scan()",
		"fscan":    "var x int\nfmt.Print()\nfmt.Fscan(reader, &x)",
		"all":      "fmt.Print()\nio.ReadAll(reader)",
		"accept":   "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nfmt.Print()\nl.Accept()",
		"serve":    "fmt.Print()\nhttp.ListenAndServe(\"127.0.0.1:0\", nil)",
		"child":    "fmt.Print()\nexec.Command(\"sleep\", \"3600\").Run()",
		"callback": "fmt.Print()\nio.Copy(io.Discard, endless{})",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, running := started(t)
			_, err := s.Run(t.Context(), cell.Cell{Name: "In [1]", Source: waitImports +
				"type endless struct{}\nfunc (endless) Read(p []byte) (int, error) { for { n++ } }"})
			require.NoError(t, err)
			interrupted := make(chan time.Time, 1)
			go func() { <-running; interrupted <- time.Now(); s.Interrupt() }()
			_, err = s.Run(t.Context(), cell.Cell{Name: "In [2]", Source: src})
			var f *cell.Failure
			require.ErrorAs(t, err, &f)
			assert.True(t, f.Interrupted(), "%v", f)
			assert.Less(t, time.Since(<-interrupted), time.Second)
			result, err := s.Run(t.Context(), cell.Cell{Name: "In [3]", Source: "mu.Lock(); mu.Unlock(); rw.Lock(); rw.Unlock()\nn > 0"})
			require.NoError(t, err)
			assert.Equal(t, "true", result.Bundle.Data[display.Plain])
		})
	}
}

// A lock that an interrupted cell waited for is free once who had it lets it go, and a signal is not lost.
func TestWhatAnInterruptedCellWaitedForIsNotTaken(t *testing.T) {
	t.Parallel()
	s, running := started(t)
	cells := []string{
		waitImports + "got := make(chan int)\nmu.Lock()",
		"fmt.Print()\nmu.Lock()",
		"mu.Unlock()\nmu.Lock(); mu.Unlock()",
		"mu.Lock()\ndefer mu.Unlock()\nfmt.Print()\ncond.Wait()",
		"ready := make(chan int)\ngo func() { mu.Lock(); ready <- 1; cond.Wait(); mu.Unlock(); got <- 1 }()\n<-ready\nmu.Lock()\ncond.Signal()\nmu.Unlock()\n<-got",
	}
	for i, src := range cells {
		waits := i == 1 || i == 3
		if waits {
			go func() { <-running; s.Interrupt() }()
		}
		_, err := s.Run(t.Context(), cell.Cell{Name: "In " + string(rune('1'+i)), Source: src})
		assert.Equal(t, waits, err != nil, "%d: %v", i, err)
	}
}

// An interrupt reaches the process that the cell waits for.
func TestInterruptReachesTheChild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mark := filepath.Join(dir, "interrupted")
	fifo := filepath.Join(dir, "ready")
	s, running := started(t)
	_, err := s.Run(t.Context(), cell.Cell{Name: "In [1]", Source: `import ("fmt"; "os"; "os/exec")
type signals struct{}
func (signals) Write(p []byte) (int, error) { fmt.Print(); return len(p), nil }
cmd := exec.Command("sh", "-c", "trap 'echo x > ` + mark + `; exit' INT; echo; while :; do sleep 0.01; done")
cmd.Stdout = signals{}`})
	require.NoError(t, err, fifo)
	go func() { <-running; s.Interrupt() }()
	_, err = s.Run(t.Context(), cell.Cell{Name: "In [2]", Source: "cmd.Run()"})
	var f *cell.Failure
	require.ErrorAs(t, err, &f)
	assert.True(t, f.Interrupted(), "%v", f)
	assert.Eventually(t, func() bool { _, err := os.Stat(mark); return err == nil }, 10*time.Second, time.Millisecond)
}

func TestDeadlocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  string
		line int
		say  string
	}{
		"receive":    {"c := make(chan int)\n<-c", 2, "waiting: chan receive (this cell)"},
		"nil":        {"var c chan int\n\nc <- 1", 3, "waiting: chan send (this cell)"},
		"select":     {"select {}", 1, "waiting: select (this cell)"},
		"lock":       {"import \"sync\"\nvar mu sync.Mutex\nfunc f() {\n\tmu.Lock()\n}\nf(); f()", 4, "waiting: sync.Mutex.Lock (this cell)"},
		"group":      {"import \"sync\"\nvar wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()", 4, "waiting: sync.WaitGroup.Wait (this cell)"},
		"goroutines": {"import \"sync\"\nvar wg sync.WaitGroup\nc := make(chan int)\nwg.Go(func() { <-c })\nwg.Wait()", 5, "waiting: sync.WaitGroup.Wait (this cell), chan receive"},
		"others end": {"c := make(chan int)\ngo func() { c <- 1 }()\n<-c\n<-c", 4, "waiting: chan receive (this cell)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := cell.NewSession(cell.Options{})
			require.NoError(t, err)
			_, err = s.Run(t.Context(), cell.Cell{Name: "In [1]", Source: c.src})
			var f *cell.Failure
			require.ErrorAs(t, err, &f)
			assert.Equal(t, "fatal error: all goroutines are asleep - deadlock!\n"+c.say, f.Error())
			require.NotEmpty(t, f.Frames)
			assert.Equal(t, c.line, f.Frames[0].Pos.Line)
			_, err = s.Run(t.Context(), cell.Cell{Name: "In [2]", Source: "1"})
			assert.NoError(t, err)
		})
	}
}

// No deadlock is said where something else may still wake the cell, or does.
func TestNoFalseDeadlock(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"after":    "import \"time\"\n<-time.After(100 * time.Millisecond)",
		"context":  "import (\"context\"; \"time\")\nctx, stop := context.WithTimeout(context.Background(), 100*time.Millisecond)\ndefer stop()\n<-ctx.Done()",
		"callback": "import \"time\"\nc := make(chan int)\ntime.AfterFunc(100*time.Millisecond, func() { c <- 1 })\n<-c",
		"value":    "import \"time\"\nf := time.After\n<-f(100 * time.Millisecond)",
		"sleeper":  "import \"time\"\nc := make(chan int)\ngo func() { time.Sleep(100 * time.Millisecond); c <- 1 }()\n<-c",
		"child":    "import \"os/exec\"\nc := make(chan error)\ngo func() { c <- exec.Command(\"sleep\", \"0.1\").Run() }()\n<-c",
		"busy":     "c, d := make(chan int), make(chan int)\ngo func() { for v := range c { d <- v } }()\nfor i := range 20000 { c <- i; <-d }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := cell.NewSession(cell.Options{})
			require.NoError(t, err)
			_, err = s.Run(t.Context(), cell.Cell{Name: "In [1]", Source: src})
			assert.NoError(t, err)
		})
	}
}

// A panic that a deferred call raises does not hide the one before, as in Go.
func TestPanicHistory(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		`panic("first")`: nil,
		`func() { defer func() { panic("second") }(); panic("first") }()`:                                                                     {"first", "second"},
		`func() { defer func() { recover(); panic("second") }(); panic("first") }()`:                                                          {"first [recovered]", "second"},
		`func() { defer func() { panic(recover()) }(); panic("first") }()`:                                                                    {"first [recovered, repanicked]"},
		`func() { defer func() { panic([]int{1}) }(); defer func() { recover() }(); panic("first") }()`:                                       nil,
		`func() { defer func() { panic("third") }(); defer func() { recover(); panic("second") }(); panic("first") }()`:                       {"first [recovered]", "second", "third"},
		`func() { defer func() { defer func() { recover() }(); panic("second") }(); panic("first") }()`:                                       nil,
		`func() { defer func() { var s []int; _ = s[len(s)] }(); panic("first") }()`:                                                          {"first", "runtime error: index out of range [0] with length 0"},
		"import \"sync\"\nf := sync.OnceFunc(func() { panic(\"first\") })\nfunc() { defer func() { defer f(); panic(\"second\") }(); f() }()": {"first", "second", "first"},
	} {
		session, err := cell.NewSession(cell.Options{})
		require.NoError(t, err)
		_, err = session.Run(t.Context(), cell.Cell{Name: "In [1]", Source: source})
		var failure *cell.Failure
		require.ErrorAs(t, err, &failure, source)
		assert.Equal(t, want, failure.History, source)
	}
}

// Where compiled Go would end the process, the panic is told as that of any goroutine.
func TestASignalForAClosedChannelIsAPanicOfTheProgram(t *testing.T) {
	t.Parallel()
	if raceEnabled {
		t.Skip("the program sends to a channel that it has closed without a word between the two, which the race detector rightly reports")
	}
	r := newRun(t)
	_, err := r.cell(t, "In [1]", `import ("os"; "os/signal"; "syscall")
c := make(chan os.Signal, 1)
signal.Notify(c, syscall.SIGWINCH)
close(c)
_ = syscall.Kill(os.Getpid(), syscall.SIGWINCH)`)
	require.NoError(t, err)
	assert.Equal(t, "send on closed channel", (<-r.failures).Message)
	_, err = r.cell(t, "In [2]", "signal.Stop(c)")
	require.NoError(t, err)
}
