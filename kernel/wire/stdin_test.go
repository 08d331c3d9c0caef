package wire

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/message"
)

func (s *server) claimants(identity string) int {
	peers, _ := s.stdin.claim(identity)
	return len(peers)
}

// An identity is no secret: who claims another's learns a prompt, and cannot keep it from its owner or answer it.
func TestAQuestionReachesAllThatClaimItsClient(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	port := s.Connection().Stdin
	thief, owner, other := dial(t, port, zmq4.Dealer, "id"), dial(t, port, zmq4.Dealer, "id"), dial(t, port, zmq4.Dealer, "else")
	require.Eventually(t, func() bool { return s.claimants("id") == 2 && s.claimants("else") == 1 }, patient, time.Millisecond)

	require.NoError(t, s.Ask(t.Context(), "id", message.Draft{Type: "input_request"}))
	assert.Equal(t, "input_request {}", thief.receive(t))
	assert.Equal(t, "input_request {}", owner.receive(t))
	forged := thief.request(t, "forged")
	forged[1] = []byte(strings.Repeat("0", 64))
	thief.send(t, forged...)
	require.Eventually(t, func() bool { return s.Counts().Forged == 1 }, patient, time.Millisecond)
	owner.send(t, owner.request(t, "Ada")...)
	assert.Equal(t, `{"text":"Ada"}`, <-s.inputs)
	assert.Empty(t, s.inputs)

	require.NoError(t, s.end(patient))
	_, err := other.RecvMsg()
	assert.Error(t, err, "another client has got nothing")
}

func TestAQuestionWaitsForAClientThatConnects(t *testing.T) {
	t.Parallel()
	s := serve(t, loopback(), Options{})
	asked := make(chan error, 1)
	go func() { asked <- s.Ask(t.Context(), "late", message.Draft{Type: "input_request"}) }()
	late := dial(t, s.Connection().Stdin, zmq4.Dealer, "late")
	assert.Equal(t, "input_request {}", late.receive(t))
	require.NoError(t, <-asked)

	require.ErrorIs(t, s.Ask(t.Context(), "nobody", message.Draft{Type: "input_request"}), ErrNoClient)
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Ask(interrupted, "nobody", message.Draft{Type: "input_request"}), context.Canceled)
}
