package logs

import (
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	flatbuffers "github.com/google/flatbuffers/go"
)

// message is a record batch of Arrow's stream form: metadata, a flatbuffer as Message.fbs of Arrow's format describes it, and the columns'
// buffers behind each other, each of a multiple of 8 bytes. Arrow's writer wants the columns as arrays, which it checks, and copies them.
type message struct {
	nodes   []node // of columns and of what is in their lists
	buffers [][]byte
}

// node is a column's length and how many of its rows are null.
type node struct{ rows, nulls int }

// zeros fill up to a multiple of 8.
const zeros = "\x00\x00\x00\x00\x00\x00\x00"

const (
	continues         = 0xffffffff // before the metadata's size: a message follows
	metadataV5        = 4
	headerRecordBatch = 3
)

// lentSize is bytes at least of what is not copied: to write it by itself costs as much as to copy less.
const lentSize = 16 << 10

// encode gives the columns' message, in parts. What is small is in a buffer, which begins with b; what is large in columns that are lent is as
// it lies there.
func (c *columns) encode(b []byte) (buffer []byte, parts [][]byte) {
	var m message
	for i := range c.all {
		c.all[i].pad(c.rows)
		m.add(&c.all[i])
	}
	isLent := func(of []byte) bool { return c.lent && len(of) >= lentSize }
	size := 0
	for _, of := range m.buffers {
		if !isLent(of) {
			size += aligned(len(of))
		}
	}
	b = m.metadata(slices.Grow(b, size+metadataSize(len(m.nodes), len(m.buffers))), c.rows)
	var lent []int // where in b something large comes, and which buffer it is
	for i, of := range m.buffers {
		if isLent(of) {
			lent = append(lent, len(b), i)
		} else {
			b = append(b, of...)
		}
		b = append(b, zeros[:aligned(len(of))-len(of)]...)
	}
	start := 0
	for ; len(lent) > 0; lent = lent[2:] {
		parts = append(parts, b[start:lent[0]:lent[0]], m.buffers[lent[1]])
		start = lent[0]
	}
	return b, append(parts, b[start:])
}

// add adds a column. It shares the memory.
func (m *message) add(c *columnBuffer) {
	m.nodes = append(m.nodes, node{c.rows, len(c.nulls)})
	m.buffers = append(m.buffers, c.valid())
	if c.offsets != nil {
		m.buffers = append(m.buffers, arrow.GetBytes(c.offsets))
	}
	if c.list != nil {
		m.nodes = append(m.nodes, node{rows: int(c.offsets[len(c.offsets)-1])})
		m.buffers = append(m.buffers, nil)
	}
	switch {
	case c.list != nil && c.width == 0:
		m.buffers = append(m.buffers, arrow.GetBytes(c.inner), c.values)
	case c.list != nil && c.list.ID() == arrow.BOOL:
		m.buffers = append(m.buffers, packed(c.values))
	default:
		m.buffers = append(m.buffers, c.values)
	}
}

// valid has a bit for each row that is not null; none, if that are all.
func (c *columnBuffer) valid() []byte {
	if len(c.nulls) == 0 {
		return nil
	}
	bits := make([]byte, bitutil.BytesForBits(int64(c.rows)))
	bitutil.SetBitsTo(bits, 0, int64(c.rows), true)
	for _, row := range c.nulls {
		bitutil.ClearBit(bits, row)
	}
	return bits
}

// size is the bytes of the buffers.
func (m *message) size() int {
	size := 0
	for _, b := range m.buffers {
		size += aligned(len(b))
	}
	return size
}

// metadataSize is about the bytes of a message's metadata.
func metadataSize(nodes, buffers int) int { return 256 + pair*(nodes+buffers) }

const pair = 16 // bytes of two int64

// metadata adds what comes before the buffers. Flatbuffers are written from their end.
func (m *message) metadata(to []byte, rows int) []byte {
	b := flatbuffers.NewBuilder(metadataSize(len(m.nodes), len(m.buffers)))
	b.StartVector(pair, len(m.nodes), 8)
	for _, n := range slices.Backward(m.nodes) {
		b.Prep(8, pair)
		b.PrependInt64(int64(n.nulls))
		b.PrependInt64(int64(n.rows))
	}
	nodes := b.EndVector(len(m.nodes))
	b.StartVector(pair, len(m.buffers), 8)
	offset := m.size()
	for _, of := range slices.Backward(m.buffers) {
		offset -= aligned(len(of))
		b.Prep(8, pair)
		b.PrependInt64(int64(len(of)))
		b.PrependInt64(int64(offset))
	}
	buffers := b.EndVector(len(m.buffers))
	b.StartObject(4) // length, nodes, buffers, compression
	b.PrependInt64Slot(0, int64(rows), 0)
	b.PrependUOffsetTSlot(1, nodes, 0)
	b.PrependUOffsetTSlot(2, buffers, 0)
	header := b.EndObject()
	b.StartObject(5) // version, type of header, header, length of the buffers, metadata of one's own
	b.PrependInt16Slot(0, metadataV5, 0)
	b.PrependByteSlot(1, headerRecordBatch, 0)
	b.PrependUOffsetTSlot(2, header, 0)
	b.PrependInt64Slot(3, int64(m.size()), 0)
	b.Finish(b.EndObject())
	made := b.FinishedBytes()
	to = binary.LittleEndian.AppendUint32(to, continues)
	to = binary.LittleEndian.AppendUint32(to, uint32(aligned(len(made))))
	to = append(to, made...)
	return append(to, zeros[:aligned(len(made))-len(made)]...)
}
