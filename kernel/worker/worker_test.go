package worker

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/complete"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/notebook"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/kernel/pipe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a session of functions, by the text of the cell.
type fake map[string]func(ctx context.Context) (cell.Result, error)

func (f fake) Run(ctx context.Context, c cell.Cell) (cell.Result, error) {
	if run := f[strings.TrimSpace(c.Source)]; run != nil {
		return run(ctx)
	}
	return shows(c.Name), nil
}

func (f fake) Await(context.Context) error { return nil }

func (f fake) IsComplete(src string) (status, indent string) { return "incomplete", src }

func (f fake) Complete(src string, cursor int) complete.Completions {
	return complete.Completions{Start: 1, End: cursor, Items: []complete.Item{
		{Label: src, Text: "import \"p\"\n" + src, Kind: complete.Function, Type: "func()", Import: "p"},
		{Label: "p", Text: "p", Kind: complete.Package, Type: "\"p\"", Import: "p"},
	}}
}

func (fake) Comm(notebook.CommEvent) {}

func (fake) Close() error { return nil }

func (f fake) Inspect(src string, _ int) (complete.Info, bool) {
	return complete.Info{Signature: src}, src != "nothing"
}

func shows(v any) cell.Result {
	return cell.Result{Bundle: &display.Bundle{Data: map[string]any{display.Plain: v}}}
}

// kernel is the near end of the pipe of a worker that runs.
type kernel struct {
	*pipe.Conn[pipe.Request, pipe.Event]
	t       *testing.T
	worker  *worker
	outputs [2]string
	served  chan error
	hangUp  func() error
}

const mark = "\x00mark\x00"

func start(t *testing.T, s session) *kernel {
	t.Helper()
	requests, toWorker := io.Pipe()
	fromWorker, events := io.Pipe()
	k := &kernel{t: t, served: make(chan error, 1), hangUp: toWorker.Close}
	k.worker = newWorker(&pipes{})
	for i := range k.outputs {
		k.outputs[i] = filepath.Join(t.TempDir(), "output")
		f, err := os.Create(k.outputs[i])
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		k.worker.marks.files[i] = f
	}
	k.worker.marks.empty = nil // files are no pipes
	k.worker.conn = pipe.New[pipe.Event, pipe.Request](requests, events)
	k.worker.session = s
	k.Conn = pipe.New[pipe.Request, pipe.Event](fromWorker, toWorker)
	go func() { k.served <- k.worker.serve(context.Background()) }()
	k.send(pipe.Request{ID: 1, Start: &pipe.Start{Mark: mark}})
	require.Equal(t, pipe.Event{Answers: 1, Ready: &pipe.Ready{}}, k.receive())
	return k
}

func (k *kernel) send(r pipe.Request) { require.NoError(k.t, k.Send(r)) }

func (k *kernel) receive() pipe.Event {
	e, err := k.Receive()
	require.NoError(k.t, err)
	return e
}

func (k *kernel) run(id int, code string) pipe.Outcome {
	k.t.Helper()
	k.send(pipe.Request{ID: id, Run: &pipe.Cell{ID: code, Count: id, Code: code}})
	e := k.receive()
	require.Equal(k.t, id, e.Answers)
	require.NotNil(k.t, e.Outcome)
	return *e.Outcome
}

// marked is how many marks have been written, the same to both outputs.
func (k *kernel) marked() int {
	var n [2]int
	for i, path := range k.outputs {
		b, err := os.ReadFile(path)
		require.NoError(k.t, err)
		n[i] = strings.Count(string(b), mark)
	}
	require.Equal(k.t, n[0], n[1])
	return n[0]
}

func (k *kernel) close() {
	require.NoError(k.t, k.hangUp())
	require.NoError(k.t, <-k.served)
}

