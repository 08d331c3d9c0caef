package supervise_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/pipe"
	"github.com/joey-go/joey/kernel/supervise"
)

const kept = "Workspaces, models, pipelines and logs are kept."

func start(t *testing.T, o supervise.Options) *supervise.Worker {
	t.Helper()
	if o.Command == nil {
		o.Command = []string{os.Args[0], "worker"}
	}
	w := supervise.New(o)
	t.Cleanup(func() { assert.NoError(t, w.Close()) })
	return w
}

func run(t *testing.T, w *supervise.Worker, code string) (pipe.Outcome, *recorder) {
	t.Helper()
	out := newRecorder()
	outcome, err := w.Run(t.Context(), pipe.Cell{ID: code, Code: code}, out)
	require.NoError(t, err)
	return outcome, out
}

// works proves that the next cell runs.
func works(t *testing.T, w *supervise.Worker) *recorder {
	t.Helper()
	outcome, out := run(t, w, "echo hello")
	require.Nil(t, outcome.Fault)
	assert.Equal(t, "hello", outcome.Result.Data["text/plain"])
	return out
}

func TestACellRuns(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	outcome, out := run(t, w, "both")
	assert.Nil(t, outcome.Fault)
	assert.Equal(t, map[string]string{pipe.Stdout: "out", pipe.Stderr: "err"}, out.streams)
	works(t, w)
}

func TestACellAsks(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	outcome, out := run(t, w, "ask name")
	require.Nil(t, outcome.Fault)
	assert.Equal(t, "7name!", outcome.Result.Data["text/plain"])
	assert.Equal(t, "asking ", out.streams[pipe.Stdout])
}

func TestAQuestionEndsWithItsCell(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	out := newRecorder()
	go func() {
		out.await(t, "asking ")
		cancel()
	}()
	outcome, err := w.Run(ctx, pipe.Cell{ID: "1", Code: "ask never"}, out)
	require.NoError(t, err)
	assert.Equal(t, "no answer", outcome.Fault.Value)
	works(t, w)
}

// What was printed after a question may be there before the user is asked, with the mark of the next event.
func TestAQuestionLeavesTheMarksThatFollow(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	outcome, out := run(t, w, "together never")
	require.Nil(t, outcome.Fault)
	assert.Equal(t, map[string]string{pipe.Stdout: "between", pipe.Stderr: "between"}, out.streams)
	works(t, w)
}

func TestIsComplete(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	got, err := w.IsComplete(t.Context(), "func f() {")
	require.NoError(t, err)
	assert.Equal(t, pipe.Completeness{Status: pipe.Incomplete, Indent: "func f() {"}, got)
}

func TestHelpAtACursor(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	found, err := w.Suggest(t.Context(), pipe.Cursor{Code: "pri", Pos: 3})
	require.NoError(t, err)
	assert.Equal(t, pipe.Suggestions{End: 3, Items: []pipe.Suggestion{{Label: "pri", Text: "pri"}}}, found)
	explained, err := w.Explain(t.Context(), pipe.Cursor{Code: "print", Pos: 3})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"text/plain": "print"}, explained.Data)
}

func TestAWorkerThatDiesIsTheCellsFaultAndIsReplaced(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]pipe.Fault{
		"panic the horse":  {Name: "panic", Value: "the horse"},
		"overflow":         {Name: "fatal error", Value: "stack overflow"},
		"exit 3":           {Name: "Exit", Value: "the worker process ended with exit status 3"},
		"exit 0":           {Name: "Exit", Value: "the worker process ended with exit status 0"},
		"kill":             {Name: "Killed", Value: "the worker process was ended by signal killed (the system does that when memory runs out)"},
		"hangup":           {Name: "Broken", Value: "closed its pipe"},
		"garble":           {Name: "Broken", Value: "something other than the worker wrote to its pipe"},
		"wrong":            {Name: "Broken", Value: "an answer of another kind"},
		"panic two\nlines": {Name: "panic", Value: "two\nlines"},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := start(t, supervise.Options{})
			outcome, _ := run(t, w, code)
			require.NotNil(t, outcome.Fault)
			assert.Equal(t, want.Name, outcome.Fault.Name)
			assert.Contains(t, outcome.Fault.Value, want.Value)
			assert.NotContains(t, outcome.Fault.Value, "goroutine")
			assert.Contains(t, strings.Join(outcome.Fault.Traceback, "\n"), kept)
			assert.Empty(t, works(t, w).notes, "the cell has told it already")
		})
	}
}

