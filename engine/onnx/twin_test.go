package onnx

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// Runs that are under way at once have a session each, up to a number; those that come later use them again.
func TestRunsAtOnceHaveATwinEach(t *testing.T) {
	s := loadFile(t, open(t), filepath.Join(odd(t), "endless.onnx"))
	s.most = 3
	under := func() (all int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, w := range s.twins {
			all += int(w.under.Load())
		}
		return all
	}
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 5)
		for i := range cap(ran) {
			go func() {
				_, err := s.Run(ctx, []tensor.Tensor{floats([]int64{1}, 1)})
				ran <- err
			}()
			for under() <= i {
				runtime.Gosched()
			}
		}
		assert.Len(t, s.twins, 3)
		for _, w := range s.twins {
			assert.Positive(t, w.under.Load())
		}
		cancel()
		for range cap(ran) {
			require.ErrorIs(t, <-ran, context.Canceled)
		}
	}
	require.NoError(t, s.Close())
	_, err := s.Run(t.Context(), []tensor.Tensor{floats([]int64{1}, 1)})
	require.ErrorIs(t, err, ErrClosed)
	assert.Zero(t, under())
	for _, w := range s.twins {
		assert.Nil(t, w.calls, "it is closed")
	}
}

// A large one would have its weights twice, and one with several threads these.
func TestSmallModelsHaveTwins(t *testing.T) {
	r := open(t)
	model, err := os.ReadFile(realModel(t, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	for most, o := range map[int]Options{runtime.GOMAXPROCS(0): {Threads: 1}, 1: {Threads: 2}} {
		s, err := r.Load(model, o)
		require.NoError(t, err)
		assert.Equal(t, most, s.most)
		require.NoError(t, s.Close())
	}
}

// Twins of a model answer alike.
func TestTwinsAnswerAlike(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	in := []tensor.Tensor{record(t)}
	want, err := s.Run(t.Context(), in)
	require.NoError(t, err)
	s.most = 2
	s.first.under.Add(1) // as if it had a run
	defer s.first.under.Add(-1)
	for range 3 {
		out, err := s.Run(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, want, out)
	}
	require.Len(t, s.twins, 2)
	require.Len(t, s.twins[1].spare, 1)
}
