package logs

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/google/uuid"
)

// segment writes one file of entries that have the same columns: a plain Arrow IPC stream, which pyarrow, DuckDB
// and Spark open. It is the stream form because the file form is worth nothing without its footer, and has one
// writer because then a crash can only cut its end. The caller holds the log's mutex; while a batch is encoded and written others have
// it, and append rows for the next.
type segment struct {
	path   string
	of     pipeline
	layout layout
	began  time.Time
	most   uint64 // bytes, then the next one is begun

	schema   *arrow.Schema
	pending  madeRows // of the tail
	rows     int      // in pending, and the large one that is in columns
	size     int      // of them, about
	min, max int64

	// The batch, which is whose who has set writing.
	writing bool
	wrote   sync.Cond // it is not any more
	taken   int       // entries that are in it; 0 if it is written
	cut     madeRows  // those that came by the tail, until it is encoded
	columns columns
	large   bool // it has had entries by themselves
	buffer  []byte
	batch   [][]byte // encoded, to be written with record, one behind the other

	head   []byte // the schema message
	record record // of the batch, or of the next if there is none
	failed bool   // the last try to write batch
	data   file
	index  file
	create func(path string) (file, error)

	tail     *tail  // rows that wait, but those that are too large for it
	inMemory int    // entries that wait and are not in tail
	broken   bool   // tail could not be written: the next entry goes to another segment
	appended uint64 // entries
	synced   uint64 // of them on the disk, also if the power goes
	syncing  bool   // a caller puts the tail on the disk, for all that wait

	mode      Durability
	unsynced  []written // what no sync has confirmed
	held      int       // bytes of it
	spare     [][]byte  // buffers whose bytes are confirmed
	spareSize int       // of them
	again     bool      // a sync failed, so unsynced is written once more before the next
	named     bool      // the directories that name the files are on the disk
	dropped   int64     // bytes of data whose pages the system may have for others
}

// madeRows are as a rowMaker has made them, one behind the other.
type madeRows struct {
	all  []byte
	ends []int
}

// written is what was written to a file and may not be on the disk. It is kept, because Linux forgets after a sync that
// failed what it could not write.
type written struct {
	to    file
	at    int64
	bytes []byte
	whole bool // it is a batch, and so a buffer of its own
}

// WriteError says that entries could not be written to their segment. They wait and are tried again.
type WriteError struct {
	Path     string
	Rows     int // that wait
	InMemory int // of them, those that would be lost with the process
	Err      error
}

func (e *WriteError) Error() string {
	waiting := fmt.Sprintf("%d entries wait beside it", e.Rows-e.InMemory)
	if e.InMemory > 0 {
		waiting += fmt.Sprintf(", %d more only in memory", e.InMemory)
	}
	return fmt.Sprintf("inference log %s: %v; %s: free space there or make it writable, and they are written", e.Path, e.Err, waiting)
}

func (e *WriteError) Unwrap() error { return e.Err }

// mostSpare is bytes of buffers that are kept: about what is written while a disk confirms what was written before. Memory that is asked for
// anew costs as much as all else that is done with a batch.
const mostSpare = 16 << 20

const (
	dataSuffix  = ".arrows"
	indexSuffix = ".idx"
	timeLayout  = "20060102T150405.000000Z" // sorts as time does
)

// SyncError says that a disk did not confirm what was written. It is in the files, also for other processes, but may be
// lost when the power goes.
type SyncError struct {
	Path string
	Err  error
}

func (e *SyncError) Error() string {
	return fmt.Sprintf("inference log %s: written, but the disk does not confirm it: %v; what the power takes is lost until a later try succeeds", e.Path, e.Err)
}

func (e *SyncError) Unwrap() error { return e.Err }

// newSegment makes a segment in dir; its tail comes with its first entry, its files with its first batch.
func newSegment(dir string, p pipeline, start time.Time, columns layout, o Options) *segment {
	name := start.Format(timeLayout) + "-" + uuid.NewString() + dataSuffix
	schema := columns.schema(p)
	return &segment{
		path: filepath.Join(dir, name), of: p, layout: columns, began: start, most: o.most, create: o.create, mode: o.Durability,
		schema: schema, columns: newColumns(schema),
	}
}

// indexPath is the sidecar's path.
func indexPath(data string) string { return strings.TrimSuffix(data, dataSuffix) + indexSuffix }

