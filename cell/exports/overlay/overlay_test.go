// Package overlay_test compares the overlays with the standard library.
package overlay_test

import (
	stditer "iter"
	stdmaps "maps"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/cell/exports/overlay/iter"
	"github.com/joey-go/joey/cell/exports/overlay/maps"
)

func count(n int, closed *bool) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer func() { *closed = true }()
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

type pull func(func(func(int) bool)) (func() (int, bool), func())

// both runs a test against the standard library's Pull and ours.
func both(t *testing.T, test func(t *testing.T, p pull)) {
	t.Run("std", func(t *testing.T) {
		test(t, func(s func(func(int) bool)) (func() (int, bool), func()) { return stditer.Pull(stditer.Seq[int](s)) })
	})
	t.Run("ours", func(t *testing.T) {
		test(t, func(s func(func(int) bool)) (func() (int, bool), func()) { return iter.Pull(iter.Seq[int](s)) })
	})
}

func TestPullGivesAllValuesThenZero(t *testing.T) {
	both(t, func(t *testing.T, p pull) {
		var closed bool
		next, stop := p(count(2, &closed))
		var got []any
		for range 4 {
			v, ok := next()
			got = append(got, v, ok)
		}
		stop()
		assert.Equal(t, []any{0, true, 1, true, 0, false, 0, false}, got)
		assert.True(t, closed)
	})
}

func TestPullStopEndsTheIterator(t *testing.T) {
	both(t, func(t *testing.T, p pull) {
		var closed bool
		next, stop := p(count(5, &closed))
		next()
		stop()
		stop()
		assert.True(t, closed)
		_, ok := next()
		assert.False(t, ok)
	})
}

func TestPullStopBeforeTheStartRunsNothing(t *testing.T) {
	both(t, func(t *testing.T, p pull) {
		ran := false
		next, stop := p(func(func(int) bool) { ran = true })
		stop()
		_, ok := next()
		assert.False(t, ok)
		assert.False(t, ran)
	})
}

func TestPullPassesPanicsOn(t *testing.T) {
	both(t, func(t *testing.T, p pull) {
		next, _ := p(func(func(int) bool) { panic("from seq") })
		assert.PanicsWithValue(t, "from seq", func() { next() })
		_, ok := next()
		assert.False(t, ok)
	})
}

func TestPullPassesGoexitOn(t *testing.T) {
	both(t, func(t *testing.T, p pull) {
		next, _ := p(func(func(int) bool) { runtime.Goexit() })
		ended, returned := make(chan bool), false
		go func() {
			defer func() { ended <- true }()
			next()
			returned = true
		}()
		<-ended
		assert.False(t, returned)
	})
}

func TestClone(t *testing.T) {
	assert.Nil(t, maps.Clone(map[int]int(nil)))
	m := map[string]int{"a": 1}
	c := maps.Clone(m)
	assert.Equal(t, stdmaps.Clone(m), c)
	c["a"] = 2
	assert.Equal(t, 1, m["a"])
}
