package logs

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/apache/arrow/go/v17/arrow/ipc"
)

const damagedSuffix = ".damaged"

// recoverFolder writes to the segments of a pipeline what writers that died have left in their tails. It tells what is damaged
// or could not be written; each is left where it is, or beside it.
func recoverFolder(dir string, create func(string) (file, error)) (notes []string) {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return []string{fmt.Sprintf("inference log %s: what waits there is not found: %v", dir, err)}
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		switch {
		case strings.HasSuffix(path, tailSuffix):
			note, err := recoverTail(path, create)
			if err != nil {
				note = fmt.Sprintf("inference log %s: the entries that wait there cannot be written: %v", path, err)
			}
			if note != "" {
				notes = append(notes, note)
			}
		case strings.HasSuffix(path, tailSuffix+".new") && !hasWriter(strings.TrimSuffix(path, ".new")):
			_ = os.Remove(path) // its writer died before it took an entry
		}
	}
	return notes
}

// hasWriter tells whether the tail's segment is being written. The writer locks the sidecar before it makes the tail.
func hasWriter(tail string) bool {
	index, err := os.Open(strings.TrimSuffix(tail, tailSuffix) + indexSuffix)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) // who cannot look leaves it alone
	}
	defer func() { _ = index.Close() }() // only read
	return isLocked(index)
}

// recoverTail finishes what the tail's writer had not: each batch goes where it would have been, so that a process which dies
// in here leaves no entry twice. One that looks at the same time waits.
func recoverTail(path string, create func(string) (file, error)) (note string, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // nothing is written to it
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		if hasWriter(path) {
			return "", nil
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return "", err
		}
	}
	ours, err := f.Stat()
	if err != nil {
		return "", err
	}
	if now, err := os.Stat(path); err != nil || !os.SameFile(ours, now) {
		return "", nil // done by its writer or by another
	}
	left, err := readTail(f)
	if errors.Is(err, errDamaged) {
		return fmt.Sprintf("inference log %s: set aside as %s: %v, and with it up to %d bytes of entries", path, filepath.Base(path)+damagedSuffix, err, ours.Size()),
			os.Rename(path, path+damagedSuffix)
	}
	if err != nil {
		return "", err
	}
	data := strings.TrimSuffix(path, tailSuffix) + dataSuffix
	if err := left.finish(data, create); err != nil {
		return "", err
	}
	cut, err := cutEnd(data)
	if err != nil {
		return "", err
	}
	if cut > 0 {
		note = fmt.Sprintf("inference log %s: dropped %d bytes, which are no whole entry; they are kept as %s", data, cut, filepath.Base(data)+damagedSuffix)
	}
	if left.dropped > 0 {
		if note != "" {
			note += "; "
		}
		return note + fmt.Sprintf("inference log %s: dropped %d bytes, which are no whole entry; the file is kept as %s", path, left.dropped, filepath.Base(path)+damagedSuffix),
			os.Rename(path, path+damagedSuffix)
	}
	return note, os.Remove(path)
}

