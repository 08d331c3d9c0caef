package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// reader reads one segment, of any writer, by its sidecar.
type reader struct {
	path    string
	records []record // those that are whole, and whose batches lie inside the file
	damage  []string // what was set aside, and why

	live bool // somebody writes it, or will

	head    []byte // the schema message, once its checksum held
	headSum uint32
	of      pipeline // by head, once isOf has looked
	looked  bool
}

// openReader opens a segment. What is damaged it tells in damage; the rest can be read.
func openReader(path string) *reader {
	r := &reader{path: path}
	index, err := os.Open(indexPath(path))
	if err != nil {
		r.setAside("the whole file: %v", err)
		return r
	}
	defer func() { _ = index.Close() }() // only read
	// Before anything is read: who is dead by now, wrote all that there is, or left a tail from which the rest is being written.
	live := isLocked(index) || exists(tailPath(path))
	r.live = live
	found, err := r.load(index)
	if err == nil && live && found.damaged > 0 {
		found, err = r.load(index) // the read may have met the writer in the middle of a record
	}
	if err != nil {
		r.setAside("the whole file: %v", err)
		return r
	}
	r.report(found, live)
	return r
}

// name is the segment's, without its directory.
func (r *reader) name() string { return filepath.Base(r.path) }

// findings are what a sidecar and its segment's size show.
type findings struct {
	damaged int    // records
	cut     int    // records of batches that the file does not have (any more)
	partial int    // bytes of an unfinished record
	surplus uint64 // bytes of the segment after the last batch of a record
}

// load reads the sidecar, and then the segment's size: a batch is written before its record.
func (r *reader) load(index io.ReaderAt) (findings, error) {
	var f findings
	text, err := io.ReadAll(io.NewSectionReader(index, 0, 1<<62))
	if err != nil {
		return f, err
	}
	info, err := os.Stat(r.path)
	if err != nil {
		return f, err
	}
	size := uint64(info.Size())
	r.records = r.records[:0]
	end := uint64(0)
	for sequence := uint64(0); len(text) >= recordSize; sequence++ {
		rec, ok := decodeRecord(text[:recordSize], sequence)
		switch {
		case !ok:
			f.damaged++
		case !rec.inside(size):
			f.cut++
		default:
			r.records = append(r.records, rec)
			end = rec.Offset + rec.Size
		}
		text = text[recordSize:]
	}
	f.partial, f.surplus = len(text), size-end
	return f, nil
}

// report tells the findings. What a living writer has not finished is no damage.
func (r *reader) report(f findings, live bool) {
	if f.damaged > 0 {
		r.setAside("the batches of %d index records, which are damaged", f.damaged)
	}
	if f.cut > 0 {
		r.setAside("%d batches, which are cut off", f.cut)
	}
	if live || f.damaged > 0 || f.cut > 0 {
		return
	}
	if f.surplus > 0 || f.partial > 0 {
		r.setAside("%d bytes at its end and %d at the end of its index: their writer died before it had finished them, or the index was cut", f.surplus, f.partial)
	}
}

// setAside notes that a part of the segment is not read.
func (r *reader) setAside(format string, args ...any) {
	r.damage = append(r.damage, r.warning(format, args...))
}

func (r *reader) warning(format string, args ...any) string {
	return fmt.Sprintf("inference log %s: set aside ", r.path) + fmt.Sprintf(format, args...)
}

// errHead says that the segment's columns cannot be read, and so none of its batches.
var errHead = errors.New("its columns cannot be read")

// read reads one batch. Arrow sees no byte before its checksum held.
func (r *reader) read(rec record) (*batch, error) {
	if err := r.readHead(rec); err != nil {
		return nil, err
	}
	body, err := r.part(rec.Offset, rec.Size, rec.Sum)
	if err != nil {
		return nil, err
	}
	return decodeBatch(r.head, body, int64(rec.Rows))
}

func (r *reader) readHead(rec record) error {
	if r.head != nil && uint32(len(r.head)) == rec.HeadSize && r.headSum == rec.HeadSum {
		return nil
	}
	head, err := r.part(0, uint64(rec.HeadSize), rec.HeadSum)
	if err != nil {
		return fmt.Errorf("%w: %w", errHead, err)
	}
	r.head, r.headSum = head, rec.HeadSum
	return nil
}

// isOf tells whether the segment is of the query's pipeline: a file system that does not tell upper from lower case has two in one folder.
func (r *reader) isOf(rec record, q Query) bool {
	if !r.looked {
		if r.readHead(rec) != nil {
			return false
		}
		stream, err := ipc.NewReader(bytes.NewReader(r.head))
		if err != nil {
			return false
		}
		if r.of, _, err = layoutOf(stream.Schema()); err != nil {
			return false
		}
		r.looked = true
	}
	return r.of == pipeline{q.Workspace, q.Pipeline}
}

// part reads bytes that lie inside the file, as load has made sure. It opens the file each time: a pipeline may have
// more segments than a process may have files.
func (r *reader) part(offset, size uint64, sum uint32) ([]byte, error) {
	data, err := os.Open(r.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = data.Close() }() // only read
	b := make([]byte, size)
	if _, err := data.ReadAt(b, int64(offset)); err != nil {
		return nil, err
	}
	if checksum(b) != sum {
		return nil, errors.New("the checksum does not hold")
	}
	return b, nil
}

// isLocked tells whether the segment's writer lives.
func isLocked(index *os.File) bool {
	err := syscall.Flock(int(index.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
