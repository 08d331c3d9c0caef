package split_test

import (
	"go/ast"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

func TestSketchKeepsWhatCanBeParsed(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"x.", "}", "func f() {", "type T struct {\n\ta int\n", "if x {", "import \"", "x := )\nfunc g() {}"} {
		cell, errs := split.Sketch(source.NewSet(), source.NewText("c", src))
		assert.NotNil(t, cell.File, src)
		assert.NotNil(t, cell.Body, src)
		assert.NotEmpty(t, errs, src)
	}
	cell, errs := split.Sketch(source.NewSet(), source.NewText("c", "x := = 1\nfunc g() {}"))
	assert.Equal(t, "g", cell.File.Decls[0].(*ast.FuncDecl).Name.Name)
	assert.Equal(t, 1, errs[0].Pos.Line)
}
