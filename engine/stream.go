package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/engine/table"
	"github.com/joey-go/joey/engine/tensor"
)

// Stream is a file on its way through a pipeline, part by part. Which of its rows are done the log tells and nothing else: a part is one
// entry there, which is there whole or not at all, however the process ends. So nothing has to be kept in step with the log.
//
// The file is known by its content, and a lock keeps others from the same stream, here and in other processes. Who has it flushes the
// log before it lets go, so that the next one sees all that is done.
type Stream struct {
	engine   *Engine
	pipeline registry.Pipeline
	id       string
	file     *table.Stream
	info     os.FileInfo
	lock     *os.File
	there    []logs.Part // in the log before
	logged   int64       // rows of those
	most     int         // rows of a part whose size is not said

	parts chan part
	stop  context.CancelFunc
	ended sync.WaitGroup
}

// part is rows that were read.
type part struct {
	logs.Part
	in  tensor.Input
	err error
}

const (
	// streamElements is about how many values a part has, and streamRows how many rows it has at most, if the caller does not say.
	streamElements = 1 << 18
	streamRows     = 1 << 13
	// clockStep is how far a clock may have been put back while a stream is under way.
	clockStep = 24 * time.Hour
)

// OpenStream opens a file of Arrow, Parquet or CSV for a pipeline. A run is a name for going through it, so that the same content can
// be asked with again. Parts have so many rows, or what is fast if rows is 0. It reads the whole file, for its checksum.
func (e *Engine) OpenStream(ctx context.Context, p registry.Pipeline, path, run string, rows int) (_ *Stream, err error) {
	l, err := e.deployed(ctx, p)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path) // before anything is read
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", path, fromHere(path, err))
	}
	file, err := table.OpenStream(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", path, fromHere(path, err))
	}
	s := &Stream{engine: e, pipeline: p, file: file, info: info, parts: make(chan part)}
	defer func() {
		if err != nil {
			err = fmt.Errorf("stream %s: %w", path, errors.Join(err, file.Close(), s.unlock()))
		}
	}()
	if err := s.identify(ctx, run); err != nil {
		return nil, err
	}
	begun, err := s.acquire(path, run)
	if err != nil {
		return nil, err
	}
	if err := s.find(ctx, begun); err != nil {
		return nil, err
	}
	if s.most = streamRows; l.BatchLimit() > 0 {
		s.most, rows = min(s.most, l.BatchLimit()), min(rows, l.BatchLimit())
	}
	reading, stop := context.WithCancel(context.WithoutCancel(ctx)) // who has asked calls Close
	s.stop = stop
	s.ended.Go(func() { s.read(reading, rows) })
	return s, nil
}

// identify makes the stream's name of what is in the file.
func (s *Stream) identify(ctx context.Context, run string) error {
	sum := sha256.New()
	from := io.NewSectionReader(s.file.File(), 0, s.info.Size())
	for {
		n, err := io.CopyN(sum, from, 8<<20)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, io.EOF) && n < 8<<20 {
			break
		}
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(sum, "joey-stream %d %s", s.info.Size(), run)
	s.id = hex.EncodeToString(sum.Sum(nil)[:16])
	return nil
}

// claim is what the lock's file says, for people and for where to look in the log.
type claim struct {
	File  string    `json:"file"`
	Run   string    `json:"run,omitempty"`
	Begun time.Time `json:"begun"`
}

// acquire locks the stream, and gives a time before its first part, if it is known.
func (s *Stream) acquire(path, run string) (begun time.Time, err error) {
	dir := filepath.Join(s.engine.home, "streams")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return begun, err
	}
	name := filepath.Join(dir, fmt.Sprintf("%d-%s.json", s.pipeline.ID, s.id))
	if s.lock = s.engine.takeLock(name); s.lock == nil {
		if s.lock, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
			return begun, err
		}
		if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return begun, errors.Join(fmt.Errorf("the rows of this file are being asked for in another call or process, which holds %s", name), s.unlock())
		}
	}
	var c claim
	body := make([]byte, 1<<16)
	n, err := s.lock.ReadAt(body, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return begun, err
	}
	if n > 0 {
		if json.Unmarshal(body[:n], &c) != nil {
			return begun, nil // its writer died: all of the log is looked at
		}
		return c.Begun.Add(-clockStep), nil
	}
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	body, err = json.Marshal(claim{path, run, time.Now().UTC()})
	if err != nil {
		return begun, err
	}
	_, err = s.lock.WriteAt(body, 0)
	return begun, err
}

// find asks the log what is done.
func (s *Stream) find(ctx context.Context, begun time.Time) error {
	const unknown = "which rows of the stream are done is not known: %w"
	if err := s.engine.log.Flush(ctx); err != nil { // what waits in memory the scan does not see
		s.engine.keepLock(s.lock)
		s.lock = nil
		return fmt.Errorf(unknown, err)
	}
	there, warnings, err := s.engine.log.Streamed(ctx, s.pipeline.Workspace, s.pipeline.Name, s.id, begun)
	if err != nil {
		return fmt.Errorf(unknown, err)
	}
	for _, w := range warnings {
		s.engine.unlogged.warn(w + "; rows of the stream that are there will be asked for again")
	}
	for _, p := range there {
		s.logged += p.To - p.From
	}
	s.there = there
	return nil
}

