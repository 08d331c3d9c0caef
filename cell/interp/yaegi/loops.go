package yaegi

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// loopBlocks returns the blocks that can run more than once in a call: those that are strongly connected with another, or follow
// themselves (Kosaraju's algorithm, linear: a function may have thousands).
func loopBlocks(f *ssa.Function) map[*ssa.BasicBlock]bool {
	loops := map[*ssa.BasicBlock]bool{}
	var ended []*ssa.BasicBlock
	seen := map[*ssa.BasicBlock]bool{}
	for _, b := range f.Blocks {
		ended = reached(b, seen, successors, ended)
	}
	taken := map[*ssa.BasicBlock]bool{}
	for _, b := range slices.Backward(ended) {
		connected := reached(b, taken, predecessors, nil)
		if len(connected) > 1 || slices.Contains(b.Succs, b) {
			for _, c := range connected {
				loops[c] = true
			}
		}
	}
	return loops
}

func successors(b *ssa.BasicBlock) []*ssa.BasicBlock   { return b.Succs }
func predecessors(b *ssa.BasicBlock) []*ssa.BasicBlock { return b.Preds }

// reached appends the blocks that b leads to and nobody has seen, each after those that it leads to.
func reached(b *ssa.BasicBlock, seen map[*ssa.BasicBlock]bool, next func(*ssa.BasicBlock) []*ssa.BasicBlock, blocks []*ssa.BasicBlock) []*ssa.BasicBlock {
	if seen[b] {
		return blocks
	}
	seen[b] = true
	for _, n := range next(b) {
		blocks = reached(n, seen, next, blocks)
	}
	return append(blocks, b)
}
