package onnx

import (
	"context"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// Each goroutine has inputs and a batch size of its own, and keeps what it got: a slot that two had would mix them.
func TestConcurrentRunsKeepTheirOwnTensors(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	var group sync.WaitGroup
	for g := range 16 {
		group.Go(func() {
			in := []tensor.Tensor{randomBatch(1+g%5, 29)}
			for i := range in[0].Data.([]float32) {
				in[0].Data.([]float32)[i] *= float32(g+1) / 16
			}
			first, err := s.Run(t.Context(), in)
			require.NoError(t, err)
			for range 200 {
				out, err := s.Run(t.Context(), in)
				require.NoError(t, err)
				require.Equal(t, first, out)
			}
		})
	}
	group.Wait()
	assert.LessOrEqual(t, len(s.twins), runtime.GOMAXPROCS(0))
	for _, w := range s.twins {
		assert.LessOrEqual(t, len(w.spare), 2+2*runtime.GOMAXPROCS(0), "slots are bounded")
		assert.LessOrEqual(t, len(w.calls), 16)
		assert.Len(t, w.idle, len(w.calls))
		assert.Zero(t, w.under.Load())
	}
}

func TestAResultOutlivesTheNextRun(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	in := record(t)
	first, err := s.Run(t.Context(), []tensor.Tensor{in})
	require.NoError(t, err)
	kept := first[0].Tensor.Data.([]float32)[0]
	other, err := s.Run(t.Context(), []tensor.Tensor{randomBatch(1, 29)})
	require.NoError(t, err)
	assert.NotEqual(t, kept, other[0].Tensor.Data.([]float32)[0])
	assert.Equal(t, kept, first[0].Tensor.Data.([]float32)[0])
	assert.Len(t, s.first.spare, 1)
}

// The first call of a batch size makes tensors for itself, the second a slot; large ones never.
func TestSlotsAreMadeForWhatComesAgain(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	for _, c := range []struct{ rows, slots int }{{3, 0}, {3, 1}, {3, 1}, {4, 1}, {5, 1}, {1, 2}, {1, 2}, {5, 3}, {5, 3}, {1000, 3}, {1000, 3}} {
		_, err := s.Run(t.Context(), []tensor.Tensor{randomBatch(c.rows, 29)})
		require.NoError(t, err)
		assert.Len(t, s.first.spare, c.slots, "%d rows", c.rows)
	}
}

// What ends one run does not end the next one on the same call.
func TestAStoppedRunLeavesTheNextAlone(t *testing.T) {
	s := loadFile(t, open(t), filepath.Join(odd(t), "endless.onnx"))
	for range 3 {
		start := time.Now() // before the time begins in which the run is stopped
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, err := s.Run(ctx, []tensor.Tensor{floats([]int64{1}, 1)})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.GreaterOrEqual(t, time.Since(start), 20*time.Millisecond, "it was not stopped by what stopped the one before")
		cancel()
	}
	assert.Len(t, s.first.calls, 1)
}

func TestCloseWaitsForARun(t *testing.T) {
	s := loadFile(t, open(t), filepath.Join(odd(t), "endless.onnx"))
	is := func(state func() bool) {
		for reached := false; !reached; runtime.Gosched() {
			s.first.mu.Lock()
			reached = state()
			s.first.mu.Unlock()
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Run(ctx, []tensor.Tensor{floats([]int64{1}, 1)})
		ran <- err
	}()
	is(func() bool { return len(s.first.idle) < len(s.first.calls) })
	go func() { closed <- s.Close() }()
	is(func() bool { return s.first.closed })
	assert.NotNil(t, s.first.calls, "what the run uses is there")
	cancel()
	require.ErrorIs(t, <-ran, context.Canceled)
	require.NoError(t, <-closed)
	assert.Nil(t, s.first.calls)
}

// The first run makes what the later ones use again. What is left is the caller's: list, data and their header.
func TestARunAllocatesWhatItsCallerKeeps(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := []tensor.Tensor{record(t)}
	allocations := testing.AllocsPerRun(1000, func() {
		_, err := s.Run(ctx, in)
		if err != nil {
			require.NoError(t, err)
		}
	})
	assert.LessOrEqual(t, allocations, 3.0)
}

// They are refused as they are without one, also those that lie about their data.
func TestTensorsOfAnotherTypeDoNotGoIntoASlot(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	good := record(t)
	want, err := s.Run(t.Context(), []tensor.Tensor{good})
	require.NoError(t, err)
	require.Len(t, s.first.spare, 1)
	for name, bad := range map[string]tensor.Tensor{
		"another type": {Type: tensor.Float64, Shape: good.Shape, Data: make([]float64, 29)},
		"other data":   {Type: tensor.Float32, Shape: good.Shape, Data: make([]float64, 29)},
		"less data":    {Type: tensor.Float32, Shape: good.Shape, Data: make([]float32, 28)},
		"no type":      {Shape: good.Shape},
		"no such type": {Type: 100, Shape: good.Shape},
	} {
		_, err := s.Run(t.Context(), []tensor.Tensor{bad})
		require.ErrorAs(t, err, new(*InputError), name)
		out, err := s.Run(t.Context(), []tensor.Tensor{good})
		require.NoError(t, err)
		require.Equal(t, want, out, name)
	}
}

// What another version of the binding has in the place of its handles is not called.
func TestOnlyPointersToTheirStructsAreHandles(t *testing.T) {
	t.Parallel()
	type inner struct{ o *int }
	for name, of := range map[string]any{
		"nothing": nil, "no field": new(struct{}), "a pointer to something else": &inner{new(int)}, "nil in between": (*inner)(nil), "no pointer": &struct{ o int }{1},
	} {
		assert.Zero(t, handle(of, "OrtRunOptions", "o"), name)
		assert.Zero(t, handle(&struct{ s any }{of}, "OrtRunOptions", "s", "o"), name)
	}
}

func TestWithoutHandlesRunsMakeTheirTensors(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	in := []tensor.Tensor{record(t)}
	want, err := s.Run(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, s.first.spare, 1, "this version of the binding has them")
	s.first.spare[0].destroy()
	s.first.spare = nil
	for name, hide := range map[string]func(){
		"of the options": func() { s.first.idle[0].handle = 0 },
		"of the session": func() { s.slots = false },
	} {
		handle, slots := s.first.idle[0].handle, s.slots
		hide()
		for range 2 {
			out, err := s.Run(t.Context(), in)
			require.NoError(t, err, name)
			require.Equal(t, want, out, name)
			require.Empty(t, s.first.spare, name)
		}
		s.first.idle[0].handle, s.slots = handle, slots
	}
}