// append takes an entry to the tail, and to memory for its batch, if it is made a row. A *WriteError says that the entry is in neither.
func (s *segment) append(e *Entry, m *rowMaker) (fate, error) {
	if err := m.makeFor(s, e); err != nil || m.fate != made {
		return m.fate, err
	}
	if err := s.begin(); err != nil {
		return made, s.writeError(fmt.Errorf("an entry was not taken: %w", err))
	}
	if !s.tail.fits(len(m.row)) {
		if s.rows > 0 {
			return noRoom, nil
		}
		return tooLarge, nil
	}
	sequence, offset := s.record.Sequence, s.record.Offset
	if s.taken > 0 {
		sequence, offset = sequence+1, behind
	}
	if err := s.tail.write(sequence, offset, m.row, m.sum); err != nil {
		s.broken = true
		return made, s.writeError(fmt.Errorf("an entry was not taken: %w", err))
	}
	s.pend(e.Time, m.row)
	s.appended++
	return made, nil
}

// mostInTail is the bytes that an entry may have to go by way of the tail. What is larger is written as quickly to its segment, in a batch of
// its own; but with SyncAck each batch waits for the disk, and what is in the tail shares a sync.
func (s *segment) mostInTail() int {
	if s.mode == SyncAck {
		return tailRoom / 2
	}
	return tailRoom / 8
}

// pend adds a row of the tail to those of the next batch.
func (s *segment) pend(at time.Time, row []byte) {
	s.pending.all = append(s.pending.all, row...)
	s.pending.ends = append(s.pending.ends, len(s.pending.all))
	s.count(at, len(row))
}

func (s *segment) count(at time.Time, size int) {
	ms := at.UnixMilli()
	if s.rows == 0 {
		s.min, s.max = ms, ms
	}
	s.min, s.max = min(s.min, ms), max(s.max, ms)
	s.rows++
	s.size += size
}

// appendLarge takes an entry that is too large for the tail, whose cells fit the layout, and writes it at once. Nobody may be writing. A
// *WriteError says that it is in memory only, or nowhere.
func (s *segment) appendLarge(e *Entry, cells []cell, size int, mu sync.Locker) error {
	if err := s.begin(); err != nil {
		return s.writeError(fmt.Errorf("an entry was not taken: %w", err))
	}
	if err := s.flush(held{}); err != nil { // its batch is its own, so that nothing of it has to be copied to what is there
		return err
	}
	s.columns.add(e, cells)
	s.large = true
	s.count(e.Time, size)
	s.appended++
	s.inMemory++
	return s.flush(mu)
}

// held is in the place of a mutex that is not to be let go.
type held struct{}

func (held) Lock()   {}
func (held) Unlock() {}

// flush writes what was appended before as one batch, after the one that could not be written before. It lets go of mu meanwhile.
func (s *segment) flush(mu sync.Locker) error {
	for last := s.appended; ; {
		for s.writing {
			s.wrote.Wait()
		}
		if s.appended-uint64(s.waiting()) >= last {
			return nil
		}
		if s.mode == SyncAck {
			mu = held{} // callers wait for the disk, and would have it sync the tail beside the batch
		}
		s.writing = true
		err := s.flushBatch(mu)
		s.writing = false
		s.wrote.Broadcast()
		if err != nil {
			return err
		}
	}
}

func (s *segment) flushBatch(mu sync.Locker) error {
	if err := s.writeBatch(mu); err != nil {
		s.failed = true
		return s.writeError(err)
	}
	s.failed, s.inMemory = false, 0
	if s.mode == SyncAck {
		if err := s.sync(); err != nil {
			return err // the tail keeps its rows
		}
	}
	if s.tail != nil && s.tail.restart() != nil {
		s.broken = true // but nothing is lost: recovery knows that the batch is written
	}
	return nil
}

func (s *segment) writeError(err error) *WriteError {
	return &WriteError{Path: s.path, Rows: s.waiting(), InMemory: s.inMemory, Err: err}
}

// waiting is how many entries are not on disk.
func (s *segment) waiting() int { return s.rows + s.taken }

// writeBatch writes the batch and then its record, both at fixed places: a try that failed half way is overwritten.
func (s *segment) writeBatch(mu sync.Locker) error {
	if err := s.encodeHead(); err != nil {
		return err
	}
	if s.taken == 0 {
		s.take()
	}
	r := s.record
	mu.Unlock()
	s.encode(&r)
	all, err := s.write(&r)
	mu.Lock()
	s.record = r
	if err != nil {
		return err
	}
	s.record.Offset += r.Size
	s.record.Sequence++
	s.taken, s.batch = 0, nil
	if s.mode == SyncOff {
		return nil
	}
	for _, w := range all {
		s.held += len(w.bytes)
	}
	s.unsynced, s.buffer = append(s.unsynced, all...), nil // it has the buffer
	if last := len(s.spare) - 1; last >= 0 {
		s.buffer = s.spare[last]
		s.spare, s.spareSize = s.spare[:last], s.spareSize-cap(s.buffer)
	}
	return nil
}

