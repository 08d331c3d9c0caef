package pipeline

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/logs"
)

// From the answer of a guest on it is the time of the next that runs, also before that one is asked.
func TestAGuestThatHasAnsweredIsNotGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := &guest{model: model{Model: Model{Name: "a"}}}, &guest{model: model{Model: Model{Name: "b"}}}
		v := &visit{calls: []call{{guest: a}, {guest: b}}, cancel: func() {}, begun: time.Now()}
		p := patience{limit: time.Minute, waits: true}
		time.Sleep(time.Minute) // a ends when its time does
		require.True(t, v.add(logs.Shadow{Model: a.ref()}, time.Now()))
		rest, answers := v.giveUp(p)
		require.Equal(t, time.Minute, rest)
		require.Nil(t, answers)
		time.Sleep(time.Minute)
		_, answers = v.giveUp(p)
		require.Len(t, answers, 2)
		require.Equal(t, "b", answers[1].Model.Name)
		require.False(t, a.isAway())
		require.True(t, b.isAway())
		require.False(t, v.add(logs.Shadow{}, time.Now()), "b is back too late")
	})
}
