package engine

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// numbered is a job that gives its number to who has it, once, and counts who comes for it.
func numbered(number int, served chan<- int, come *atomic.Int32) *job {
	left := make(chan int, 1)
	left <- number
	j := job(func() {
		come.Add(1)
		select {
		case n := <-left:
			served <- n
		default:
		}
	})
	return &j
}

// A helper that is awake takes the next job, and no second one is woken up for it.
func TestAHelperStaysAwakeForTheNextJob(t *testing.T) {
	t.Parallel()
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("one processor has no helpers")
	}
	c, served := &crew{linger: time.Hour, most: time.Hour}, make(chan int)
	defer c.close()
	var come atomic.Int32
	for number := range 4 {
		j := numbered(number, served, &come)
		c.help(j, 1)
		require.Equal(t, number, <-served)
		c.done(j)
		require.Nil(t, c.offered.Load())
		for c.awake.Load() == 0 {
			runtime.Gosched() // it is about to be
		}
	}
	c.close()
	require.EqualValues(t, 4, come.Load(), "one helper for each job")
}

func TestHelpersGo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*crew{"nothing comes": {linger: time.Millisecond, most: time.Hour}, "it is time": {linger: time.Hour, most: time.Millisecond}} {
		served := make(chan int, 3)
		c.help(numbered(1, served, new(atomic.Int32)), 3)
		c.all.Wait() // and nobody closes it
		require.Zero(t, c.awake.Load(), name)
		require.Equal(t, 1, <-served)
	}
}
