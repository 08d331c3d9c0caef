package notebook_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/notebook"
)

// commFront is a front with comms.
type commFront struct {
	front
	sent []notebook.CommEvent
}

func (f *commFront) Comm(e notebook.CommEvent) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, e)
	return nil
}

func event(kind, id, target, data string) notebook.CommEvent {
	return notebook.CommEvent{Kind: kind, ID: id, Target: target, CommMessage: notebook.CommMessage{Data: json.RawMessage(data)}}
}

func TestACommsMessagesComeInOrderAndWaitForTheirHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &commFront{}
		s := notebook.New(f)
		var got []string
		c, err := s.OpenComm("t", map[string]int{"a": 1}, []byte("b"))
		require.NoError(t, err)
		assert.Equal(t, "t", c.Target())
		for i := range 100 {
			s.Deliver(event(notebook.CommSent, c.ID(), "", fmt.Sprint(i)))
		}
		s.Deliver(event(notebook.CommClosed, c.ID(), "", "end"))
		c.OnClose(func(m notebook.CommMessage) { got = append(got, string(m.Data)) })
		c.OnMessage(func(m notebook.CommMessage) { got = append(got, string(m.Data)) })
		synctest.Wait()
		assert.Equal(t, "end", got[len(got)-1])
		require.ErrorContains(t, c.Send(nil), "the comm is closed")
		require.NoError(t, c.Close())
		assert.Len(t, f.sent, 1, "the other end knows that it has closed")
		assert.Equal(t, notebook.CommEvent{Kind: notebook.CommOpened, ID: c.ID(), Target: "t",
			CommMessage: notebook.CommMessage{Data: json.RawMessage(`{"a":1}`), Buffers: [][]byte{[]byte("b")}}}, f.sent[0])
	})
}

func TestASessionThatIsOverClosesItsComms(t *testing.T) {
	t.Parallel()
	f := &commFront{}
	s := notebook.New(f)
	a, err := s.OpenComm("t", nil)
	require.NoError(t, err)
	b, err := s.OpenComm("t", nil)
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.NoError(t, s.CloseComms())
	require.Len(t, f.sent, 4)
	assert.Equal(t, notebook.CommClosed, f.sent[3].Kind)
	assert.Equal(t, b.ID(), f.sent[3].ID)
	require.Error(t, b.Send(nil))
	require.NoError(t, notebook.New(&front{}).CloseComms(), "a front without comms has none to close")
}

func TestATargetTakesComms(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &commFront{}
		s := notebook.New(f)
		var got []string
		s.RegisterCommTarget("t", func(c *notebook.Comm, opened notebook.CommMessage) {
			got = append(got, c.ID()+string(opened.Data))
			c.OnMessage(func(m notebook.CommMessage) { got = append(got, string(m.Data)) })
		})
		s.Deliver(event(notebook.CommOpened, "1", "t", "a"))
		for i := range 5 {
			s.Deliver(event(notebook.CommSent, "1", "", fmt.Sprint(i)))
		}
		synctest.Wait()
		assert.Equal(t, "1a 0 1 2 3 4", strings.Join(got, " "))
		s.RegisterCommTarget("t", nil)
		s.Deliver(event(notebook.CommOpened, "2", "t", "{}"))
		s.Deliver(event(notebook.CommSent, "3", "", "{}"))
		s.Deliver(event(notebook.CommClosed, "4", "", "{}"))
		assert.Equal(t, []notebook.CommEvent{event(notebook.CommClosed, "2", "", "{}"), event(notebook.CommClosed, "3", "", "{}")}, f.sent)
	})
}

func TestACommWhoseHandlerIsHopelesslyBehindIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &commFront{}
		s := notebook.New(f)
		c, err := s.OpenComm("t", nil)
		require.NoError(t, err)
		for range 10_001 {
			s.Deliver(event(notebook.CommSent, c.ID(), "", "{}"))
		}
		require.Len(t, f.sent, 2)
		assert.Equal(t, notebook.CommClosed, f.sent[1].Kind)
		assert.Contains(t, string(f.sent[1].Data), "10000 messages wait")
	})
}

func TestOnATerminalThereAreNoComms(t *testing.T) {
	t.Parallel()
	notebook.RegisterCommTarget("t", nil)
	_, err := notebook.OpenComm("t", nil)
	require.ErrorContains(t, err, "no front end")
	_, err = notebook.New(&commFront{}).OpenComm("t", []int{1})
	require.ErrorContains(t, err, "an object")
	_, err = notebook.New(&commFront{}).OpenComm("t", func() {})
	require.ErrorContains(t, err, "cannot be encoded")
}
