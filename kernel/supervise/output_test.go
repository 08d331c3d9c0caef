package supervise

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutputIsReadAsItComes(t *testing.T) {
	t.Parallel()
	r, w, err := outputPipe()
	require.NoError(t, err)
	buf := make([]byte, 64)
	for _, s := range []string{"a", "bc", "d"} {
		read := make(chan string)
		go func() {
			n, err := r.Read(buf)
			assert.NoError(t, err)
			read <- string(buf[:n])
		}()
		_, err = w.WriteString(s)
		require.NoError(t, err)
		assert.Equal(t, s, <-read)
	}
	_, err = w.WriteString("the last")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	all, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "the last", string(all))
	assert.NoError(t, r.Close())
}

func TestReadingOutputEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	r, w, err := outputPipe()
	require.NoError(t, err)
	ended := make(chan error)
	go func() {
		_, err := r.Read(make([]byte, 1))
		ended <- err
	}()
	require.NoError(t, r.SetReadDeadline(time.Now()))
	assert.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
	require.NoError(t, w.Close())
	assert.NoError(t, r.Close())
}

// Output that never ends does not put the deadline off.
func TestTheDeadlineOfOutputHoldsWhileThereIsSome(t *testing.T) {
	t.Parallel()
	r, w, err := outputPipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	_, err = w.WriteString("there is some")
	require.NoError(t, err)
	require.NoError(t, r.SetReadDeadline(time.Unix(1, 0)))
	_, err = r.Read(make([]byte, 64))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, r.SetReadDeadline(time.Time{}))
	b := make([]byte, 64)
	n, err := r.Read(b)
	require.NoError(t, err)
	assert.Equal(t, "there is some", string(b[:n]))
}
