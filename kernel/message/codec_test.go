package message_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/message"
)

const key = "a key"

func frames(parts ...string) [][]byte {
	out := make([][]byte, len(parts))
	for i, p := range parts {
		out[i] = []byte(p)
	}
	return out
}

// The signature is jupyter_client 8.10's.
func TestSignatureOfAnotherImplementation(t *testing.T) {
	t.Parallel()
	header := `{"msg_id": "1", "msg_type": "kernel_info_request", "username": "ü", "session": "s", "date": "2026-01-02T03:04:05Z", "version": "5.4"}`
	m, err := message.NewCodec([]byte(key), "k").Parse(frames("route", "<IDS|MSG>",
		"6cad1a8c9730bc2776de4f04a58f01f8a77056ad8a232c269843d25eb8a4cf63", header, "{}", "{}", "{}", "buffer"))
	require.NoError(t, err)
	assert.Equal(t, header, string(m.RawHeader))
	assert.Equal(t, message.Header{
		ID: "1", Type: "kernel_info_request", Username: "ü", Session: "s", Date: "2026-01-02T03:04:05Z", Version: "5.4",
	}, m.Header)
}

func TestWhatIsEncodedIsParsed(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"signed": key, "without a key": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := message.NewCodec([]byte(key), "session")
			parent := json.RawMessage(`{ "msg_id":"p",  "x":1e2 }`)
			encoded, err := c.Encode(frames("a", "b"), message.Draft{
				Type: "stream", Parent: parent, Content: message.Stream{Name: "stdout", Text: "<&> ü"}, Buffers: frames("", "raw"),
			})
			require.NoError(t, err)
			assert.JSONEq(t, `{"name":"stdout","text":"<&> ü"}`, string(encoded[7]))
			assert.Contains(t, string(encoded[7]), "<&> ü")
			assert.Equal(t, key == "", len(encoded[3]) == 0)

			m, err := c.Parse(encoded)
			require.NoError(t, err)
			assert.Equal(t, frames("a", "b"), m.Identities)
			assert.Equal(t, frames("", "raw"), m.Buffers)
			assert.Equal(t, "stream", m.Header.Type)
			assert.Equal(t, message.Version, m.Header.Version)
			assert.Equal(t, "session", m.Header.Session)
			assert.Equal(t, parent, m.Parent, "byte for byte")
		})
	}
}

func TestEachMessageHasItsOwnID(t *testing.T) {
	t.Parallel()
	c := message.NewCodec([]byte(key), "session")
	draft := message.Draft{Type: "status", Content: message.Status{State: message.Busy}}
	first, err := c.Encode(nil, draft)
	require.NoError(t, err)
	second, err := c.Encode(nil, draft)
	require.NoError(t, err)
	assert.NotEqual(t, first[1], second[1], "a client drops a signature that it has seen")
}

func TestRefusedMessages(t *testing.T) {
	t.Parallel()
	good := func(t *testing.T, content any) [][]byte {
		encoded, err := message.NewCodec([]byte(key), "s").Encode(frames("id"), message.Draft{Type: "x_request", Content: content})
		require.NoError(t, err)
		return encoded
	}
	for name, c := range map[string]struct {
		change func(f [][]byte) [][]byte
		want   error
	}{
		"nothing":              {func([][]byte) [][]byte { return nil }, message.ErrMalformed},
		"no delimiter":         {func(f [][]byte) [][]byte { f[1] = []byte("x"); return f }, message.ErrMalformed},
		"delimiter last":       {func(f [][]byte) [][]byte { return f[:2] }, message.ErrMalformed},
		"a frame is missing":   {func(f [][]byte) [][]byte { return f[:6] }, message.ErrMalformed},
		"unsigned":             {func(f [][]byte) [][]byte { f[2] = nil; return f }, message.ErrForged},
		"half a signature":     {func(f [][]byte) [][]byte { f[2] = f[2][:32]; return f }, message.ErrForged},
		"another signature":    {func(f [][]byte) [][]byte { f[2] = []byte(strings.Repeat("0", 64)); return f }, message.ErrForged},
		"another content":      {func(f [][]byte) [][]byte { f[6] = []byte(`{"code":"y"}`); return f }, message.ErrForged},
		"another parent":       {func(f [][]byte) [][]byte { f[4] = []byte(`{"a":1}`); return f }, message.ErrForged},
		"upper case signature": {func(f [][]byte) [][]byte { f[2] = []byte(strings.ToUpper(string(f[2]))); return f }, message.ErrForged},
		// The signature covers the frames in a row, so it does not say where each ends: that each is an object does.
		"another border between frames": {func(f [][]byte) [][]byte { f[4], f[5] = []byte("{"), []byte("}{}"); return f }, message.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := message.NewCodec([]byte(key), "k").Parse(c.change(good(t, map[string]string{"code": "x"})))
			require.ErrorIs(t, err, c.want)
		})
	}
}

