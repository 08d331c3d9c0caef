package message

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// Codec turns frames into messages and drafts into signed frames. It may be used from any goroutine.
type Codec struct {
	key     []byte
	session string
	sent    atomic.Uint64
}

// Why Parse refuses a message. Code decides on them: each is counted apart.
var (
	ErrMalformed = errors.New("malformed message")
	ErrForged    = errors.New("missing or wrong signature")
)

const (
	delimiter  = "<IDS|MSG>"
	jsonFrames = 4 // header, parent_header, metadata, content
	username   = "joey"
	dateFormat = "2006-01-02T15:04:05.000000Z07:00"
)

// NewCodec makes a Codec for a connection's key; without a key nothing is signed or checked, as Jupyter defines it.
// The session names the sender of all its messages.
func NewCodec(key []byte, session string) *Codec {
	return &Codec{key: key, session: session}
}

// Parse reads the frames of one message. Errors are ErrMalformed or ErrForged. The message shares the frames' memory.
func (c *Codec) Parse(frames [][]byte) (Message, error) {
	at := delimiterIndex(frames)
	if at < 0 || len(frames) < at+2+jsonFrames {
		return Message{}, fmt.Errorf("%w: %d frames", ErrMalformed, len(frames))
	}
	signature, body := frames[at+1], frames[at+2:]
	signed := body[:jsonFrames]
	// The signature comes first: what is not from our client is not worth decoding.
	if len(c.key) > 0 && !hmac.Equal(signature, c.sign(signed)) {
		return Message{}, ErrForged
	}
	// It covers the frames in a row: only because each must be one object can nobody move the borders between them.
	for i, frame := range signed {
		if !isObject(frame) {
			return Message{}, fmt.Errorf("%w: JSON frame %d is no object", ErrMalformed, i)
		}
	}
	m := Message{
		Identities: frames[:at], Signature: string(signature), RawHeader: signed[0],
		Parent: signed[1], Metadata: signed[2], Content: signed[3], Buffers: body[jsonFrames:],
	}
	if err := json.Unmarshal(m.RawHeader, &m.Header); err != nil {
		return Message{}, fmt.Errorf("%w: header: %w", ErrMalformed, err)
	}
	if m.Header.ID == "" || m.Header.Type == "" {
		return Message{}, fmt.Errorf("%w: header without msg_id or msg_type", ErrMalformed)
	}
	return m, nil
}

// Encode makes the frames of a draft behind a routing prefix: the identities of a reply, the topic of a publication.
func (c *Codec) Encode(prefix [][]byte, d Draft) ([][]byte, error) {
	header, err := marshal(c.header(d.Type))
	if err != nil {
		return nil, fmt.Errorf("encode the header of %s: %w", d.Type, err)
	}
	content, err := marshal(d.Content)
	if err != nil {
		return nil, fmt.Errorf("encode the content of %s: %w", d.Type, err)
	}
	parent := d.Parent
	if len(parent) == 0 {
		parent = []byte("{}")
	}
	metadata := d.Metadata
	if len(metadata) == 0 {
		metadata = []byte("{}")
	}
	signed := [][]byte{header, parent, metadata, content}
	frames := make([][]byte, 0, len(prefix)+2+jsonFrames+len(d.Buffers))
	frames = append(frames, prefix...)
	frames = append(frames, []byte(delimiter), c.sign(signed))
	frames = append(frames, signed...)
	return append(frames, d.Buffers...), nil
}

func (c *Codec) header(kind string) Header {
	// A client drops a message whose signature it has seen, so the ID must differ each time.
	id := c.session + "_" + strconv.FormatUint(c.sent.Add(1), 10)
	return Header{
		ID: id, Session: c.session, Username: username, Type: kind, Version: Version,
		Date: time.Now().UTC().Format(dateFormat),
	}
}

func (c *Codec) sign(frames [][]byte) []byte {
	if len(c.key) == 0 {
		return nil
	}
	mac := hmac.New(sha256.New, c.key)
	for _, f := range frames {
		mac.Write(f)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

func delimiterIndex(frames [][]byte) int {
	for i, f := range frames {
		if string(f) == delimiter {
			return i
		}
	}
	return -1
}

func isObject(frame []byte) bool {
	trimmed := bytes.TrimLeft(frame, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(frame)
}

func marshal(v any) ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // outputs are full of HTML
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
