package interp_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
)

// TestDefects compares programs with what compiled Go makes of them. They hold what yaegi by itself gets wrong.
func TestDefects(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/defects/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			compare(t, f)
		})
	}
}

// compare runs a program with each engine, which must print what compiled Go prints.
func compare(t *testing.T, file string) {
	t.Helper()
	want, err := exec.CommandContext(t.Context(), "go", "run", file).CombinedOutput()
	require.NoError(t, err, "%s", want)
	self, err := os.Executable()
	require.NoError(t, err)
	for name := range engines {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), programVariable+"="+file, engineVariable+"="+name)
		got, err := cmd.CombinedOutput()
		assert.NoError(t, err, name)
		assert.Equal(t, string(want), string(got), name)
	}
}

// load makes an engine run a program's main.
func load(t *testing.T, start func(rt.Hooks) engine, src string) (engine, func(context.Context) error) {
	t.Helper()
	p, err := loadProgram("main.go", "package main\n"+src)
	require.NoError(t, err)
	engine := start(rt.Hooks{})
	low, err := lower.Build(p.typed)
	require.NoError(t, err)
	unit, err := engine.Load(low)
	require.NoError(t, err)
	return engine, unit.Run
}

func failureOf(t *testing.T, start func(rt.Hooks) engine, src string) *rt.Failure {
	t.Helper()
	_, run := load(t, start, src)
	var f *rt.Failure
	require.ErrorAs(t, run(t.Context()), &f)
	return f
}

func TestFailures(t *testing.T) { onEngines(t, testFailures) }

func testFailures(t *testing.T, start func(rt.Hooks) engine) {
	for name, c := range map[string]struct {
		src, message string
		kind         rt.Kind
	}{
		"panic":     {"func main() {\n panic(\"boo\") }", "boo", rt.Panicked},
		"named":     {"type C int\nfunc main() { panic(C(5)) }", "main.C(5)", rt.Panicked},
		"printing":  {"type E int\nfunc (E) Error() string { panic(\"no\") }\nfunc main() { panic(E(1)) }", "panic while printing panic value: no", rt.Fatal},
		"index":     {"func main() {\n xs := []int{1}; i := 3; println(xs[i]) }", "runtime error: index out of range [3] with length 1", rt.RuntimeError},
		"recursion": {"func f(n int) int { return f(n+1) + 1 }\nfunc main() { f(0) }", rt.ErrStackOverflow.Error(), rt.Fatal},
		"goexit":    {"import \"runtime\"\nfunc main() { defer func() { recover() }(); runtime.Goexit() }", "runtime.Goexit ended the cell", rt.Exited},
	} {
		t.Run(name, func(t *testing.T) {
			f := failureOf(t, start, c.src)
			assert.Equal(t, c.kind, f.Kind)
			assert.Equal(t, c.message, f.Message)
		})
	}
}

func TestFramesInnermostFirst(t *testing.T) { onEngines(t, testFramesInnermostFirst) }

func testFramesInnermostFirst(t *testing.T, start func(rt.Hooks) engine) {
	f := failureOf(t, start, "func g() {\n\tpanic(1)\n}\nfunc f() {\n\tdefer func() {}()\n\tg()\n}\nfunc main() {\n\tf()\n}")
	var at []string
	for _, frame := range f.Frames {
		at = append(at, frame.Func+" "+frame.Pos.String())
	}
	assert.Equal(t, []string{"g main.go:3:0", "f main.go:7:0", "main main.go:10:0"}, at)
}

// The load is computed where the loop's or branch's variable is set, which has no line of its own.
func TestLineOfAFaultOnAnEdge(t *testing.T) { onEngines(t, testLineOfAFaultOnAnEdge) }

func testLineOfAFaultOnAnEdge(t *testing.T, start func(rt.Hooks) engine) {
	f := failureOf(t, start, "func f(p *int, c bool) int {\n\ts := 0\n\tif c {\n\t\ts = 1\n\t\ts = 1 + *p\n\t}\n\treturn s\n}\nfunc main() { f(nil, true) }")
	require.NotEmpty(t, f.Frames)
	assert.Equal(t, 6, f.Frames[0].Pos.Line)
}

func TestInterrupt(t *testing.T) { onEngines(t, testInterrupt) }

func testInterrupt(t *testing.T, start func(rt.Hooks) engine) {
	for name, src := range map[string]string{
		"loop":    "func main() { started()\n\n for { } }",
		"line":    "func main() { started(); for i := 0; i >= 0; {\n if i == 1 { i++ }\n i = i &^ 1 } }",
		"call":    "func f(n int) { if n > 0 { f(n-1) } }\nfunc main() { started(); for { f(3) } }",
		"channel": "func main() { started(); <-make(chan int) }",
		"select":  "func main() { started(); select { case <-make(chan int): } }",
		"defers":  "func main() { defer func() { recover() }(); started(); for { } }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready := filepath.Join(t.TempDir(), "ready")
			engine, run := load(t, start, "import \"os\"\nfunc started() { os.WriteFile(`"+ready+"`, nil, 0o600) }\n"+src)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- run(ctx) }()
			require.Eventually(t, func() bool { _, err := os.Stat(ready); return err == nil }, timeout, tick)
			if name == "loop" {
				engine.Interrupt()
			} else {
				cancel()
			}
			var f *rt.Failure
			require.ErrorAs(t, <-done, &f)
			assert.Equal(t, rt.Interrupted, f.Kind)
			if name == "loop" || name == "line" {
				require.NotEmpty(t, f.Frames)
				assert.Equal(t, "main", f.Frames[0].Func)
				assert.Equal(t, 6, f.Frames[0].Pos.Line)
			}
			cancel()
		})
	}
}
