package source_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/cell/source"
)

func TestPositionsCountCodePoints(t *testing.T) {
	t.Parallel()
	text := source.NewText("In [1]", "größe := 1\nx")
	assert.Equal(t, source.Pos{Cell: "In [1]", Line: 1, Column: 7}, text.Pos(len("größe ")))
	assert.Equal(t, source.Pos{Cell: "In [1]", Line: 2, Column: 1}, text.Pos(len("größe := 1\n")))
	assert.Equal(t, source.Pos{Cell: "In [1]", Line: 2, Column: 2}, text.Pos(1000))
	assert.Equal(t, source.Pos{Cell: "In [1]", Line: 1, Column: 1}, text.Pos(-3))
	assert.Equal(t, "x", text.Line(2))
	assert.Equal(t, "", text.Line(3))
}

func TestExcerptPointsAtTheColumn(t *testing.T) {
	t.Parallel()
	text := source.NewText("In [2]", "if ü {\n\tü := bad\n}")
	e := text.Error(len("if ü {\n\tü := "), "undefined: bad")
	e.Hint = "did you mean bed?"
	assert.Equal(t, "In [2]:2:7: undefined: bad (did you mean bed?)\n    \tü := bad\n    \t     ^", e.Excerpt())
}

func TestErrorListIsSortedAndHasNoDoubles(t *testing.T) {
	t.Parallel()
	text := source.NewText("c", "ab\ncd")
	list := source.ErrorList{text.Error(4, "later"), text.Error(1, "first"), text.Error(4, "later")}
	assert.EqualError(t, list.Err(), "c:1:2: first\nc:2:2: later")
	assert.NoError(t, source.ErrorList(nil).Err())
}

func TestForkForgetsItsFiles(t *testing.T) {
	t.Parallel()
	set := source.NewSet()
	kept := set.Fset.AddFile("kept", -1, 10)
	set.Add(kept, source.NewText("kept", "0123456789"), 0)
	fork := set.Fork()
	looked := set.Fset.AddFile("looked at", -1, 10)
	text := source.NewText("looked at", "0123456789")
	fork.Add(looked, text, 0)

	found, offset := fork.Find(looked.Pos(3))
	assert.Same(t, text, found)
	assert.Equal(t, 3, offset)
	fork.Release()
	assert.Nil(t, set.Fset.File(looked.Pos(3)))
	assert.True(t, set.Pos(kept.Pos(3)).IsValid(), "the set keeps its own")
}