func TestOutputOfACellThatDiedIsComplete(t *testing.T) {
	t.Parallel()
	_, out := run(t, start(t, supervise.Options{}), "exit 3")
	assert.Equal(t, map[string]string{pipe.Stdout: "before the end", pipe.Stderr: "panic: only said\n"}, out.streams)
}

func TestACrashIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"panic boom", "overflow"} {
		_, out := run(t, start(t, supervise.Options{}), code)
		assert.Empty(t, out.streams, code)
	}
}

func TestADeathBetweenCellsIsNotedInTheNext(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	before, first := run(t, w, "doomed")
	_, err := w.IsComplete(t.Context(), "now") // lets the goroutine end the process
	require.Error(t, err)
	after, out := run(t, w, "pid")
	assert.NotEqual(t, before, after)
	require.Len(t, out.notes, 1)
	assert.Contains(t, out.notes[0], "exit status 4")
	assert.Contains(t, out.notes[0], kept)
	assert.Empty(t, first.notes)
	assert.Empty(t, works(t, w).notes, "once")
}

func TestAWorkerThatNoLongerListensIsReplaced(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	_, err := w.IsComplete(t.Context(), "deaf")
	require.NoError(t, err)
	assert.Contains(t, works(t, w).notes[0], "closed its pipe")
}

func TestInterruptKeepsTheWorker(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{Grace: time.Hour})
	before, _ := run(t, w, "pid")
	for name, interrupt := range map[string]func(context.CancelFunc){
		"message": func(context.CancelFunc) { assert.NoError(t, w.Interrupt(t.Context())) },
		"context": func(cancel context.CancelFunc) { cancel() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out := newRecorder()
		go func() {
			out.await(t, "sleeping")
			interrupt(cancel)
		}()
		outcome, err := w.Run(ctx, pipe.Cell{Code: "sleep"}, out)
		require.NoError(t, err)
		assert.Equal(t, pipe.Fault{Name: "Interrupted", Value: "stopped"}, *outcome.Fault, name)
	}
	after, _ := run(t, w, "pid")
	assert.Equal(t, before, after)
}

func TestAWorkerThatIgnoresInterruptsIsKilled(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{Grace: time.Millisecond})
	out := newRecorder()
	go func() {
		out.await(t, "running")
		assert.NoError(t, w.Interrupt(t.Context()))
		assert.NoError(t, w.Interrupt(t.Context()))
	}()
	outcome, err := w.Run(t.Context(), pipe.Cell{Code: "stubborn"}, out)
	require.NoError(t, err)
	assert.Equal(t, "Interrupted", outcome.Fault.Name)
	assert.Contains(t, outcome.Fault.Value, "did not stop within 1ms")
	assert.Contains(t, outcome.Fault.Traceback[1], "was running")
	assert.Contains(t, outcome.Fault.Traceback[3], kept)
	works(t, w)
}

func TestAnInterruptBetweenCellsDoesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	require.NoError(t, w.Interrupt(t.Context()))
	works(t, w)
}

func TestAFloodArrivesWholeBeforeTheOutcome(t *testing.T) {
	t.Parallel()
	_, out := run(t, start(t, supervise.Options{}), "flood")
	lines := strings.Split(strings.TrimSuffix(out.stdout(), "\n"), "\n")
	require.Len(t, lines, 20000)
	for i, line := range lines {
		require.Equal(t, strconv.Itoa(i)+" 日本語", line)
	}
}

func TestDisplaysKeepTheirPlaceAmongOutput(t *testing.T) {
	t.Parallel()
	_, out := run(t, start(t, supervise.Options{}), "order")
	shown := strings.Join(out.shown, "")
	var want strings.Builder
	for i := range 100 {
		want.WriteString("before " + strconv.Itoa(i) + "\n<" + strconv.Itoa(i) + ">")
	}
	assert.Equal(t, want.String()+"clear true", shown)
}

func TestACellMayCloseItsStreams(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	outcome, out := run(t, w, "close")
	assert.Nil(t, outcome.Fault)
	assert.Equal(t, "last", out.stdout())
	works(t, w)
}

func TestLateOutputGoesToTheLastCell(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	_, first := run(t, w, "late")
	assert.Empty(t, first.stdout())
	_, err := w.IsComplete(t.Context(), "now") // lets the goroutine print
	require.NoError(t, err)
	first.await(t, "late")
	assert.Empty(t, works(t, w).stdout())
}

