package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// frame is the header of a ZMTP frame (RFC 23, "Framing"): flags and the body's size in one byte or eight.
type frame struct {
	more, command bool
	header        int // bytes of the header itself
	size          uint64
}

const (
	flagMore     = 1
	flagLong     = 2
	flagCommand  = 4
	shortHeader  = 2
	longHeader   = 9
	maxShort     = 255
	knownFlags   = flagMore | flagLong | flagCommand
	greetingSize = 64
)

var errFlags = errors.New("reserved flags are set")

// headerSize is the size of the header that starts with flags.
func headerSize(flags byte) int {
	if flags&flagLong != 0 {
		return longHeader
	}
	return shortHeader
}

// parseFrame reads a whole header, headerSize(b[0]) bytes.
func parseFrame(b []byte) (frame, error) {
	f := frame{more: b[0]&flagMore != 0, command: b[0]&flagCommand != 0, header: headerSize(b[0])}
	if b[0]&^knownFlags != 0 {
		return frame{}, errFlags
	}
	if f.command && f.more {
		return frame{}, errors.New("a command has one frame")
	}
	if f.header == longHeader {
		f.size = binary.BigEndian.Uint64(b[1:])
	} else {
		f.size = uint64(b[1])
	}
	return f, nil
}

// check holds f against what a peer may send in a message that has already had frames and bytes.
func (f frame) check(frames, bytes, limit int) error {
	switch {
	case f.command && f.size > maxCommand:
		return fmt.Errorf("a command of %d bytes is over the limit of %d", f.size, maxCommand)
	case f.size > uint64(limit-bytes):
		return fmt.Errorf("a frame of %d bytes makes the message longer than %d", f.size, limit)
	case frames >= maxFrames:
		return fmt.Errorf("a message has more than %d frames", maxFrames)
	}
	return nil
}

// appendMessage appends the frames of a message as they go over the wire. Encoding once serves all subscribers, and a
// message in one piece needs one write.
func appendMessage(b []byte, frames [][]byte) []byte {
	for i, body := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags |= flagMore
		}
		if len(body) > maxShort {
			b = append(b, flags|flagLong)
			b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
		} else {
			b = append(b, flags, byte(len(body)))
		}
		b = append(b, body...)
	}
	return b
}

func encoded(frames [][]byte) []byte {
	size := 0
	for _, f := range frames {
		size += longHeader + len(f)
	}
	return appendMessage(make([]byte, 0, size), frames)
}
