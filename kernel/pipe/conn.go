package pipe

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Conn sends values of type Out and receives values of type In, each as one frame: the body's length in four bytes,
// big-endian, then the body as JSON. The kernel holds a Conn[Request, Event], the worker a Conn[Event, Request].
// Send may be called from any goroutine, Receive from one at a time.
type Conn[Out, In any] struct {
	r *bufio.Reader

	mu sync.Mutex // one frame at a time on w
	w  io.Writer
}

// MaxFrame is the largest body of a frame: room for pictures and tables, and an end to what a broken peer can ask for.
const MaxFrame = 64 << 20

const headerSize = 4

// TooLargeError says that a value does not fit into a frame.
type TooLargeError struct {
	Size uint64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a message of %d bytes is over the limit of %d", e.Size, MaxFrame)
}

// New makes a Conn that reads from r and writes to w.
func New[Out, In any](r io.Reader, w io.Writer) *Conn[Out, In] {
	return &Conn[Out, In]{r: bufio.NewReader(r), w: w}
}

// Send writes v as one frame. It fails with a *TooLargeError before anything is written if v does not fit.
func (c *Conn[Out, In]) Send(v Out) error {
	return c.SendAfter(nil, v)
}

// SendAfter calls first, and writes v as one frame if that succeeds. No other frame comes between the two, and first is
// not called for a value that no frame can hold.
func (c *Conn[Out, In]) SendAfter(first func() error, v Out) error {
	frame, err := encode(v)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first != nil {
		if err := first(); err != nil {
			return err
		}
	}
	if _, err := c.w.Write(frame); err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	return nil
}

// Receive reads the next frame. Its error is io.EOF if the peer closed the pipe between two frames.
func (c *Conn[Out, In]) Receive() (In, error) {
	var v In
	body, err := readFrame(c.r)
	if err != nil {
		return v, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // numbers in a bundle arrive as they were written
	if err := dec.Decode(&v); err != nil {
		return v, fmt.Errorf("decode a frame: %w", err)
	}
	if len(bytes.TrimSpace(body[dec.InputOffset():])) > 0 {
		return v, errors.New("decode a frame: more than one value")
	}
	return v, nil
}

func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	buf.Write(make([]byte, headerSize))
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // bundles are full of HTML
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode a frame: %w", err)
	}
	frame := buf.Bytes()
	size := uint64(len(frame) - headerSize)
	if size > MaxFrame {
		return nil, &TooLargeError{Size: size}
	}
	binary.BigEndian.PutUint32(frame, uint32(size))
	return frame, nil
}

// soon is how much of a frame is worth memory before it has arrived.
const soon = 16 << 10

// readFrame grows the body as it arrives: a length alone allocates next to nothing.
func readFrame(r io.Reader) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("read a frame's header: %w", err)
	}
	size := binary.BigEndian.Uint32(header[:])
	if size > MaxFrame {
		return nil, &TooLargeError{Size: uint64(size)}
	}
	body := make([]byte, min(size, soon))
	_, err := io.ReadFull(r, body)
	if err == nil && size > soon {
		rest := bytes.NewBuffer(body)
		_, err = io.CopyN(rest, r, int64(size-soon))
		body = rest.Bytes()
	}
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("read a frame of %d bytes: %w", size, err)
	}
	return body, nil
}
