package yaegi

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/ssa"
)

// A block is in a loop if it can be reached from itself.
func TestLoopBlocksOfRandomGraphs(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := &ssa.Function{Blocks: make([]*ssa.BasicBlock, 1+r.IntN(9))}
		for i := range f.Blocks {
			f.Blocks[i] = &ssa.BasicBlock{Index: i}
		}
		for range r.IntN(2 * len(f.Blocks)) {
			from, to := f.Blocks[r.IntN(len(f.Blocks))], f.Blocks[r.IntN(len(f.Blocks))]
			from.Succs, to.Preds = append(from.Succs, to), append(to.Preds, from)
		}
		loops := loopBlocks(f)
		for _, b := range f.Blocks {
			seen := map[*ssa.BasicBlock]bool{}
			for _, s := range b.Succs {
				reached(s, seen, successors, nil)
			}
			require.Equal(t, seen[b], loops[b], "seed %d, block %d", seed, b.Index)
		}
	}
}
