package logs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
)

// A segment X.arrows whose writer lives has a tail X.tail: the entries that wait to be written as a batch. It is mapped
// into memory, so that an entry outlives the process from the moment that it is copied there, without a system call; but with SyncAck, where each
// waits for the disk, it is written.
// What a writer that died has left there, the next one to look writes as the batch that it would have been (recover.go).
//
//	head:  "JLT2", size and CRC-32C of the schema message, CRC-32C of these 12 bytes; the schema message
//
// and behind it two rooms for rows, each
//
//	row:   a rowHead, the entry as a rowMaker has it, zeros up to a multiple of 8
//	…
//	end:   a rowHead of zeros
//
// While the rows of one room are written as a batch, new ones go to the other. A room whose batch is written begins anew at its first place;
// what is left of older rows behind the end has their batch's number.
const (
	tailSuffix   = ".tail"
	tailMagic    = "JLT2"
	oneRoom      = "JLT1" // of older Joeys, which would not look into the second
	tailHeadSize = 16
	tailRoom     = 512 << 10 // bytes of a room
	rowHeadSize  = 32
)

// file is what the writer of a segment needs of an open file; in tests it fails.
type file interface {
	io.WriterAt
	Sync() error
	Close() error
	Fd() uintptr
}

// dataFile is one whose Sync leaves out the times of its last changes, where the system knows the difference: those of a tail, whose size
// stays, would cost each sync a transaction of the file system's journal.
type dataFile struct {
	*os.File
	beside *syncer // nil if who syncs waits for nothing else
}

func (f dataFile) Sync() error {
	if f.beside != nil {
		return f.beside.sync(f.File)
	}
	return syncData(f.File)
}

// create opens a file to write, and makes it if it is missing.
func create(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err // not f: a nil *os.File in a file is not nil
	}
	return dataFile{f, nil}, nil
}

// create opens files that this syncs.
func (s *syncer) create(path string) (file, error) {
	f, err := create(path)
	if err != nil {
		return nil, err
	}
	return dataFile{f.(dataFile).File, s}, nil
}

func lock(f file) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// release closes a file that is locked. To close it is not enough: a child that this process is about to start has it, too, until its program
// begins, and Linux for some milliseconds after an asynchronous sync has ended. The next one to look would find it locked.
func release(f file) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

func tailPath(data string) string { return strings.TrimSuffix(data, dataSuffix) + tailSuffix }

// rowHead says which row follows.
type rowHead struct {
	Sequence uint64 // the number of the batch that it will be in
	Offset   uint64 // and where that begins in the segment; behind, if the batch before was not written yet
	Number   uint32 // of the row in the batch
	Size     uint32
	Sum      uint32 // CRC-32C of the row
}

// behind is an Offset that is not known: the batch begins where the one before ends.
const behind = ^uint64(0)

// put writes the head with its own checksum at the end.
func (h rowHead) put(to []byte) {
	binary.LittleEndian.PutUint64(to, h.Sequence)
	binary.LittleEndian.PutUint64(to[8:], h.Offset)
	binary.LittleEndian.PutUint32(to[16:], h.Number)
	binary.LittleEndian.PutUint32(to[20:], h.Size)
	binary.LittleEndian.PutUint32(to[24:], h.Sum)
	binary.LittleEndian.PutUint32(to[28:], checksum(to[:28]))
}

func readRowHead(b []byte) (h rowHead, ok bool) {
	h.Sequence = binary.LittleEndian.Uint64(b)
	h.Offset = binary.LittleEndian.Uint64(b[8:])
	h.Number = binary.LittleEndian.Uint32(b[16:])
	h.Size = binary.LittleEndian.Uint32(b[20:])
	h.Sum = binary.LittleEndian.Uint32(b[24:])
	return h, binary.LittleEndian.Uint32(b[28:]) == checksum(b[:28])
}

