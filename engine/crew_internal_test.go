package engine

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A helper that is awake takes the next job, and no second one is woken up for it.
func TestAHelperStaysAwakeForTheNextJob(t *testing.T) {
	t.Parallel()
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("one processor has no helpers")
	}
	c, served := &crew{linger: time.Hour}, make(chan int)
	offer := func(number int) *job {
		left := make(chan int, 1)
		left <- number
		j := job(func() bool {
			select {
			case n := <-left:
				served <- n
				return true
			default:
				return false
			}
		})
		c.help(&j, 1)
		return &j
	}
	j := offer(1)
	require.Equal(t, 1, <-served)
	c.done(j)
	for number := 2; number < 5; number++ {
		for c.awake.Load() == 0 {
			runtime.Gosched() // it is about to be
		}
		j = offer(number)
		require.Equal(t, number, <-served)
		require.EqualValues(t, 1, c.awake.Load())
		c.done(j)
		require.Nil(t, c.offered.Load())
	}
	c.close()
	require.Zero(t, c.awake.Load())
}

func TestHelpersGoWhenNothingComes(t *testing.T) {
	t.Parallel()
	c, none := &crew{linger: time.Millisecond}, job(func() bool { return false })
	c.help(&none, 3)
	c.all.Wait() // not closed
	require.Zero(t, c.awake.Load())
}
