package random

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// check type-checks a program; sources is where imports come from, which is dear to make.
func check(sources types.Importer, src []byte) error {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "program.go", src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	_, err = (&types.Config{Importer: sources}).Check("main", fset, []*ast.File{f}, nil)
	return err
}

func TestProgramsAreWellTyped(t *testing.T) {
	t.Parallel()
	sources := importer.Default()
	for seed := range uint64(500) {
		p := Generate(seed, 2+int(seed%8))
		assert.NoError(t, check(sources, p.Source()), "seed %d", seed)
	}
}

func TestGenerateIsRepeatable(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		assert.Equal(t, string(Generate(seed, 6).Source()), string(Generate(seed, 6).Source()))
	}
}

func TestSizeGrows(t *testing.T) {
	t.Parallel()
	lengths := map[int]int{}
	for seed := range uint64(20) {
		for _, size := range []int{2, 8, 20} {
			lengths[size] += len(Generate(seed, size).Source())
		}
	}
	assert.Less(t, lengths[2], lengths[8])
	assert.Less(t, lengths[8], lengths[20])
}

// A pointer may have the methods of an interface that holds none: what is printed then is an address, another one at each run.
func TestNoPointerGetsIntoAnInterfaceThatIsPrinted(t *testing.T) {
	t.Parallel()
	number := basic("T", signed, 64)
	printed := &typ{src: "I", kind: iface, byValue: true, impls: []*typ{number}}
	other := &typ{src: "J", kind: iface, impls: []*typ{number}}
	g := &generator{Rand: rand.New(rand.NewPCG(1, 1)), known: map[string]*typ{}, ifaces: []*typ{printed, other}}
	g.basics()
	got := map[*typ]map[*typ]bool{}
	for _, from := range []*typ{other, printed, g.basic("any")} {
		got[from] = map[*typ]bool{}
		for range 200 {
			got[from][g.dynamic(from)] = true
		}
	}
	assert.NotContains(t, got[other], printed)
	assert.Contains(t, got[other], other)
	assert.Contains(t, got[printed], other)
	assert.Contains(t, got[g.basic("any")], printed)
}
