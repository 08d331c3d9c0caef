package cell_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
)

// A program that asks who calls it, in all the ways there are, is told what compiled Go tells it (without inlining, which renames
// function literals).
func TestCallersAreThoseOfCompiledGo(t *testing.T) {
	t.Parallel()
	const path = "testdata/callers/main.go"
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err, "the go command that runs the tests is what they compare with")
	want, err := exec.CommandContext(t.Context(), goCommand, "run", "-gcflags=-l", path).Output()
	require.NoError(t, err)
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, engine := range cell.Engines() {
		r := newRunOn(t, engine, 1)
		_, err = r.cell(t, "main.go", string(src))
		require.NoError(t, err, engine)
		assert.Equal(t, string(want), r.taken(), engine)
	}
}

func TestCallersNameCells(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	for i, c := range []struct{ src, out, err string }{
		{src: "import (\"fmt\"; \"log\"; \"runtime\"; \"strings\")\nfunc old(f func()) { f() }\nvar logged strings.Builder"},
		{src: "log.SetOutput(&logged); log.SetFlags(log.Lshortfile)\nlog.Print(\"a\")\ndefer log.Print(\"b\")"},
		{src: "fmt.Print(logged.String())", out: "In [2]:2: a\n???:0: b\n"},
		{src: "logged.Reset(); var p interface{ Print(...any) } = log.Default(); p.Print(1); fmt.Print(logged.String())", out: "???:0: 1\n"},
		{src: "func where(n int) (string, int) { _, f, l, _ := runtime.Caller(n); return f, l }\n\nf, l := where(1)\nfmt.Print(f, l)", out: "In [5]3"},
		{src: "fmt.Print(where(1))", out: "In [6]1"},
		{src: "old(func() { where(1) })", err: "not supported: the callers here: functions that earlier cells declared keep none"},
		{src: "old := func(f func()) { f() }\nold(func() { fmt.Print(where(1)) })", out: "In [8]2"},
	} {
		_, err := r.cell(t, fmt.Sprintf("In [%d]", i+1), c.src)
		if c.err != "" {
			assert.ErrorContains(t, err, c.err, c.src)
		} else {
			assert.NoError(t, err, c.src)
		}
		assert.Equal(t, c.out, r.taken(), c.src)
	}
}
