package cell_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
)

// started is a session with a function that tells the test that the cell runs.
func started(t testing.TB) (s *cell.Session, running chan struct{}) {
	t.Helper()
	running = make(chan struct{}, 1)
	s, err := cell.NewSession(cell.Options{Override: map[string]map[string]reflect.Value{
		"fmt": {"Print": reflect.ValueOf(func(...any) (int, error) { running <- struct{}{}; return 0, nil })},
	}})
	require.NoError(t, err)
	return s, running
}

func TestInterruptStopsACellAndKeepsItsVariables(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"loop":    "fmt.Print()\nfor { n++ }",
		"receive": "fmt.Print()\n<-make(chan int)",
		"select":  "fmt.Print()\nselect {}",
		"calls":   "fmt.Print()\nfunc f() { n++ }\nfor { f() }",
		"method":  "fmt.Print()\nslow{}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, running := started(t)
			_, err := s.Run(t.Context(), cell.Cell{Name: "In [1]", Source: "import \"fmt\"\nn := 1\ntype slow struct{}\nfunc (slow) String() string { for { n++ } }"})
			require.NoError(t, err)
			interrupted := make(chan struct{})
			go func() { defer close(interrupted); <-running; s.Interrupt() }()
			_, err = s.Run(t.Context(), cell.Cell{Name: "In [2]", Source: src})
			<-interrupted
			if name != "method" { // what a method of the result does is reported in its text
				var f *cell.Failure
				require.ErrorAs(t, err, &f)
				assert.True(t, f.Interrupted(), "%v", f)
			}
			result, err := s.Run(t.Context(), cell.Cell{Name: "In [3]", Source: "n > 0"})
			require.NoError(t, err)
			assert.Equal(t, "true", result.Bundle.Data[display.Plain])
		})
	}
}

func TestAnEndedContextStopsACell(t *testing.T) {
	t.Parallel()
	s, running := started(t)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() { defer close(stopped); <-running; cancel() }()
	_, err := s.Run(ctx, cell.Cell{Name: "In [1]", Source: "import \"fmt\"\nfmt.Print()\nfor {}"})
	<-stopped
	var f *cell.Failure
	require.ErrorAs(t, err, &f)
	assert.True(t, f.Interrupted())
}

