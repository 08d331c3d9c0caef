package table

import (
	"encoding/binary"
	"errors"
)

// Arrow's reader makes lists as long as a file says, which ends the process where the file is damaged: no recover catches
// that the memory is out. So the lengths are looked at before, in the FlatBuffers of the format's messages. A
// FlatBuffer's table begins with the distance to its vtable, which has the place of each field, 0 for none.

var errLengths = errors.New("a length in them makes no sense")

// flat is bytes with FlatBuffers in them.
type flat []byte

// verifyArrow tells whether all lists of an Arrow file or stream lie inside their messages.
func verifyArrow(body []byte) error {
	if len(body) >= 2*len(fileMagic)+4 && string(body[:len(fileMagic)]) == fileMagic {
		return verifyFile(body)
	}
	for at := 0; at < len(body); {
		size, err := verifyMessage(body[at:])
		if err != nil {
			return err
		}
		if size == 0 {
			return nil // the end mark
		}
		at += size
	}
	return nil
}

func verifyFile(body []byte) error {
	end := len(body) - len(fileMagic) - 4
	size := int(int32(binary.LittleEndian.Uint32(body[end:])))
	if size <= 0 || size > end-len(fileMagic) {
		return errLengths
	}
	f := flat(body[end-size : end])
	footer, ok := f.root()
	if !ok || !f.schema(footer, 1) || !f.pairs(footer, 4) {
		return errLengths
	}
	for _, field := range []int{2, 3} { // dictionaries, batches
		blocks, n, ok := f.vector(footer, field, 24)
		if !ok {
			return errLengths
		}
		for i := range n {
			block := f[blocks+24*i:]
			offset, meta, rest := int64(binary.LittleEndian.Uint64(block)), int64(int32(binary.LittleEndian.Uint32(block[8:]))), int64(binary.LittleEndian.Uint64(block[16:]))
			if offset < 0 || meta <= 0 || rest < 0 || offset > int64(end) || meta > int64(end)-offset || rest > int64(end)-offset-meta {
				return errLengths
			}
			if _, err := verifyMessage(body[offset : offset+meta+rest]); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyMessage gives the size of the message that b begins with; 0 at the end mark.
func verifyMessage(b []byte) (size int, err error) {
	if len(b) < 8 {
		return 0, errLengths
	}
	head := 8
	n := int32(binary.LittleEndian.Uint32(b[4:]))
	if binary.LittleEndian.Uint32(b) != 0xffffffff { // before version 0.15
		head, n = 4, int32(binary.LittleEndian.Uint32(b))
	}
	if n == 0 {
		return 0, nil
	}
	if n < 0 || int(n) > len(b)-head {
		return 0, errLengths
	}
	f := flat(b[head : head+int(n)])
	message, ok := f.root()
	if !ok || !f.message(message) {
		return 0, errLengths
	}
	body := int64(0)
	if at := f.field(message, 3); at > 0 {
		if at+8 > len(f) {
			return 0, errLengths
		}
		body = int64(binary.LittleEndian.Uint64(f[at:]))
	}
	if body < 0 || body > int64(len(b)-head-int(n)) {
		return 0, errLengths
	}
	return head + int(n) + int(body), nil
}

func (f flat) root() (int, bool) { return f.follow(0) }

// follow gives where the offset at a place leads.
func (f flat) follow(at int) (int, bool) {
	if at < 0 || at+4 > len(f) {
		return 0, false
	}
	to := int64(at) + int64(binary.LittleEndian.Uint32(f[at:]))
	return int(to), to+4 <= int64(len(f))
}

// field gives the place of a table's field; 0 for none, -1 if it makes no sense.
func (f flat) field(table, i int) int {
	if table < 0 || table+4 > len(f) {
		return -1
	}
	vtable := table - int(int32(binary.LittleEndian.Uint32(f[table:])))
	if vtable < 0 || vtable+4 > len(f) {
		return -1
	}
	size, slot := int(binary.LittleEndian.Uint16(f[vtable:])), 4+2*i
	if slot+2 > size {
		return 0
	}
	if vtable+slot+2 > len(f) {
		return -1
	}
	if offset := int(binary.LittleEndian.Uint16(f[vtable+slot:])); offset > 0 {
		return table + offset
	}
	return 0
}

// vector gives the first element of a list of elements of some bytes, and how many there are.
func (f flat) vector(table, i, size int) (start, n int, ok bool) {
	at := f.field(table, i)
	if at == 0 {
		return 0, 0, true
	}
	start, ok = f.follow(at)
	if !ok {
		return 0, 0, false
	}
	length := int64(binary.LittleEndian.Uint32(f[start:]))
	return start + 4, int(length), length*int64(size) <= int64(len(f)-start-4)
}

// message looks into a Message's header: a Schema, a DictionaryBatch or a RecordBatch.
func (f flat) message(table int) bool {
	kind := f.field(table, 1)
	if kind <= 0 || kind >= len(f) || !f.pairs(table, 4) {
		return false
	}
	switch f[kind] {
	case 1:
		return f.schema(table, 2)
	case 2:
		header, ok := f.follow(f.field(table, 2))
		return ok && f.batch(header, 1)
	case 3:
		return f.batch(table, 2)
	}
	return false
}

func (f flat) schema(table, i int) bool {
	schema, ok := f.follow(f.field(table, i))
	if !ok || !f.pairs(schema, 2) {
		return false
	}
	left := maxColumns * maxDepth
	return f.fields(schema, 1, 0, &left)
}

// fields looks into a list of Fields and their children.
func (f flat) fields(table, i, depth int, left *int) bool {
	start, n, ok := f.vector(table, i, 4)
	if *left -= n; !ok || depth > maxDepth || *left < 0 {
		return false
	}
	for k := range n {
		child, ok := f.follow(start + 4*k)
		if !ok || !f.pairs(child, 6) || !f.fields(child, 5, depth+1, left) {
			return false
		}
	}
	return true
}

// pairs looks at a list of KeyValues.
func (f flat) pairs(table, i int) bool {
	_, _, ok := f.vector(table, i, 4)
	return ok
}

// batch looks at a RecordBatch's lists of nodes and buffers.
func (f flat) batch(table, i int) bool {
	batch, ok := f.follow(f.field(table, i))
	if !ok {
		return false
	}
	for _, list := range []int{1, 2} {
		if _, _, ok := f.vector(batch, list, 16); !ok {
			return false
		}
	}
	return true
}