func TestHalfACharacterIsShownWhenTheCellEnds(t *testing.T) {
	t.Parallel()
	_, out := run(t, start(t, supervise.Options{}), "partial")
	assert.Equal(t, "\uFFFD", out.stdout())
}

// An outcome without marks finds all output passed on that the kernel has read, also what the reader still has in its hands.
func TestWhatHasBeenReadArrivesBeforeTheOutcome(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("workers of other systems write marks")
	}
	w := start(t, supervise.Options{})
	long := strings.Repeat("日本語\n", 2000)
	for i := range 100 {
		_, out := run(t, w, "read "+strconv.Itoa(i))
		require.Equal(t, strconv.Itoa(i), out.stdout())
		_, out = run(t, w, "read "+long)
		require.Equal(t, long, out.stdout())
	}
	_, out := run(t, w, "read \xe6")
	assert.Equal(t, "\uFFFD", out.stdout())
	_, out = run(t, w, "order")
	assert.Equal(t, "clear true", out.shown[len(out.shown)-1])
}

func TestATooLargeCellIsAnError(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	_, err := w.Run(t.Context(), pipe.Cell{Code: strings.Repeat("x", pipe.MaxFrame)}, newRecorder())
	require.ErrorContains(t, err, "the cell is too large")
	works(t, w)
}

func TestAWorkerThatCannotStartIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		command []string
		want    string
	}{
		"missing":      {[]string{"/no/such/joey", "worker"}, "no such file"},
		"ends":         {[]string{"sh", "-c", "echo no licence >&2; exit 7"}, "exit status 7; its last words:\nno licence"},
		"says rubbish": {[]string{"sh", "-c", "echo hello there >&4; sleep 1000"}, "wrote to its pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, supervise.Options{Command: c.command})
			for range 2 {
				_, err := w.Run(t.Context(), pipe.Cell{Code: "echo"}, newRecorder())
				require.ErrorContains(t, err, c.want)
				assert.ErrorContains(t, err, "tried 3 times")
			}
			_, err := w.IsComplete(t.Context(), "")
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, w.Restart(t.Context()), c.want)
		})
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	before, _ := run(t, w, "pid")
	require.NoError(t, w.Restart(t.Context()))
	after, out := run(t, w, "pid")
	assert.NotEqual(t, before, after)
	assert.Empty(t, out.notes, "it was asked for")
}

func TestRestartEndsTheCellThatRuns(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	out := newRecorder()
	go func() {
		out.await(t, "running")
		assert.NoError(t, w.Restart(t.Context()))
	}()
	outcome, err := w.Run(t.Context(), pipe.Cell{Code: "stubborn"}, out)
	require.NoError(t, err)
	assert.Equal(t, "Restarted", outcome.Fault.Name)
	works(t, w)
}

func TestCloseLeavesNoProcess(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	worker, _ := run(t, w, "pid")
	child, _ := run(t, w, "child")
	require.NoError(t, w.Close())
	for _, o := range []pipe.Outcome{worker, child} {
		pid, err := strconv.Atoi(o.Result.Data["text/plain"].(string))
		require.NoError(t, err)
		assert.Eventually(t, func() bool { return dead(t, pid) }, 10*time.Second, time.Millisecond, "process %d", pid) // a signal takes its time
	}
	_, err := w.Run(t.Context(), pipe.Cell{Code: "echo"}, newRecorder())
	require.ErrorIs(t, err, supervise.ErrClosed)
	_, err = w.IsComplete(t.Context(), "")
	require.ErrorIs(t, err, supervise.ErrClosed)
	_, err = w.Suggest(t.Context(), pipe.Cursor{})
	require.ErrorIs(t, err, supervise.ErrClosed)
	_, err = w.Explain(t.Context(), pipe.Cursor{})
	require.ErrorIs(t, err, supervise.ErrClosed)
	require.ErrorIs(t, w.Restart(t.Context()), supervise.ErrClosed)
}

// dead says whether a process is gone. A child of the worker that was killed is init's to bury, so a zombie counts.
func dead(t *testing.T, pid int) bool {
	t.Helper()
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestCloseDuringACell(t *testing.T) {
	t.Parallel()
	w := start(t, supervise.Options{})
	out := newRecorder()
	go func() {
		out.await(t, "running")
		assert.NoError(t, w.Close())
	}()
	outcome, err := w.Run(t.Context(), pipe.Cell{Code: "stubborn"}, out)
	require.NoError(t, err)
	assert.Equal(t, "Closed", outcome.Fault.Name)
}
