package cell_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/chunk"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/source"
)

// run is a session whose output is kept: fmt's printing functions write to it in place of os.Stdout.
type run struct {
	*cell.Session
	mu        sync.Mutex
	out       bytes.Buffer
	displayed []display.Bundle
	failures  chan *cell.Failure
}

func (r *run) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Write(b)
}

func (r *run) taken() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.out.Reset()
	return r.out.String()
}

// Show, Clear and Ask make run a notebook.Front.
func (r *run) Show(b display.Bundle, _ string, _ bool) { r.displayed = append(r.displayed, b) }
func (r *run) Clear(bool)                              { r.displayed = nil }
func (r *run) NextInput(text string, _ bool)           { r.displayed = append(r.displayed, display.Of(text)) }
func (r *run) Ask(prompt string, _ bool) (string, error) {
	return prompt + "answer", nil
}

// newRun starts a session that forgets at once what nothing refers to, so that every test shows that it was not needed.
func newRun(t testing.TB) *run { return newSweptRun(t, 1) }

func newSweptRun(t testing.TB, sweep int) *run { return newRunOn(t, "", sweep) }

// onEngines runs a test with each engine; others run with the one that the environment names, which make test names both of.
func onEngines(t *testing.T, test func(t *testing.T, engine string)) {
	t.Parallel()
	for _, engine := range cell.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, engine)
		})
	}
}

func newRunOn(t testing.TB, engine string, sweep int) *run {
	t.Helper()
	r := &run{failures: make(chan *cell.Failure, 10)}
	s, err := cell.NewSession(cell.Options{
		Engine: engine,
		Front:  r,
		Failed: func(f *cell.Failure) { r.failures <- f },
		Sweep:  sweep,
		Override: map[string]map[string]reflect.Value{"fmt": {
			"Print":   reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprint(r, a...) }),
			"Printf":  reflect.ValueOf(func(f string, a ...any) (int, error) { return fmt.Fprintf(r, f, a...) }),
			"Println": reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprintln(r, a...) }),
		}},
	})
	require.NoError(t, err)
	r.Session = s
	return r
}

func (r *run) cell(t testing.TB, name, src string) (cell.Result, error) {
	t.Helper()
	return r.Run(t.Context(), cell.Cell{Name: name, Source: src})
}

func TestChunks(t *testing.T) { onEngines(t, testChunks) }

func testChunks(t *testing.T, engine string) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		if filepath.Base(file) == "programs.txt" {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cells, err := chunk.Read(file)
			require.NoError(t, err)
			r := newRunOn(t, engine, 1)
			for _, c := range cells {
				result, err := r.cell(t, c.Name, c.Source)
				expectEnd(t, c, err)
				assert.Equal(t, c.Out, r.taken(), "%s: output", c.Name)
				if c.HasResult && assert.NotNil(t, result.Bundle, "%s: no result", c.Name) {
					assert.Equal(t, c.Result, result.Bundle.Data[display.Plain], "%s: result", c.Name)
				} else if !c.HasResult && result.Bundle != nil && (c.Out != "" || len(c.Wants) > 0) {
					t.Errorf("%s: shows %v, which nobody expects", c.Name, result.Bundle.Data[display.Plain])
				}
			}
		})
	}
}

// expectEnd compares how a cell ended with what its comments say.
func expectEnd(t *testing.T, c chunk.Cell, err error) {
	t.Helper()
	var failure *cell.Failure
	if errors.As(err, &failure) {
		trace := fmt.Sprint(failure.Traceback(false))
		if assert.NotNil(t, c.Stop, "%s: stopped: %s", c.Name, trace) {
			assert.Regexp(t, c.Stop.Match, failure.Error(), c.Name)
			if assert.NotEmpty(t, failure.Frames, "%s: no frames", c.Name) {
				assert.True(t, onLine(failure.Frames, c), "%s: stopped on another line than %d: %s", c.Name, c.Stop.Line, trace)
			}
		}
		return
	}
	assert.Nil(t, c.Stop, "%s: ran to its end", c.Name)
	var list source.ErrorList
	if err != nil && !errors.As(err, &list) {
		t.Errorf("%s: %v", c.Name, err)
	}
	assert.Len(t, list, len(c.Wants), "%s: %v", c.Name, err)
	for i, want := range c.Wants {
		if i < len(list) {
			assert.Regexp(t, want.Match, list[i].Error(), c.Name)
			assert.Equal(t, want.Line, list[i].Pos.Line, "%s: %v", c.Name, list[i])
		}
	}
}

func onLine(frames []cell.Frame, c chunk.Cell) bool {
	for _, f := range frames {
		if f.Pos.Cell == c.Name && f.Pos.Line == c.Stop.Line {
			return true
		}
	}
	return false
}

// The parts of the library's sorting that are not generic are built once for all cells.
func TestCellsShareTheLibrary(t *testing.T) {
	onEngines(t, func(t *testing.T, engine string) {
		r := newRunOn(t, engine, 1)
		for i := range 3 {
			src := fmt.Sprintf(`import "slices"
type T%[1]d struct{ n int }
var list%[1]d []T%[1]d
for i := range 1000 {
	list%[1]d = append(list%[1]d, T%[1]d{i * 7919 %% 1009 ^ i %% 13})
}
slices.SortFunc(list%[1]d, func(a, b T%[1]d) int { return a.n - b.n })
slices.IsSortedFunc(list%[1]d, func(a, b T%[1]d) int { return a.n - b.n })`, i)
			result, err := r.cell(t, fmt.Sprintf("In [%d]", i+1), src)
			require.NoError(t, err)
			assert.Equal(t, "true", result.Bundle.Data[display.Plain])
		}
	})
}