// read reads the rows that are not done. It ends with the file, an error, or ctx; Close ends that, and waits.
func (s *Stream) read(ctx context.Context, size int) {
	send := func(p part) bool {
		select {
		case s.parts <- p:
			return p.err == nil
		case <-ctx.Done():
			return false
		}
	}
	there, next := s.there, int64(0)
	if len(there) > 0 && there[0].From == 0 {
		next, there = there[0].To, there[1:]
		if err := s.file.Skip(ctx, next); err != nil {
			send(part{err: err})
			return
		}
	}
	for {
		end := s.file.Rows()
		if len(there) > 0 {
			end = there[0].From
		}
		if next == end && len(there) > 0 { // a gap in the log ends here
			for next = there[0].To; end < next; {
				n := min(streamRows, next-end)
				if _, err := s.file.Read(int(n)); err != nil {
					send(part{err: err})
					return
				}
				end += n
			}
			there = there[1:]
			continue
		}
		in, n, err := s.some(&size, end-next)
		if errors.Is(err, io.EOF) {
			close(s.parts)
			return
		}
		if !send(part{logs.Part{Stream: s.id, From: next, To: next + n}, in, err}) {
			return
		}
		next += n
	}
}

// some reads a part of at most so many rows. Its size, if it is 0, becomes what the first row lets it be.
func (s *Stream) some(size *int, most int64) (in tensor.Input, n int64, err error) {
	start := time.Now()
	defer func() { in.Took = time.Since(start) }()
	if *size > 0 {
		n = min(int64(*size), most)
		in, err = s.file.Read(int(n))
		return in, n, err
	}
	if in, err = s.file.Read(1); err != nil {
		return in, 0, err
	}
	values := 0
	for _, f := range in.Fields {
		elements, _ := tensor.Elements(f.Tensor.Shape) // they were counted before
		values += elements
	}
	*size = min(max(1, streamElements/max(1, values)), s.most)
	if n = min(int64(*size), most); n == 1 {
		return in, n, nil
	}
	rest, err := s.file.Read(int(n) - 1)
	for i := range rest.Fields {
		if err == nil {
			in.Fields[i].Tensor, err = tensor.Join([]tensor.Tensor{in.Fields[i].Tensor, rest.Fields[i].Tensor})
		}
	}
	return in, n, err
}

// Rows is how many rows the file has, and Logged how many of them were in the log before.
func (s *Stream) Rows() int64 { return s.file.Rows() }

// Logged: see Rows.
func (s *Stream) Logged() int64 { return s.logged }

// Next answers the next part, and logs it; io.EOF says that there is none. After another error the stream is to be closed: its part may be in
// the log or not, which the next one that opens it finds.
func (s *Stream) Next(ctx context.Context) (logs.Entry, error) {
	entry, err := s.answer(ctx)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("stream %s: %w", s.file.File().Name(), err)
	}
	return entry, err
}

func (s *Stream) answer(ctx context.Context) (logs.Entry, error) {
	var p part
	select {
	case <-ctx.Done():
		return logs.Entry{}, ctx.Err()
	case next, more := <-s.parts:
		if !more {
			return logs.Entry{}, io.EOF
		}
		p = next
	}
	if p.err != nil {
		return logs.Entry{}, p.err
	}
	now, err := s.file.File().Stat()
	if err == nil && (now.Size() != s.info.Size() || !now.ModTime().Equal(s.info.ModTime())) {
		err = errors.New("the file was changed while it was read")
	}
	if err != nil {
		return logs.Entry{}, err
	}
	entry, err := s.engine.answer(ctx, s.pipeline, p.in, p.Part)
	if err != nil {
		return entry, fmt.Errorf("rows %d to %d, here from 0: %w", p.From, p.To-1, err)
	}
	return entry, nil
}

// Close ends the reading, and lets others go on with the stream.
func (s *Stream) Close(ctx context.Context) error {
	s.stop()
	s.ended.Wait()
	err := s.file.Close()
	if failed := s.engine.log.Flush(context.WithoutCancel(ctx)); failed != nil {
		s.engine.keepLock(s.lock) // what waits in memory others do not see
		return errors.Join(err, failed)
	}
	return errors.Join(err, s.unlock())
}

func (s *Stream) unlock() error {
	if s.lock == nil {
		return nil
	}
	lock := s.lock
	s.lock = nil
	return unlock(lock)
}

// unlock closes a file that is locked. A child that is about to be started has it, too, and its lock, until its program begins.
func unlock(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// keepLock keeps a stream from other processes until it is opened here again, or this one ends.
func (e *Engine) keepLock(f *os.File) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.locks = append(e.locks, f)
}

func (e *Engine) takeLock(name string) *os.File {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, f := range e.locks {
		if f.Name() == name {
			e.locks = append(e.locks[:i:i], e.locks[i+1:]...)
			return f
		}
	}
	return nil
}