// Without a key what is not JSON passes the signature.
func TestFramesThatAreNoObjects(t *testing.T) {
	t.Parallel()
	header := `{"msg_id":"1","msg_type":"t"}`
	for name, f := range map[string][][]byte{
		"header is no JSON":   frames("<IDS|MSG>", "", "{", "{}", "{}", "{}"),
		"header is a list":    frames("<IDS|MSG>", "", "[]", "{}", "{}", "{}"),
		"header is empty":     frames("<IDS|MSG>", "", "{}", "{}", "{}", "{}"),
		"no type":             frames("<IDS|MSG>", "", `{"msg_id":"1"}`, "{}", "{}", "{}"),
		"ID is a number":      frames("<IDS|MSG>", "", `{"msg_id":1,"msg_type":"t"}`, "{}", "{}", "{}"),
		"content is null":     frames("<IDS|MSG>", "", header, "{}", "{}", "null"),
		"content is no JSON":  frames("<IDS|MSG>", "", header, "{}", "{}", "{]"),
		"metadata is nothing": frames("<IDS|MSG>", "", header, "{}", "", "{}"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := message.NewCodec(nil, "k").Parse(f)
			require.ErrorIs(t, err, message.ErrMalformed)
		})
	}
}

func TestReplyType(t *testing.T) {
	t.Parallel()
	kind, ok := message.ReplyType("execute_request")
	assert.Equal(t, "execute_reply", kind)
	assert.True(t, ok)
	for _, other := range []string{"comm_open", "_request", ""} {
		_, ok := message.ReplyType(other)
		assert.False(t, ok, other)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("{}"), []byte("sig"), []byte(`{"msg_id":"1","msg_type":"t"}`), []byte("{}"), "<IDS|MSG>", false)
	f.Add([]byte("null"), []byte(""), []byte(`{"MSG_ID":"1","msg_type":"t","msg_id":2}`), []byte("[]"), "x", true)
	f.Fuzz(func(t *testing.T, parent, signature, header, content []byte, delimiter string, withKey bool) {
		c := message.NewCodec(nil, "s")
		if withKey {
			c = message.NewCodec([]byte(key), "s")
		}
		m, err := c.Parse([][]byte{[]byte(delimiter), signature, header, parent, []byte("{}"), content})
		if err != nil {
			return
		}
		require.False(t, withKey, "a signature was guessed")
		require.Equal(t, json.RawMessage(header), m.RawHeader)
		again, err := c.Encode(m.Identities, message.Draft{Type: "t_reply", Parent: m.RawHeader, Content: m.Content})
		require.NoError(t, err)
		reply, err := c.Parse(again)
		require.NoError(t, err)
		require.Equal(t, m.RawHeader, reply.Parent)
	})
}

func FuzzParseConnection(f *testing.F) {
	f.Add([]byte(`{"transport":"tcp","ip":"127.0.0.1","key":"k","signature_scheme":"hmac-sha256","shell_port":1}`))
	f.Add([]byte(`{"hb_port":65536}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := message.ParseConnection(b)
		if err == nil {
			require.NotEmpty(t, c.IP)
			require.LessOrEqual(t, c.Shell, 65535)
		}
	})
}
