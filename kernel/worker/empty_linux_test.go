package worker

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPipeIsEmptyWhenAllIsRead(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	m := marks{files: [2]*os.File{w, w}, empty: pipeIsEmpty}
	assert.True(t, m.read())
	_, err = w.WriteString("ab")
	require.NoError(t, err)
	assert.False(t, m.read())
	_, err = r.Read(make([]byte, 1))
	require.NoError(t, err)
	assert.False(t, m.read(), "not all")
	_, err = r.Read(make([]byte, 1))
	require.NoError(t, err)
	assert.True(t, m.read())
	m.empty = nil
	assert.False(t, m.read(), "a system that cannot tell")
}