// take makes the entries that wait the next batch.
func (s *segment) take() {
	s.taken, s.record.Min, s.record.Max = s.rows, s.min, s.max
	s.record.Rows = uint32(s.rows)
	s.rows, s.size = 0, 0
	s.cut, s.pending = s.pending, madeRows{s.cut.all[:0], s.cut.ends[:0]}
	if s.tail != nil {
		s.tail.turn()
	}
}

// encode makes bytes of the batch, once.
func (s *segment) encode(r *record) {
	if s.batch != nil {
		return
	}
	start := 0
	for _, end := range s.cut.ends {
		s.columns.read(s.cut.all[start:end])
		start = end
	}
	s.buffer, s.batch = s.columns.encode(s.buffer[:0])
	s.columns.reset()
	r.Size = 0
	for _, b := range s.batch {
		r.Size += uint64(len(b))
	}
}

// sumBeside is bytes of a batch from which on its checksum is made by another processor, while it is written.
const sumBeside = 1 << 20

// sum gives what waits for the batch's checksum.
func (s *segment) sum(size uint64) (wait func() uint32) {
	sum := func() (all uint32) {
		for _, b := range s.batch {
			all = crc32.Update(all, castagnoli, b)
		}
		return all
	}
	if size < sumBeside {
		return sum
	}
	var made uint32
	var beside sync.WaitGroup
	beside.Go(func() { made = sum() })
	return func() uint32 {
		beside.Wait()
		return made
	}
}

// write gives what is to be kept until a sync confirms it.
func (s *segment) write(r *record) (all []written, err error) {
	if s.data == nil {
		if s.data, err = s.create(s.path); err != nil {
			return nil, err
		}
	}
	if r.Offset == uint64(len(s.head)) { // it is the first that is there
		all = append(all, written{s.data, 0, s.head, false})
	}
	at := r.Offset
	for _, b := range s.batch {
		all = append(all, written{s.data, int64(at), b, len(s.batch) == 1})
		at += uint64(len(b))
	}
	sum := s.sum(r.Size)
	for _, w := range all {
		if _, err := w.to.WriteAt(w.bytes, w.at); err != nil {
			_ = sum() // so that nothing reads the batch any more
			return nil, err
		}
	}
	r.Sum = sum()
	last := written{s.index, int64(r.Sequence * recordSize), r.encode(), false}
	if _, err := last.to.WriteAt(last.bytes, last.at); err != nil {
		return nil, err
	}
	return append(all, last), nil
}

// encodeHead finds the schema message's bytes, once: those that an empty stream has before its end mark.
func (s *segment) encodeHead() error {
	if s.head != nil {
		return nil
	}
	var b bytes.Buffer
	empty := ipc.NewWriter(&b, ipc.WithSchema(s.schema))
	if err := empty.Close(); err != nil {
		return fmt.Errorf("the columns cannot be encoded: %w", err)
	}
	s.setHead(bytes.TrimSuffix(b.Bytes(), []byte("\xff\xff\xff\xff\x00\x00\x00\x00")))
	s.record.Offset = uint64(len(s.head))
	return nil
}

func (s *segment) setHead(head []byte) {
	s.head = head
	s.record.HeadSize, s.record.HeadSum = uint32(len(head)), checksum(head)
}

