package random

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
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
