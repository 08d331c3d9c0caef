package logs

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// A segment X.arrows has a sidecar X.idx: one record of recordSize bytes for each batch, little endian, written
// after the batch. Arrow's reader believes the lengths that it reads, and a wrong one can end the process (out of
// memory, which no recover catches), so a reader gives it only bytes whose checksum it has seen here. There is
// no header: each record stands for itself, and damage costs the batches whose records it hits.
const (
	recordSize  = 64
	recordMagic = "JLX1"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// record says where a batch lies in its segment and what it must be.
type record struct {
	HeadSize uint32 // the schema message, at the segment's beginning
	HeadSum  uint32 // CRC-32C
	Rows     uint32
	Offset   uint64
	Size     uint64
	Min, Max int64 // times of its entries, milliseconds since 1970
	Sum      uint32
	Sequence uint64 // its number in the sidecar: a copied or a missing record shows
}

// encode gives the record's bytes, with its own checksum at the end.
func (r record) encode() []byte {
	b := bytes.NewBuffer(make([]byte, 0, recordSize))
	b.WriteString(recordMagic)
	_ = binary.Write(b, binary.LittleEndian, r) // cannot fail: a buffer, and a struct of fixed size
	return binary.LittleEndian.AppendUint32(b.Bytes(), checksum(b.Bytes()))
}

// decodeRecord reads the record that should be at a place in a sidecar. False means that it is damaged.
func decodeRecord(b []byte, sequence uint64) (record, bool) {
	var r record
	body := b[:recordSize-4]
	if binary.LittleEndian.Uint32(b[recordSize-4:]) != checksum(body) || string(body[:4]) != recordMagic {
		return r, false
	}
	_, err := binary.Decode(body[4:], binary.LittleEndian, &r)
	return r, err == nil && r.Sequence == sequence && r.Rows > 0 && r.Min <= r.Max
}

// inside tells whether the batch lies within a segment of this size.
func (r record) inside(segment uint64) bool {
	return uint64(r.HeadSize) <= r.Offset && r.Offset <= segment && r.Size <= segment-r.Offset
}
