package cell_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/complete"
	"github.com/joey-go/joey/cell/source"
)

// labels are the items of an answer.
func labels(c complete.Completions) (l []string) {
	for _, item := range c.Items {
		l = append(l, item.Label)
	}
	return l
}

func TestHelpFollowsTheSession(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	_, err := r.cell(t, "In [1]", "// Point is a place.\ntype Point struct{ X, Y int }\np := Point{1, 2}")
	require.NoError(t, err)
	assert.Equal(t, []string{"X", "Y"}, labels(r.Complete("p.", 2)))

	_, err = r.cell(t, "In [2]", "q := p\npanic(\"stop\")\nz := p")
	require.Error(t, err)
	assert.Equal(t, []string{"X", "Y"}, labels(r.Complete("q.", 2)))
	assert.Empty(t, labels(r.Complete("z.", 2)), "the cell stopped before it set z")

	_, err = r.cell(t, "In [3]", "bad := nobody")
	require.ErrorAs(t, err, new(source.ErrorList))
	assert.Empty(t, labels(r.Complete("bad", 3)), "a rejected cell declares nothing")

	info, ok := r.Inspect("var x Point", 9)
	require.True(t, ok)
	assert.Equal(t, "Point is a place.", info.Doc)
	assert.Equal(t, "In [1]", info.Place)
	_, ok = r.Inspect("nobody", 3)
	assert.False(t, ok)
}

func TestHelpLeavesTheSessionAsItIs(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	_, err := r.cell(t, "In [1]", "import \"fmt\"\ntype T struct{ a, b int }\nfunc (t T) Sum() int { return t.a + t.b }\nmake1 := func() T { return T{1, 2} }")
	require.NoError(t, err)
	for _, text := range []string{"func (t T) Sum() string { t. }", "func (t T) New() {}\nT{}.", "type T int\nT(1).", "T{3, 4}."} {
		r.Complete(text, len(text)-2)
		r.Inspect(text, len(text)-2)
	}
	_, err = r.cell(t, "In [2]", "fmt.Print(make1().Sum(), T{3, 4}.Sum())")
	require.NoError(t, err)
	assert.Equal(t, "3 7", r.taken())
	_, err = r.cell(t, "In [3]", "T{}.New()")
	var list source.ErrorList
	require.True(t, errors.As(err, &list))
	assert.Contains(t, list[0].Msg, "T{}.New undefined")
}

func TestTypesMadeOfEarlierTypes(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	for _, src := range []string{"import \"fmt\"\ntype A struct{ X int }", "type B A\ntype C = A", "fmt.Print(B{1}.X, C{2}.X, A(B{3}))"} {
		_, err := r.cell(t, "In ["+src[:6]+"]", src)
		require.NoError(t, err)
	}
	assert.Equal(t, "1 2 {3}", r.taken())
}