func TestHelpAtACursor(t *testing.T) {
	t.Parallel()
	k := start(t, fake{})
	defer k.close()
	k.send(pipe.Request{ID: 2, Suggest: &pipe.Cursor{Code: "p.F", Pos: 3}})
	assert.Equal(t, pipe.Event{Answers: 2, Suggestions: &pipe.Suggestions{Start: 1, End: 3, Items: []pipe.Suggestion{
		{Label: "p.F", Text: "import \"p\"\np.F", Kind: "function", Type: `func() (import "p")`},
		{Label: "p", Text: "p", Kind: "package", Type: `"p"`},
	}}}, k.receive())
	k.send(pipe.Request{ID: 3, Explain: &pipe.Cursor{Code: "func f()", Pos: 3}})
	assert.Equal(t, map[string]any{"text/plain": "func f()\n", "text/markdown": "```go\nfunc f()\n```\n"}, k.receive().Explanation.Data)
	k.send(pipe.Request{ID: 4, Explain: &pipe.Cursor{Code: "nothing", Pos: 3}})
	assert.Equal(t, pipe.Event{Answers: 4, Explanation: &pipe.Explanation{}}, k.receive())
}

func TestRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	k := start(t, fake{"nothing": func(context.Context) (cell.Result, error) { return cell.Result{}, nil }})
	defer k.close()
	k.send(pipe.Request{ID: 2, Complete: &pipe.Fragment{Code: "if x {"}})
	assert.Equal(t, pipe.Event{Answers: 2, Completeness: &pipe.Completeness{Status: "incomplete", Indent: "if x {"}}, k.receive())
	assert.Zero(t, k.marked())

	assert.Equal(t, "In [3]", k.run(3, "a cell").Result.Data[display.Plain])
	assert.Equal(t, 1, k.marked(), "before the outcome")
	assert.Equal(t, pipe.Outcome{}, k.run(4, "nothing"))
	assert.Equal(t, 2, k.marked())

	k.worker.marks.empty = func(uintptr) bool { return true }
	assert.Equal(t, pipe.Outcome{Read: true}, k.run(4, "nothing"))
	assert.Equal(t, 2, k.marked(), "not where the kernel has read all")
	k.worker.marks.empty = nil

	k.send(pipe.Request{ID: 5, Run: &pipe.Cell{ID: "s", Count: 5, Code: "a cell", Silent: true}})
	assert.Equal(t, pipe.Outcome{}, *k.receive().Outcome)
}

func TestACountThatComesAgainIsAnotherName(t *testing.T) {
	t.Parallel()
	k := start(t, fake{})
	defer k.close()
	for _, want := range []string{"In [3]", "In [3] (2)", "In [3] (3)"} {
		assert.Equal(t, want, k.run(3, "x").Result.Data[display.Plain])
	}
}

func TestAResultThatNoFrameHoldsIsAFault(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"no JSON": math.NaN(), "too large": strings.Repeat("x", pipe.MaxFrame)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t, fake{"big": func(context.Context) (cell.Result, error) { return shows(v), nil }})
			defer k.close()
			outcome := k.run(2, "big")
			require.NotNil(t, outcome.Fault)
			assert.Contains(t, outcome.Fault.Value, "the result cannot be shown")
			assert.Equal(t, 1, k.marked(), "as many as events")
		})
	}
}

func TestInterruptsReachTheirCell(t *testing.T) {
	t.Parallel()
	stopped := func(ctx context.Context) (cell.Result, error) {
		<-ctx.Done()
		return cell.Result{}, &cell.Failure{Name: "interrupted"}
	}
	k := start(t, fake{"one": stopped, "two": stopped, "free": func(ctx context.Context) (cell.Result, error) { return shows("free"), ctx.Err() }})
	defer k.close()
	k.send(pipe.Request{ID: 2, Run: &pipe.Cell{ID: "one", Code: "one"}})
	k.send(pipe.Request{Interrupt: &pipe.Interrupt{Cell: "another"}})
	k.send(pipe.Request{Interrupt: &pipe.Interrupt{Cell: "one"}})
	assert.Equal(t, "interrupted", k.receive().Outcome.Fault.Name)

	k.send(pipe.Request{Interrupt: &pipe.Interrupt{Cell: "one"}})
	assert.Nil(t, k.run(3, "free").Fault, "it was for the cell before")
}

