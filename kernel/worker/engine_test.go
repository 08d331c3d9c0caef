package worker

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
)

// ended is a session that knows whether it was closed.
type ended struct {
	session
	closed bool
}

func (e *ended) Close() error {
	e.closed = true
	return e.session.Close()
}

// The session stands in for all that the fake of the other tests does not do.
func TestTheEngineCellChangesTheSession(t *testing.T) {
	t.Parallel()
	s, err := cell.NewSession(cell.Options{Engine: "yaegi"})
	require.NoError(t, err)
	first := &ended{session: s}
	k := start(t, first)
	defer k.close()
	k.worker.engine = "yaegi"
	require.Nil(t, k.run(2, "x := 20; x + 1").Fault)
	require.Nil(t, k.run(3, "%engine yaegi").Fault)
	require.Nil(t, k.run(4, "x").Fault, "the engine that it has already changes nothing")

	assert.False(t, first.closed)

	require.Nil(t, k.run(5, " %engine closure\n").Fault)
	assert.True(t, first.closed)
	assert.Equal(t, "closure", k.worker.engine)
	require.NotNil(t, k.run(6, "x").Fault, "the session is new")
	result := k.run(7, "y := 3; y * y").Result
	require.NotNil(t, result)
	assert.Equal(t, "9", result.Data[display.Plain])
	require.Nil(t, k.run(8, "%engine").Fault)
	assert.Equal(t, "closure", k.worker.engine)

	fault := k.run(9, "%engine v8").Fault
	require.NotNil(t, fault)
	assert.Contains(t, fault.Value, `no engine is named "v8"`)
	status, _ := k.worker.isComplete("%engine closure")
	assert.Equal(t, "complete", status)
}