// tail is one that is being written.
type tail struct {
	path  string
	file  file
	all   []byte // the file, mapped; nil if rows are written one by one
	row   []byte // then the last, as it lies there
	rooms [2]int // where they begin
	now   int    // the one that rows are written to
	end   int    // of its last row
	wrote uint32 // its rows
}

// newTail makes a tail of zeros on the disk, so that no full disk can stop a row later, and then gives it its name: a tail that has it is locked as
// long as its writer lives. It is mapped, so that a row costs no system call, unless each row is synced: then the system would take the pages away
// for each sync, and the next rows would wait for them.
func newTail(path string, head []byte, mapped bool, create func(string) (file, error)) (_ *tail, err error) {
	made := path + ".new"
	f, err := create(made)
	if err != nil {
		return nil, err
	}
	start := aligned(tailHeadSize + len(head))
	t := &tail{path: path, file: f, rooms: [2]int{start, start + tailRoom}, end: start}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.unmap(), f.Close(), os.Remove(made))
		}
	}()
	if err := lock(f); err != nil {
		return nil, fmt.Errorf("lock %s: %w", made, err)
	}
	b := make([]byte, start+len(t.rooms)*tailRoom)
	copy(b, tailMagic)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(head)))
	binary.LittleEndian.PutUint32(b[8:], checksum(head))
	binary.LittleEndian.PutUint32(b[12:], checksum(b[:12]))
	copy(b[tailHeadSize:], head)
	// Linux keeps what is written at once in large pieces, and would write each of them whole for a row in it.
	at := int64(0)
	for page := range slices.Chunk(b, os.Getpagesize()) {
		if _, err := f.WriteAt(page, at); err != nil {
			return nil, err
		}
		at += int64(len(page))
	}
	if mapped {
		if t.all, err = syscall.Mmap(int(f.Fd()), 0, len(b), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err != nil {
			return nil, fmt.Errorf("map %s: %w", made, err)
		}
	} else if err := f.Sync(); err != nil { // or if a later one failed Linux would forget the head, and put the rows that come then behind none
		return nil, err
	}
	return t, os.Rename(made, path)
}

func aligned(n int) int { return (n + 7) &^ 7 }

// fits tells whether a row of this size has room, with the end behind it.
func (t *tail) fits(size int) bool {
	return t.end+2*rowHeadSize+aligned(size) <= t.rooms[t.now]+tailRoom
}

// write adds a row of this checksum. In a map the end behind it is there first, so that what a kill leaves is a whole row, or one whose head says
// how long it would have been.
func (t *tail) write(sequence, offset uint64, row []byte, sum uint32) error {
	head := rowHead{sequence, offset, t.wrote, uint32(len(row)), sum}
	body := t.end + rowHeadSize
	end := body + aligned(len(row))
	var err error
	if t.all == nil {
		t.row = slices.Grow(t.row[:0], end-t.end+rowHeadSize)[:end-t.end+rowHeadSize]
		head.put(t.row)
		clear(t.row[rowHeadSize+copy(t.row[rowHeadSize:], row):])
		err = t.put()
	} else {
		err = t.guard(func() {
			clear(t.all[end : end+rowHeadSize])
			head.put(t.all[t.end:])
			copy(t.all[body:], row)
		})
	}
	if err == nil {
		t.end, t.wrote = end, t.wrote+1
	}
	return err
}

// put writes the row, which may be cut where a page ends. The end is there first then, too.
func (t *tail) put() error {
	last := len(t.row) - rowHeadSize
	if page := os.Getpagesize(); t.end/page != (t.end+len(t.row)-1)/page {
		if _, err := t.file.WriteAt(t.row[last:], int64(t.end+last)); err != nil {
			return err
		}
	}
	_, err := t.file.WriteAt(t.row, int64(t.end))
	return err
}

// turn lets the rows that come go to the other room, which has none.
func (t *tail) turn() {
	t.now = 1 - t.now
	t.end, t.wrote = t.rooms[t.now], 0
}

