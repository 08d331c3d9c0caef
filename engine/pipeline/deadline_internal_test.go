package pipeline

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A deadline ends at its time whether somebody waits for it or only looks, and with the context around it.
func TestADeadlineEndsLikeAContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		outer, cancel := context.WithCancel(t.Context())
		looked, waited := &deadline{Context: outer, at: time.Now().Add(time.Second)}, &deadline{Context: outer, at: time.Now().Add(time.Second)}
		defer waited.release()
		require.NoError(t, looked.Err())
		require.NoError(t, waited.Err())
		start := time.Now()
		<-waited.Done()
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, waited.Err(), context.DeadlineExceeded)
		require.ErrorIs(t, looked.Err(), context.DeadlineExceeded)

		looked, waited = &deadline{Context: outer, at: time.Now().Add(time.Hour)}, &deadline{Context: outer, at: time.Now().Add(time.Hour)}
		done := waited.Done()
		cancel()
		<-done
		require.ErrorIs(t, waited.Err(), context.Canceled)
		require.ErrorIs(t, looked.Err(), context.Canceled)

		released := &deadline{Context: t.Context(), at: time.Now().Add(time.Hour)}
		done = released.Done()
		released.release()
		<-done // a bubble with its timer left would not end
	})
}
