package engine

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnswersThatAreNotLoggedAreCountedAndTold(t *testing.T) {
	t.Parallel()
	var told []string
	u := unlogged{warn: func(text string) { told = append(told, text) }}
	u.note(nil)
	require.Empty(t, told)
	for range 25 {
		u.note(syscall.ENOSPC)
	}
	require.Equal(t, []string{
		"answered, but not logged, 1 until now: no space left on device",
		"answered, but not logged, 10 until now: no space left on device",
	}, told)
	u.note(nil)
	u.note(nil)
	require.Equal(t, "answers are logged again; 25 before were not", told[2])
	u.note(syscall.EIO)
	require.Len(t, told, 4)
	require.Contains(t, told[3], "1 until now")
}