// restart forgets the rows of the room before: their batch is written.
func (t *tail) restart() error {
	before := t.rooms[1-t.now]
	if t.all == nil {
		_, err := t.file.WriteAt(make([]byte, rowHeadSize), int64(before))
		return err
	}
	return t.guard(func() { clear(t.all[before : before+rowHeadSize]) })
}

// guard makes an error of the fault of a page that the disk cannot give: the file was cut, or is on a disk that fails or is
// full and copies on writing.
func (t *tail) guard(touch func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(interface {
				error
				Addr() uintptr
			})
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%s cannot be written: %w", t.path, error(fault))
		}
	}()
	touch()
	return nil
}

// sync puts the rows on the disk.
func (t *tail) sync() error { return t.file.Sync() }

func (t *tail) unmap() error {
	if t.all == nil {
		return nil
	}
	all := t.all
	t.all = nil
	return syscall.Munmap(all)
}

// remove ends the tail, whose rows are all written.
func (t *tail) remove() error { return errors.Join(os.Remove(t.path), t.unmap(), t.file.Close()) }

// leave ends the tail but leaves its file to whoever looks next.
func (t *tail) leave() error { return errors.Join(t.unmap(), release(t.file)) }

// found is what a tail that was left behind holds.
type found struct {
	head    []byte
	rows    []foundRow // as they lie there
	dropped int        // bytes that are no whole row
}

type foundRow struct {
	rowHead
	body []byte
}

// errDamaged says that no row of a tail can be read.
var errDamaged = errors.New("its beginning is damaged")

// readTail reads a tail. It believes no length before the checksum over it.
func readTail(from io.ReaderAt) (found, error) {
	var f found
	begin := make([]byte, tailHeadSize)
	if _, err := from.ReadAt(begin, 0); errors.Is(err, io.EOF) {
		return f, errDamaged
	} else if err != nil {
		return f, err
	}
	size := int(binary.LittleEndian.Uint32(begin[4:]))
	if magic := string(begin[:4]); magic != tailMagic && magic != oneRoom || checksum(begin[:12]) != binary.LittleEndian.Uint32(begin[12:]) {
		return f, errDamaged
	}
	start := aligned(tailHeadSize + size)
	all, err := io.ReadAll(io.NewSectionReader(from, 0, int64(start)+2*tailRoom))
	if err != nil {
		return f, err
	}
	if len(all) < start || checksum(all[tailHeadSize:][:size]) != binary.LittleEndian.Uint32(begin[8:]) {
		return f, errDamaged
	}
	f.head = all[tailHeadSize:][:size]
	for room := range slices.Chunk(all[start:], tailRoom) {
		rows := len(f.rows)
		f.findRows(room)
		f.rows = append(f.rows[:rows], newest(f.rows[rows:])...)
	}
	return f, nil
}

// newest are the rows of a room without what they have left of older ones.
func newest(rows []foundRow) []foundRow {
	last := uint64(0)
	for _, r := range rows {
		last = max(last, r.Sequence)
	}
	return slices.DeleteFunc(rows, func(r foundRow) bool { return r.Sequence < last })
}

// findRows goes from row to row until the end, and after a damaged head looks for the next whole one.
func (f *found) findRows(b []byte) {
	lost := false // where the next row begins
	for len(b) >= rowHeadSize {
		head, ok := readRowHead(b)
		end := rowHeadSize + aligned(int(head.Size))
		if !ok || end > len(b) {
			if !lost && isZero(b[:rowHeadSize]) {
				return
			}
			if lost = true; !isZero(b[:8]) {
				f.dropped += 8
			}
			b = b[8:]
			continue
		}
		if body := b[rowHeadSize:][:head.Size]; checksum(body) == head.Sum {
			f.rows = append(f.rows, foundRow{head, body})
		} else {
			f.dropped += rowHeadSize + int(head.Size)
		}
		b, lost = b[end:], false
	}
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