// An interrupt may come while a cell is still compiled.
func TestAContextThatHasEndedStopsACellAtItsBeginning(t *testing.T) {
	t.Parallel()
	s, err := cell.NewSession(cell.Options{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 100 { // once in a few runs the interrupt was forgotten
		_, err := s.Run(ctx, cell.Cell{Name: fmt.Sprintf("In [%d]", i), Source: "for {}"})
		var f *cell.Failure
		require.ErrorAs(t, err, &f)
		require.True(t, f.Interrupted())
	}
	result, err := s.Run(t.Context(), cell.Cell{Name: "In [101]", Source: "1 + 1"})
	require.NoError(t, err)
	assert.Equal(t, "2", result.Bundle.Data[display.Plain])
}

func TestAGoroutinesPanicIsReported(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	_, err := r.cell(t, "In [1]", "go func() {\n\tpanic(\"lost\")\n}()")
	require.NoError(t, err)
	f := <-r.failures
	assert.Equal(t, "panic: lost", f.Error())
	if assert.NotEmpty(t, f.Frames) {
		assert.Equal(t, 2, f.Frames[0].Pos.Line)
	}
}

func TestDisplayShowsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	result, err := r.cell(t, "In [1]", "type T struct{}\nfunc (T) HTML() string { return \"<i>t</i>\" }\nDisplay(T{}, HTML(\"<b>b</b>\"), 3)\n\"last\"")
	require.NoError(t, err)
	require.Len(t, r.displayed, 3)
	assert.Equal(t, "<i>t</i>", r.displayed[0].Data[display.HTML])
	assert.Equal(t, "<b>b</b>", r.displayed[1].Data[display.HTML])
	assert.Equal(t, "3", r.displayed[2].Data[display.Plain])
	assert.Equal(t, `"last"`, result.Bundle.Data[display.Plain])
}

func TestAMethodThatPanicsWhileShownLeavesTheRest(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	result, err := r.cell(t, "In [1]", "type T struct{ n int }\nfunc (T) HTML() string { panic(\"no\") }\nT{4}")
	require.NoError(t, err)
	assert.Equal(t, "main.T{n:4}\n(HTML panicked: no)", result.Bundle.Data[display.Plain])
	assert.NotContains(t, result.Bundle.Data, display.HTML)
}

// Two sessions at the same time share nothing; the race detector watches.
func TestSessionsShareNothing(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for i := range 2 {
		r := newRun(t)
		wg.Go(func() {
			for n, src := range []string{
				fmt.Sprintf("import (\"fmt\"; \"slices\"; \"errors\")\nx := %d\ntype T struct{ n int }\nfunc (t T) Error() string { return fmt.Sprint(t.n) }", i),
				"func f() int { return x }\nlist := []int{3, x, 2}\nslices.Sort(list)",
				"func f() int { return x * 10 }\nvar t T\nfmt.Print(f(), errors.As(fmt.Errorf(\"%w\", T{x}), &t), t.n)",
			} {
				_, err := r.Run(context.Background(), cell.Cell{Name: fmt.Sprintf("In [%d]", n), Source: src})
				assert.NoError(t, err)
			}
			assert.Equal(t, fmt.Sprintf("%d true %d", i*10, i), r.taken())
		})
	}
	wg.Wait()
}

func TestIsComplete(t *testing.T) {
	t.Parallel()
	s, err := cell.NewSession(cell.Options{})
	require.NoError(t, err)
	status, indent := s.IsComplete("for {")
	assert.Equal(t, []string{"incomplete", "\t"}, []string{status, indent})
}

func TestNotebookNamesWorkAndCanBeRedeclared(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	_, err := r.cell(t, "In [1]", "type T struct{}\nfunc (T) MIMEBundle() map[string]any { return map[string]any{\"text/html\": \"<i>t</i>\"} }\n"+
		"Display(T{}, Latex(\"$x$\"), Markdown(\"*m*\"))\nDisplay(JSON([]int{1}))\nb := Progress(3, \"p\")\nb.Add(3)\nb.Done()")
	require.NoError(t, err)
	require.Len(t, r.displayed, 6)
	assert.Equal(t, "<i>t</i>", r.displayed[0].Data[display.HTML])
	assert.Equal(t, "$x$", r.displayed[1].Data[display.Latex])
	assert.Equal(t, json.RawMessage("[1]"), r.displayed[3].Data[display.JSON])
	assert.Contains(t, r.displayed[5].Data[display.Plain], "100%")
	result, err := r.cell(t, "In [2]", "func Progress() int { return 1 }\nfunc JSON() int { return 2 }\ntype Latex int\nProgress() + JSON() + int(Latex(3))")
	require.NoError(t, err)
	assert.Equal(t, "6", result.Bundle.Data[display.Plain])
}

// A compiled function may hear of the interrupt first: what it returns is no error of its own.
func TestACallThatGivesUpWithItsContextWasInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := cell.NewSession(cell.Options{Override: map[string]map[string]reflect.Value{
		"fmt": {"Print": reflect.ValueOf(func(...any) (int, error) {
			cancel()
			return 0, fmt.Errorf("pipeline %q: %w", "p", errors.Join(errors.New("one of many failed"), ctx.Err()))
		})},
	}})
	require.NoError(t, err)
	_, err = s.Run(ctx, cell.Cell{Name: "In [1]", Source: "import \"fmt\"\nx := 1\nfmt.Print()"})
	var f *cell.Failure
	require.ErrorAs(t, err, &f)
	assert.True(t, f.Interrupted(), "%v", f)
	_, err = s.Run(t.Context(), cell.Cell{Name: "In [2]", Source: "import \"context\"\nfunc f() error { return context.Canceled }\nf()"})
	require.ErrorAs(t, err, &f)
	assert.False(t, f.Interrupted(), "%v", f)
}
