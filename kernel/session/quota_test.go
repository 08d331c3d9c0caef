package session

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestQuota(t *testing.T) {
	t.Parallel()
	q := quota{bytes: maxText - 3}
	assert.Equal(t, "ab", q.text("ab"))
	assert.Empty(t, q.note())
	assert.Equal(t, "c", q.text("cd"))
	assert.Contains(t, q.note(), "more than 256 MB of text")
	assert.Empty(t, q.text("e"))
	assert.Empty(t, q.note(), "told twice")

	q = quota{displays: maxDisplays - 1}
	assert.True(t, q.display())
	assert.Empty(t, q.note())
	assert.False(t, q.display())
	assert.Contains(t, q.note(), "more than 10000 displays")
}