func TestAPanicInAGoroutineEndsTheCell(t *testing.T) {
	t.Parallel()
	var k *kernel
	k = start(t, fake{"go": func(ctx context.Context) (cell.Result, error) {
		k.worker.goroutineFailed(&cell.Failure{Name: "panic", Message: "first"})
		k.worker.goroutineFailed(&cell.Failure{Name: "panic", Message: "second"})
		<-ctx.Done()
		return cell.Result{}, &cell.Failure{Name: "interrupted"}
	}})
	defer k.close()
	assert.Equal(t, "first", k.run(2, "go").Fault.Value)
	assert.Nil(t, k.run(3, "next").Fault)
}

func TestDisplaysComeBehindMarks(t *testing.T) {
	t.Parallel()
	var k *kernel
	k = start(t, fake{"show": func(context.Context) (cell.Result, error) {
		k.worker.Show(display.Bundle{Data: map[string]any{display.Plain: "x"}}, "1", true)
		return cell.Result{}, nil
	}})
	defer k.close()
	k.send(pipe.Request{ID: 2, Run: &pipe.Cell{ID: "show", Code: "show"}})
	shown := k.receive().Display
	assert.Equal(t, "x", shown.Data[display.Plain])
	assert.Equal(t, "1", shown.ID)
	assert.True(t, shown.Update)
	assert.NotNil(t, k.receive().Outcome)
	assert.Equal(t, 2, k.marked())
}

func TestABrokenPipeEndsTheWorker(t *testing.T) {
	t.Parallel()
	w := newWorker(&pipes{})
	w.conn = pipe.New[pipe.Event, pipe.Request](strings.NewReader("\x00\x00\x00\x02[]"), io.Discard)
	require.ErrorContains(t, w.serve(t.Context()), "decode a frame")

	w = newWorker(&pipes{})
	var requests strings.Builder
	require.NoError(t, pipe.New[pipe.Request, pipe.Event](nil, &requests).Send(pipe.Request{ID: 7}))
	w.conn = pipe.New[pipe.Event, pipe.Request](io.MultiReader(strings.NewReader(requests.String()), strings.NewReader(requests.String())), io.Discard)
	require.ErrorContains(t, w.serve(t.Context()), "request 7 asks for nothing that is known")
}

func TestFault(t *testing.T) {
	t.Parallel()
	at := source.Pos{Cell: "In [1]", Line: 2, Column: 3}
	refusal := &source.Error{Pos: at, Refused: true, Msg: "goto", Hint: "use a loop"}
	wrong := &source.Error{Pos: at, Msg: "undefined: x", Line: "\tx"}
	for name, c := range map[string]struct {
		err  error
		want pipe.Fault
	}{
		"failure": {
			&cell.Failure{Name: "panic", Message: "boom"},
			pipe.Fault{Name: "panic", Value: "boom", Traceback: []string{"\x1b[1;31mpanic\x1b[0m: boom"}},
		},
		"one error": {
			source.ErrorList{wrong},
			pipe.Fault{
				Name: "compile error", Value: "In [1]:2:3: undefined: x",
				Traceback: []string{"\x1b[1;31mcompile error\x1b[0m", wrong.Excerpt()},
			},
		},
		"two errors": {
			source.ErrorList{wrong, refusal},
			pipe.Fault{
				Name: "compile error", Value: "In [1]:2:3: undefined: x (and 1 more)",
				Traceback: []string{"\x1b[1;31mcompile error\x1b[0m", wrong.Excerpt(), refusal.Excerpt()},
			},
		},
		"refusal": {
			source.ErrorList{refusal},
			pipe.Fault{
				Name: "not supported", Value: "In [1]:2:3: not supported: goto (use a loop)",
				Traceback: []string{"\x1b[1;31mnot supported\x1b[0m", refusal.Excerpt()},
			},
		},
		"another": {
			errors.New("odd"),
			pipe.Fault{Name: "error", Value: "odd", Traceback: []string{"\x1b[1;31merror\x1b[0m: odd"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, fault(c.err))
		})
	}
}

// A client of the package's own would not hear of interrupts, and lose what it logged when a cell exits.
func TestTheSDKIsOursByBothOfItsPaths(t *testing.T) {
	t.Parallel()
	o := newClients().override()
	for _, path := range []string{"wallaroo", "github.com/joey-go/joey/sdk"} {
		require.True(t, o[path]["NewClient"].IsValid(), path)
	}
}