// cutEnd sets aside what a segment, whose writer is dead, has behind the last batch of its sidecar: of an entry too large for a tail, which the
// writer had not told anybody to have. Where the sidecar is damaged it does nothing: then the end may be more than that.
func cutEnd(path string) (n int64, err error) {
	index, err := os.ReadFile(indexPath(path))
	if errors.Is(err, fs.ErrNotExist) || len(index)%recordSize > 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	end := int64(0)
	for sequence := uint64(0); len(index) > 0; sequence, index = sequence+1, index[recordSize:] {
		rec, ok := decodeRecord(index[:recordSize], sequence)
		if !ok {
			return 0, nil
		}
		end = int64(rec.Offset + rec.Size)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil || end > 0 && info.Size() <= end {
		return 0, err
	}
	if n = info.Size() - end; n == 0 {
		return 0, errors.Join(os.Remove(path), os.Remove(indexPath(path)))
	}
	kept, err := os.OpenFile(path+damagedSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(kept, io.NewSectionReader(f, end, n))
	if err = errors.Join(err, kept.Close()); err != nil {
		return 0, err
	}
	if end > 0 {
		return n, os.Truncate(path, end)
	}
	return n, errors.Join(os.Remove(path), os.Remove(indexPath(path))) // a stream without its beginning is none
}

// finish writes the rows of each batch that the segment lacks.
func (f *found) finish(path string, create func(string) (file, error)) (err error) {
	batches := map[uint64][]foundRow{}
	for _, r := range f.rows {
		batches[r.Sequence] = append(batches[r.Sequence], r)
	}
	if len(batches) == 0 {
		return nil
	}
	stream, err := ipc.NewReader(bytes.NewReader(f.head))
	if err != nil {
		return err
	}
	_, columns, err := layoutOf(stream.Schema())
	if err != nil {
		return err
	}
	s := &segment{path: path, layout: columns, schema: stream.Schema(), columns: newColumns(stream.Schema()), create: create}
	defer func() { err = errors.Join(err, s.close()) }()
	s.setHead(f.head)
	for _, sequence := range slices.Sorted(maps.Keys(batches)) {
		if has, err := hasBatch(path, sequence); err != nil {
			return err
		} else if has {
			continue
		}
		if err := f.write(s, batches[sequence]); err != nil {
			return err
		}
	}
	return nil
}

// write writes rows as their batch, and ends the segment there: what its writer began behind is no batch.
func (f *found) write(s *segment, rows []foundRow) (err error) {
	slices.SortFunc(rows, func(a, b foundRow) int { return cmp.Compare(a.Number, b.Number) })
	for _, r := range rows {
		e, _, err := readRow(r.body, s.layout)
		if err != nil {
			f.dropped += rowHeadSize + len(r.body)
			continue
		}
		s.pend(e.Time, r.body)
	}
	if s.rows == 0 {
		return nil
	}
	s.record.Sequence, s.record.Offset = rows[0].Sequence, behind
	for _, r := range rows {
		s.record.Offset = min(s.record.Offset, r.Offset)
	}
	if s.record.Offset == behind {
		if s.record.Offset, err = endBefore(s.path, s.record.Sequence, uint64(len(f.head))); err != nil {
			return err
		}
	}
	if s.index == nil {
		index, err := s.create(indexPath(s.path))
		if err != nil {
			return err
		}
		s.index = index
	}
	if err := s.writeBatch(held{}); err != nil {
		return err
	}
	if err := s.sync(); err != nil {
		return err
	}
	if info, err := os.Stat(indexPath(s.path)); err != nil || info.Size() > int64(s.record.Sequence*recordSize) {
		return err // there are later batches behind it
	}
	return os.Truncate(s.path, int64(s.record.Offset))
}

// endBefore is where the batches before one end, as far as they can be read.
func endBefore(path string, sequence, head uint64) (uint64, error) {
	index, err := os.ReadFile(indexPath(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	for n := min(sequence, uint64(len(index)/recordSize)); n > 0; n-- {
		if rec, ok := decodeRecord(index[(n-1)*recordSize:][:recordSize], n-1); ok {
			return rec.Offset + rec.Size, nil
		}
	}
	return head, nil
}

// hasBatch tells whether the segment has this batch, whole.
func hasBatch(path string, sequence uint64) (bool, error) {
	index, err := os.Open(indexPath(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = index.Close() }() // only read
	b := make([]byte, recordSize)
	if _, err := index.ReadAt(b, int64(sequence*recordSize)); err != nil {
		return false, nil // it ends before
	}
	rec, ok := decodeRecord(b, sequence)
	info, err := os.Stat(path)
	if !ok || err != nil || !rec.inside(uint64(info.Size())) {
		return false, nil
	}
	_, err = (&reader{path: path}).part(rec.Offset, rec.Size, rec.Sum)
	return err == nil, nil
}
