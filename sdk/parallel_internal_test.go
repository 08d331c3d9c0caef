package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// numbered are n inputs, each its own index.
func numbered(n, workers int) *parallel {
	w := &parallel{workers: workers, results: make(ParallelResults, n), errs: make([]error, n), dot: func() {}}
	for i := range n {
		w.inputs = append(w.inputs, i)
	}
	return w
}

func TestNoMoreRequestsAreUnderWayThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		dots := 0
		w := numbered(120, 7)
		w.dot = func() { dots++ }
		require.NoError(t, w.run(t.Context(), func(input any) (InferenceResults, error) {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Duration(1+input.(int)%5) * time.Second)
			now.Add(-1)
			return make(InferenceResults, input.(int)), nil
		}))
		require.EqualValues(t, 7, most.Load())
		for i, r := range w.results {
			require.Len(t, r, i, "results are in the order of the inputs")
		}
		require.Equal(t, 50, dots)
	})
}

func TestInterruptLetsNoMoreRequestsBegin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancelCause(t.Context())
		var asked atomic.Int64
		w := numbered(100, 4)
		err := w.run(ctx, func(input any) (InferenceResults, error) {
			if asked.Add(1) == 6 {
				interrupt(errors.New("interrupted"))
			}
			time.Sleep(time.Second)
			if input == 2 {
				return nil, errors.New("it is odd")
			}
			return InferenceResults{}, nil
		})
		n := int(asked.Load())
		require.Less(t, n, 11)
		failed, ok := errors.AsType[*ParallelError](err)
		require.True(t, ok)
		require.Len(t, failed.Errors, 101-n)
		require.EqualError(t, err, fmt.Sprintf("1 of 100 inputs failed\ninput 2: it is odd\n%d of 100 inputs were not asked: interrupted", 100-n))
		require.ErrorIs(t, err, context.Cause(ctx))
		require.NotNil(t, w.results[0])
		require.Nil(t, w.results[99])
	})
}

func TestPanicOfAnInputIsTheCallers(t *testing.T) {
	t.Parallel()
	w := numbered(10, 3)
	require.PanicsWithValue(t, "odd", func() {
		_ = w.run(t.Context(), func(any) (InferenceResults, error) { panic("odd") })
	})
}

func TestParallelErrorNamesTheFirstTen(t *testing.T) {
	t.Parallel()
	w := numbered(12, 2)
	err := w.run(t.Context(), func(input any) (InferenceResults, error) { return nil, fmt.Errorf("%v is odd", input) })
	require.ErrorContains(t, err, "12 of 12 inputs failed\ninput 0: 0 is odd\ninput 1: 1 is odd")
	require.ErrorContains(t, err, "input 9: 9 is odd\n… and 2 more")
	require.EqualError(t, err.(*ParallelError).Unwrap()[11], "11 is odd")
}
