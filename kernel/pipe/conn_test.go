package pipe_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/pipe"
)

func TestWhatIsSentIsReceived(t *testing.T) {
	t.Parallel()
	events := map[string]pipe.Event{
		"ready":   {Ready: &pipe.Ready{}},
		"nothing": {Outcome: &pipe.Outcome{}},
		"result": {Outcome: &pipe.Outcome{Result: &pipe.Bundle{
			Data: map[string]any{"text/html": "<b>ä & 日本</b>", "application/json": json.Number("9007199254740993")},
		}}},
		"fault":   {Outcome: &pipe.Outcome{Fault: &pipe.Fault{Name: "panic", Value: "x", Traceback: []string{"a", "b"}}}},
		"display": {Display: &pipe.Display{ID: "1", Update: true, Bundle: pipe.Bundle{Data: map[string]any{"text/plain": "p"}}}},
		"clear":   {Clear: &pipe.Clear{Wait: true}},
	}
	for name, sent := range events {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wire bytes.Buffer
			require.NoError(t, pipe.New[pipe.Event, pipe.Request](nil, &wire).Send(sent))

			got, err := pipe.New[pipe.Request, pipe.Event](&wire, nil).Receive()
			require.NoError(t, err)
			assert.Equal(t, sent, got)
			assert.Zero(t, wire.Len())
		})
	}
}

func TestFramesOfConcurrentSendersStayWhole(t *testing.T) {
	t.Parallel()
	const senders, each = 8, 50
	r, w := io.Pipe()
	conn := pipe.New[pipe.Request, pipe.Event](nil, w)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for j := range each {
				code := fmt.Sprint(i, " ", j, strings.Repeat("x", j*100))
				assert.NoError(t, conn.Send(pipe.Request{Run: &pipe.Cell{Code: code}}))
			}
		})
	}
	go func() { wg.Wait(); w.Close() }()

	seen := map[string]bool{}
	peer := pipe.New[pipe.Event, pipe.Request](r, nil)
	for {
		req, err := peer.Receive()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		seen[req.Run.Code] = true
	}
	assert.Len(t, seen, senders*each)
}

func TestBrokenFramesAreErrors(t *testing.T) {
	t.Parallel()
	frame := func(size uint32, body string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, size), body...)
	}
	for name, c := range map[string]struct {
		bytes []byte
		want  string
	}{
		"half a header":   {[]byte{0, 0}, "header: unexpected EOF"},
		"half a body":     {frame(10, "{}"), "frame of 10 bytes: unexpected EOF"},
		"no body":         {frame(10, ""), "frame of 10 bytes: unexpected EOF"},
		"not JSON":        {frame(3, "abc"), "decode a frame: invalid character"},
		"another type":    {frame(11, `{"clear":[]}`[:11]), "decode a frame"},
		"empty":           {frame(0, ""), "decode a frame: EOF"},
		"two values":      {frame(4, "{}{}"), "more than one value"},
		"a huge length":   {frame(1<<32-1, "{}"), "over the limit"},
		"over the limit":  {frame(pipe.MaxFrame+1, "{}"), "over the limit"},
		"a printed line":  {[]byte("hello, world\n"), "over the limit"},
		"nothing is fine": {nil, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pipe.New[pipe.Request, pipe.Event](bytes.NewReader(c.bytes), nil).Receive()
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestEndBetweenFramesIsEOF(t *testing.T) {
	t.Parallel()
	_, err := pipe.New[pipe.Request, pipe.Event](strings.NewReader(""), nil).Receive()
	require.Equal(t, io.EOF, err)
}

func TestTooLargeAValueWritesNothing(t *testing.T) {
	t.Parallel()
	var wire bytes.Buffer
	conn := pipe.New[pipe.Request, pipe.Event](nil, &wire)
	err := conn.Send(pipe.Request{Run: &pipe.Cell{Code: strings.Repeat("x", pipe.MaxFrame)}})
	var tooLarge *pipe.TooLargeError
	require.ErrorAs(t, err, &tooLarge)
	assert.Greater(t, tooLarge.Size, uint64(pipe.MaxFrame))
	assert.Zero(t, wire.Len())
}

func TestSendAfter(t *testing.T) {
	t.Parallel()
	var wire bytes.Buffer
	conn := pipe.New[pipe.Event, pipe.Request](nil, &wire)
	called := 0
	first := func() error { called++; assert.Zero(t, wire.Len()); return nil }
	require.NoError(t, conn.SendAfter(first, pipe.Event{Clear: &pipe.Clear{}}))
	require.Positive(t, wire.Len())

	wire.Reset()
	require.Error(t, conn.SendAfter(first, pipe.Event{Display: &pipe.Display{Bundle: pipe.Bundle{Data: map[string]any{"x": math.NaN()}}}}))
	assert.Equal(t, 1, called, "not for what cannot be encoded")
	require.ErrorIs(t, conn.SendAfter(func() error { return io.ErrClosedPipe }, pipe.Event{Clear: &pipe.Clear{}}), io.ErrClosedPipe)
	assert.Zero(t, wire.Len())
}

// A length is only a promise: memory follows the bytes that really come.
func TestALengthAloneAllocatesNothing(t *testing.T) {
	header := binary.BigEndian.AppendUint32(nil, pipe.MaxFrame)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := pipe.New[pipe.Request, pipe.Event](bytes.NewReader(header), nil).Receive()
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func FuzzReceive(f *testing.F) {
	for _, body := range []string{"", "{}", `{"outcome":{"result":{"data":{"text/plain":"x"}}}}`, `{"display":{"data":null,"id":"é"}}`, "{}{}", "[1]"} {
		f.Add(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, '{', '}'})
	send := func(t *testing.T, event pipe.Event) string {
		var wire bytes.Buffer
		require.NoError(t, pipe.New[pipe.Event, pipe.Request](nil, &wire).Send(event))
		return wire.String()
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		conn := pipe.New[pipe.Request, pipe.Event](bytes.NewReader(b), nil)
		for {
			event, err := conn.Receive()
			if err != nil {
				return
			}
			frame := send(t, event)
			again, err := pipe.New[pipe.Request, pipe.Event](strings.NewReader(frame), nil).Receive()
			require.NoError(t, err)
			require.Equal(t, frame, send(t, again))
		}
	})
}