// begin makes the sidecar and the tail. The sidecar is locked while the writer lives, from before there is a tail: what a
// segment holds beyond its sidecar is being written if it is locked, and was left by a crash if not.
func (s *segment) begin() error {
	if s.tail != nil {
		return nil
	}
	if err := s.encodeHead(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	if s.index == nil {
		index, err := s.create(indexPath(s.path))
		if err != nil {
			return err
		}
		if err := lock(index); err != nil {
			return errors.Join(fmt.Errorf("lock %s: %w", indexPath(s.path), err), index.Close())
		}
		s.index = index
	}
	tail, err := newTail(tailPath(s.path), s.head, s.mode != SyncAck, s.create)
	if err != nil {
		return err
	}
	if s.mode == SyncAck {
		if err := syncNames(s.path); err != nil {
			return errors.Join(err, tail.remove())
		}
	}
	s.tail = tail
	return nil
}

// sync puts what was written before on the disk. It must not run twice at a time.
func (s *segment) sync() error { return s.confirm(s.unconfirmed()) }

// syncTail puts the tail on the disk, and lets go of mu meanwhile.
func (s *segment) syncTail(mu sync.Locker) {
	mu.Unlock()
	runtime.Gosched() // whom the sync before has let go may append to this one
	mu.Lock()
	tail, last := s.tail, s.appended
	if tail == nil {
		return
	}
	mu.Unlock()
	err := tail.sync()
	mu.Lock()
	if err == nil {
		s.synced = max(s.synced, last)
	}
}

// unconfirmed is what a sync is to confirm.
type unconfirmed struct {
	written  []written
	again    bool
	named    bool
	appended uint64
	large    file  // the data, if it has large entries
	dropped  int64 // bytes of it
	drop     int64 // how many may be
}

// mostCached is bytes of a segment with large entries that stay in the system's memory, while it is written, for who asks for the newest.
const mostCached = 8 << 20

func (s *segment) unconfirmed() unconfirmed {
	u := unconfirmed{s.unsynced[:len(s.unsynced):len(s.unsynced)], s.again, s.named, s.appended - uint64(s.waiting()), nil, s.dropped, s.dropped}
	if s.large && len(u.written) > 0 {
		u.large, u.drop = s.data, max(u.drop, int64(s.record.Offset)-mostCached)
	}
	return u
}

// force does the work of a sync. It uses nothing that appending changes, and so may run beside it.
func (u unconfirmed) force(path string) error {
	if len(u.written) == 0 {
		return nil
	}
	var files []file
	for _, w := range u.written {
		if u.again {
			if _, err := w.to.WriteAt(w.bytes, w.at); err != nil {
				return err
			}
		}
		if !slices.Contains(files, w.to) {
			files = append(files, w.to)
		}
	}
	for _, f := range files {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if u.drop > u.dropped {
		dropPages(u.large, u.dropped, u.drop)
	}
	if u.named {
		return nil
	}
	return syncNames(path)
}

// syncNames puts the file's name on the disk, and that of its folder.
func syncNames(path string) error {
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// settle notes what came of a sync.
func (s *segment) settle(u unconfirmed, err error) error {
	if s.again = err != nil; err != nil {
		return &SyncError{Path: s.path, Err: err}
	}
	if len(u.written) > 0 {
		s.named, s.dropped = true, u.drop
		for _, w := range u.written {
			s.held -= len(w.bytes)
			if size := cap(w.bytes); w.whole && s.spareSize+size <= mostSpare {
				s.spare, s.spareSize = append(s.spare, w.bytes[:0]), s.spareSize+size
			}
		}
		s.unsynced = slices.Delete(s.unsynced, 0, len(u.written))
	}
	s.synced = max(s.synced, u.appended)
	return nil
}

func (s *segment) confirm(u unconfirmed) error { return s.settle(u, u.force(s.path)) }

// end writes what waits, and then lets go of the tail. If that fails it may be tried again. It lets go of the log's mutex only for who writes.
func (s *segment) end() error {
	for s.waiting() > 0 { // twice, if it waits for who writes
		if err := s.flush(held{}); err != nil {
			return err
		}
	}
	if s.tail == nil {
		return nil
	}
	if s.mode == SyncAck {
		if err := s.sync(); err != nil {
			return err
		}
	}
	tail := s.tail
	s.tail = nil
	return tail.remove()
}

// leave lets go of a tail whose entries could not be written, for the next one to look.
func (s *segment) leave() error {
	if s.tail == nil {
		return nil
	}
	return s.tail.leave()
}

// close closes the files. Nothing is written afterwards.
func (s *segment) close() error {
	var err error
	if s.large && s.data != nil && s.mode != SyncOff {
		dropPages(s.data, s.dropped, int64(s.record.Offset))
	}
	if s.data != nil {
		err = errors.Join(err, s.data.Close())
	}
	if s.index != nil {
		err = errors.Join(err, release(s.index))
	}
	if s.data == nil && s.index != nil && s.record.Sequence == 0 && s.tail == nil {
		err = errors.Join(err, os.Remove(indexPath(s.path))) // nothing was ever taken
	}
	s.data, s.index = nil, nil
	if err != nil {
		return fmt.Errorf("inference log %s: %w", s.path, err)
	}
	return nil
}
