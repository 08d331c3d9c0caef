package worker

import (
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"github.com/stretchr/testify/assert"
)

func goal() uint64 {
	debug.FreeOSMemory() // a collection sets the goal
	s := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// Not parallel: other tests would move the goal.
func TestBallastLetsGarbageGrow(t *testing.T) {
	t.Setenv("GOGC", "")
	goal() // empties pools
	without := goal()
	assert.Greater(t, withBallast(goal), without+ballastBytes)
	t.Setenv("GOGC", "100")
	assert.Less(t, withBallast(goal), without+ballastBytes)
}
