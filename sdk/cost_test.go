package wallaroo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What a request allocates is for the most part its caller's: the input, the outputs of three models and the result, 22 in all, and a few more
// where the garbage collector or the race detector takes memory from a pool. Not parallel: the allocations of other tests would count.
func TestARequestAllocatesWhatItsCallerKeeps(t *testing.T) {
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	p := deployShadow(t, wl, "p")
	rows := [][]float64{make([]float64, 29)}
	allocations := testing.AllocsPerRun(2000, func() {
		if _, err := p.Infer(rows); err != nil {
			require.NoError(t, err)
		}
	})
	require.LessOrEqual(t, allocations, 28.0)
}
