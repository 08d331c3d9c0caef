package wire

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reads is a peer whose other end takes so many bytes every half second, and how many it gets of a megabyte.
func reads(t *testing.T, each int) (got int) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		p := newPeer(ours, 4<<20, time.Second, func(f func()) { go f() })
		require.True(t, p.open())
		sent, _ := p.send(make([]byte, 1<<20))
		require.True(t, sent)
		b := make([]byte, each)
		for got < 1<<20 {
			time.Sleep(time.Second / 2)
			n, err := io.ReadAtLeast(theirs, b, min(each, 1<<20-got))
			got += n
			if err != nil {
				break
			}
		}
		synctest.Wait()
		p.close()
		<-p.written
	})
	return got
}

func TestWhoReadsSlowlyLosesNothing(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 1<<20, reads(t, leastBytes), "128 KB a second")
	assert.Less(t, reads(t, leastBytes/4), 1<<20, "32 KB a second holds up what waits for room")
}
