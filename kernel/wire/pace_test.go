package wire

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStrangersArePaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan struct{})
		p := newPace(stopped)
		begun := time.Now()
		for range unitsAtOnce {
			p.spend(1, time.Time{})
		}
		assert.Zero(t, time.Since(begun), "what an honest peer sends at once does not wait")
		for range 10 * unitsPerSecond {
			p.spend(1, time.Time{})
		}
		assert.InDelta(t, 10*time.Second, time.Since(begun), float64(time.Second))

		p.spend(100*unitsPerSecond, time.Now().Add(time.Second))
		assert.InDelta(t, 11*time.Second, time.Since(begun), float64(time.Second), "no longer than the message may take")
		close(stopped)
		p.spend(100*unitsPerSecond, time.Time{})
		assert.InDelta(t, 11*time.Second, time.Since(begun), float64(time.Second), "nor than the socket lives")
	})
}

// What a stranger may send is no matter for who has shown the key.
func TestAClientIsNotHeldToALimitOfStrangers(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	c := dial(t, s.Connection().Shell, zmq4.Dealer, "c")
	c.send(t, c.request(t, "the key")...)
	c.receive(t)
	begun := time.Now()
	for range 20 * unitsPerSecond {
		c.send(t, c.request(t, "fast")...)
		c.receive(t)
	}
	assert.Less(t, time.Since(begun), 10*time.Second)
	c.send(t, append(c.request(t, "large"), make([]byte, 2*maxStrange))...)
	assert.Equal(t, `echo_reply {"text":"large"}`, c.receive(t))

	stranger := dial(t, s.Connection().Shell, zmq4.Dealer, "s")
	_ = stranger.SendMsg(zmq4.NewMsgFrom(stranger.request(t, "large")[0], make([]byte, 2*maxStrange)))
	refused(t, stranger.raw)
	require.Eventually(t, func() bool { return s.Counts().Excessive == 1 }, patient, time.Millisecond)
}

// Nothing that a stranger leaves unread piles up, however it is asked for.
func TestAStrangerThatReadsNothingIsDisconnected(t *testing.T) {
	t.Parallel()
	p := newPeer(&replayConn{}, maxWaiting, time.Hour, func(func()) {})
	p.open()
	answer := make([]byte, maxSmall)
	sent, overflow := true, false
	n := 0
	for ; sent; n++ {
		sent, overflow = p.send(answer)
	}
	assert.True(t, overflow)
	assert.Equal(t, maxWaiting/maxSmall+1, n)
}
