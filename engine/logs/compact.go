package logs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// A segment that nobody writes any more becomes part of a Parquet file, which is a third of its size and which other tools open by the folder:
//
//	parquet/workspace=1/pipeline=NAME/date=2026-11-28/X.parquet   rows in the order of their places, one set of columns, one day
//	1-NAME/X.compacted                                            which segments are in which files, with checksums (compacted.go)
//
// Who holds the lock of the pipeline's folder writes the files under names that nobody looks for, reads them back, and then gives
// X.compacted its name: that is the moment. What comes after it, the files' names and the end of the segments, is done again by the
// next one if it was killed, and what came before is removed. A reader that finds a segment gone looks where its entries went and
// goes on behind the last one, for an entry keeps its place.
const (
	compactBytes  = 64 << 20              // of a pipeline's segments that nobody writes, before they are compacted
	compactAge    = 24 * time.Hour        // or so old is one of them
	segmentBytes  = 64 << 20              // of a segment, before the next one is begun
	compactPause  = time.Hour             // between two looks
	compactTurn   = 5 * time.Millisecond  // of work, before a pause
	calm          = time.Second           // without an entry: nobody wants the processors and the disk
	look          = 50 * time.Millisecond // whether it is
	patience      = time.Minute           // with entries that come all the time, before they are compacted beside them
	mostBacklog   = 1 << 30               // or so many bytes of them
	mostBegun     = 16                    // files that are written at once, each of other columns: it has megabytes of buffers
	lockName      = "compact.lock"
	dateLayout    = time.DateOnly
	compactedMode = 0o600
)

// full tells whether the next entry goes to another segment, so that this one can be compacted.
func (s *segment) full() bool { return s.record.Offset >= s.most }

// Compact makes Parquet files of all that this Log has written and of what others have left, without waiting for there to be enough of it.
// A folder that another process is compacting it leaves alone.
func (l *Log) Compact(ctx context.Context) error {
	l.awaited.Add(1)
	defer l.awaited.Add(-1)
	err := l.seal(func(*segment) bool { return true })
	l.mu.Lock()
	for len(l.retired) > 0 && l.unsynced == nil && !l.closed {
		l.wakeUp()
		select {
		case l.hurry <- struct{}{}:
		default:
		}
		l.settled.Wait() // flushLoop syncs them
	}
	err = errors.Join(err, l.unsynced)
	if l.closed {
		err = os.ErrClosed
	}
	l.mu.Unlock()
	if err != nil {
		return fmt.Errorf("compact the inference log: %w", err)
	}
	return l.compactAll(ctx, &compactor{log: l, all: true})
}

// compactLoop compacts what there is enough of, and removes what is not to be kept. It ends when the context does; Close waits for it.
func (l *Log) compactLoop(ctx context.Context) {
	defer close(l.compacted)
	for {
		old := time.Now().Add(-compactAge)
		err := l.seal(func(s *segment) bool { return s.began.Before(old) })
		c := newCompactor(l)
		if err = errors.Join(err, l.compactAll(ctx, c)); err != nil && ctx.Err() == nil {
			l.options.Warn(err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-l.sealed:
		case <-time.After(compactPause):
		}
	}
}

// seal ends the segments that are to be compacted.
func (l *Log) seal(which func(*segment) bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []error
	for _, s := range l.segments {
		if !which(s) {
			continue
		}
		all = append(all, l.retire(s))
	}
	return errors.Join(all...)
}

// retire ends a segment, and closes it once it is synced.
func (l *Log) retire(s *segment) error {
	if err := s.end(); err != nil {
		return err
	}
	if l.segments[s.of] != s {
		return nil // somebody else has, while this one waited
	}
	delete(l.segments, s.of)
	l.bytesRetired.Add(s.record.Offset)
	if len(s.unsynced) > 0 {
		l.retired = append(l.retired, s)
		l.wakeUp()
		return nil
	}
	if err := s.close(); err != nil {
		l.options.Warn(err.Error()) // and no error: who wrote it again would write without its lock
	}
	select {
	case l.sealed <- struct{}{}:
	default:
	}
	return nil
}

func (l *Log) compactAll(ctx context.Context, c *compactor) error {
	l.compacting.Lock()
	defer l.compacting.Unlock()
	if err := l.goesOn(ctx); err != nil {
		return err
	}
	folders, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("compact the inference log %s: %w", l.dir, err)
	}
	var all []error
	for _, f := range folders {
		p, ok := pipelineOf(f.Name())
		if !ok || !f.IsDir() {
			continue
		}
		if err := c.folder(ctx, p); err != nil {
			all = append(all, fmt.Errorf("compact the inference log %s: %w", filepath.Join(l.dir, f.Name()), err))
		}
	}
	return errors.Join(append(all, l.expire(ctx))...)
}

// pipelineOf is folder's way back.
func pipelineOf(folder string) (p pipeline, ok bool) {
	id, name, _ := strings.Cut(folder, "-")
	var err error
	if p.workspace, err = strconv.ParseInt(id, 10, 64); err != nil {
		return p, false
	}
	p.name, err = url.PathUnescape(name)
	return p, err == nil && p.folder() == folder
}

// hive is the pipeline's folder of Parquet files, below the log's directory.
func (p pipeline) hive() string {
	return fmt.Sprintf("%s/workspace=%d/pipeline=%s", parquetFolder, p.workspace, hiveValue(p.name))
}

// hiveValue escapes a partition's value as Hive does, so that Spark, DuckDB and pyarrow read it back.
func hiveValue(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// compactor compacts for whoever holds a folder's lock.
type compactor struct {
	log *Log
	all bool // also what is little and young, and without pauses

	worked  time.Time      // since the last pause
	until   time.Time      // others are waited for
	retired uint64         // bytes of segments when it began
	seen    uint64         // entries that the log had taken
	changed time.Time      // when that was seen to be more
	outputs []*output      // that are begun
	begun   map[string]int // of outputs, by columns
	columns map[*reader]string
	day     string
}

// output is a file on its way.
type output struct {
	path string // below the log's directory
	*stripeWriter
	done bool
}

// folder compacts a pipeline's.
func (c *compactor) folder(ctx context.Context, p pipeline) (err error) {
	dir := filepath.Join(c.log.dir, p.folder())
	if !c.due(dir) {
		return nil
	}
	if !c.isAwaited() {
		c.yield(ctx, compactTurn)
	}
	lock, err := lockFolder(dir)
	if lock == nil {
		return err
	}
	defer func() { err = errors.Join(err, release(lock)) }()
	segments, before, warnings, err := c.log.files(dir)
	if err != nil {
		return err
	}
	if len(warnings) > 0 {
		return fmt.Errorf("%s: nothing is compacted beside it", strings.Join(warnings, "; "))
	}
	for _, done := range before {
		if err := c.log.settle(dir, done); err != nil {
			return err
		}
	}
	if err := c.log.removeUnnamed(dir, p); err != nil {
		return err
	}
	c.worked, c.columns = time.Now(), map[*reader]string{}
	inputs := map[string][]*reader{} // by their columns
	for _, r := range segments {
		if r.live || len(r.damage) > 0 || len(r.records) == 0 {
			continue // what is damaged stays where it is, to be told of by each query
		}
		columns, err := c.columnsOf(ctx, r)
		if err != nil {
			return err
		}
		if columns != "" {
			c.columns[r] = columns
			inputs[columns] = append(inputs[columns], r)
		}
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(inputs)), mostBegun) {
		var portion []*reader
		for _, columns := range some {
			portion = append(portion, inputs[columns]...)
		}
		if err := c.merge(ctx, dir, portion); err != nil {
			return err
		}
	}
	return nil
}

// merge makes files of segments.
func (c *compactor) merge(ctx context.Context, dir string, inputs []*reader) (err error) {
	defer func() {
		if r := recover(); r != nil { // a fault of the Parquet library is not one of whoever logs
			err = fmt.Errorf("nothing is compacted: %v\n%s", r, debug.Stack())
		}
		err = errors.Join(err, c.tidy())
	}()
	made, err := c.write(ctx, inputs)
	if err != nil {
		return err
	}
	return c.log.commit(dir, made)
}

// due tells cheaply whether there is something to do.
func (c *compactor) due(dir string) bool {
	files, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	size, old := int64(0), false
	for _, f := range files {
		info, err := f.Info()
		switch {
		case err != nil:
		case strings.HasSuffix(f.Name(), dataSuffix):
			index, err := os.Open(indexPath(filepath.Join(dir, f.Name())))
			if err != nil {
				continue
			}
			if !isLocked(index) {
				size += info.Size()
				old = old || time.Since(info.ModTime()) > compactAge
			}
			_ = index.Close() // only looked at
		case strings.HasSuffix(f.Name(), compactedSuffix+unnamed):
			return true // a compaction was killed
		}
	}
	return c.all || old || size >= compactBytes
}

// lockFolder gives nil if another one has the lock.
func lockFolder(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, compactedMode)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = nil
		}
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// columnsOf tells which columns a segment has, if each of its batches can be read: else none.
func (c *compactor) columnsOf(ctx context.Context, r *reader) (columns string, err error) {
	for _, rec := range r.records {
		b, err := r.read(rec)
		if err != nil {
			return "", nil
		}
		if columns == "" {
			columns = encodeColumns(b.pipeline, b.layout)
		}
		if err := c.pause(ctx); err != nil {
			return "", err
		}
	}
	return columns, nil
}

// write merges segments into files, which are whole on the disk and verified then, but have not their names.
func (c *compactor) write(ctx context.Context, inputs []*reader) (*compaction, error) {
	made := &compaction{}
	s := &Scan{query: Query{Order: OldestFirst}, from: minTime, to: maxTime}
	s.opened.before = s.before
	for _, r := range inputs {
		made.Segments = append(made.Segments, r.name())
		s.add(r)
	}
	s.sort()
	c.begun = map[string]int{}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for s.mustOpen() {
			s.openNext()
		}
		if len(s.warnings) > 0 {
			return nil, errors.New(strings.Join(s.warnings, "; "))
		}
		if s.opened.Len() == 0 {
			break
		}
		src := s.opened.all[0].source
		s.pass()
		if err := c.add(ctx, src, located{s.batch, s.row, s.at}); err != nil {
			return nil, err
		}
	}
	for _, o := range c.outputs {
		if err := c.finish(ctx, o); err != nil {
			return nil, err
		}
		f := &compacted{Path: o.path, Size: o.sums.size, Sums: o.sums.all(), Stripes: o.stripes, root: c.log.dir}
		if err := o.verify(f, func() error { return c.pause(ctx) }); err != nil {
			return nil, fmt.Errorf("%s: %w", f.path(), err)
		}
		made.Files = append(made.Files, f)
	}
	return made, nil
}

// add puts a row into the file for its columns and its day.
func (c *compactor) add(ctx context.Context, src source, row located) error {
	day := time.UnixMilli(row.at.time).UTC().Format(dateLayout)
	if day != c.day {
		for _, at := range c.begun {
			if err := c.finish(ctx, c.outputs[at]); err != nil {
				return err
			}
		}
		clear(c.begun)
		c.day = day
	}
	key := c.columns[src.reader]
	at, ok := c.begun[key]
	if ok && c.outputs[at].full() {
		if err := c.finish(ctx, c.outputs[at]); err != nil {
			return err
		}
		ok = false
	}
	if !ok {
		o := &output{path: path.Join(row.pipeline.hive(), "date="+day, uniqueName()+parquetSuffix)}
		full := filepath.Join(c.log.dir, filepath.FromSlash(o.path))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			return err
		}
		var err error
		if o.stripeWriter, err = newStripeWriter(full+unnamed, row.pipeline, row.layout); err != nil {
			return err
		}
		at = len(c.outputs)
		c.outputs = append(c.outputs, o)
		c.begun[key] = at
	}
	o := c.outputs[at]
	before := len(o.stripes)
	if err := o.add(row, int(src.record.Size/uint64(src.record.Rows))); err != nil {
		return fmt.Errorf("%s: %w", o.path, err)
	}
	if len(o.stripes) > before {
		return c.pause(ctx)
	}
	return nil
}

func uniqueName() string { return time.Now().UTC().Format(timeLayout) + "-" + uuid.NewString() }

func (c *compactor) finish(ctx context.Context, o *output) error {
	if o.done {
		return nil
	}
	o.done = true
	if err := o.stripeWriter.finish(); err != nil {
		return fmt.Errorf("%s: %w", o.path, err)
	}
	return c.pause(ctx)
}

// pause leaves the processor to others after a turn of work, unless somebody waits.
func (c *compactor) pause(ctx context.Context) error {
	if worked := time.Since(c.worked); worked > compactTurn && !c.isAwaited() {
		c.yield(ctx, worked)
		c.worked = time.Now()
	}
	return c.log.goesOn(ctx)
}

// newCompactor is one that waits for others. It does not know yet that there are none.
func newCompactor(l *Log) *compactor {
	now := time.Now()
	return &compactor{log: l, until: now.Add(patience), retired: l.bytesRetired.Load(), seen: l.taken.Load(), changed: now}
}

func (c *compactor) isAwaited() bool { return c.all || c.log.awaited.Load() > 0 }

// yield leaves the processor to others for as long as it was used, and until nothing is logged any more: compacting takes as much of the processors
// and of the disk as answering does, and has time. But it does not wait for ever, nor while its work becomes much.
func (c *compactor) yield(ctx context.Context, worked time.Duration) {
	for wait := worked; ; wait = look {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if taken := c.log.taken.Load(); taken != c.seen {
			c.seen, c.changed = taken, time.Now()
		}
		if time.Since(c.changed) >= calm || c.isAwaited() || time.Now().After(c.until) || c.log.bytesRetired.Load()-c.retired > mostBacklog {
			return
		}
	}
}

// goesOn is an error when the work is to end.
func (l *Log) goesOn(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return os.ErrClosed
	}
	return ctx.Err()
}

// tidy removes files that did not come to be.
func (c *compactor) tidy() error {
	var all []error
	for _, o := range c.outputs {
		if !o.done {
			all = append(all, o.file.Close())
		}
		if err := os.Remove(filepath.Join(c.log.dir, filepath.FromSlash(o.path)) + unnamed); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	c.outputs, c.day = nil, ""
	return errors.Join(all...)
}

// commit makes the compaction hold.
func (l *Log) commit(dir string, c *compaction) error {
	synced := map[string]bool{}
	for _, f := range c.Files {
		for at := filepath.Dir(f.path()); !synced[at]; at = filepath.Dir(at) {
			if err := syncDir(at); err != nil {
				return err
			}
			synced[at] = true
			if at == l.dir {
				break
			}
		}
	}
	c.path = filepath.Join(dir, uniqueName()+compactedSuffix)
	if err := c.save(); err != nil {
		return err
	}
	return l.settle(dir, c)
}

// save writes the list, in the place of an older one.
func (c *compaction) save() error {
	text, err := c.encode()
	if err != nil {
		return err
	}
	made := c.path + unnamed
	file, err := os.OpenFile(made, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, compactedMode)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(made))
	}
	if err := os.Rename(made, c.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(c.path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// settle does what a compaction that holds has left to do.
func (l *Log) settle(dir string, c *compaction) error {
	renamed := map[string]bool{}
	for _, f := range c.Files {
		switch err := os.Rename(f.path()+unnamed, f.path()); {
		case err == nil:
			renamed[filepath.Dir(f.path())] = true
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	for day := range renamed {
		if err := syncDir(day); err != nil {
			return err
		}
	}
	for _, name := range c.Segments {
		data := filepath.Join(dir, name)
		for _, p := range []string{data, indexPath(data)} { // in this order: a segment without a sidecar is damaged
			if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// removeUnnamed removes what a compaction left that was killed before it held.
func (l *Log) removeUnnamed(dir string, p pipeline) error {
	lists, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+compactedSuffix+unnamed))
	files, _ := filepath.Glob(filepath.Join(escapeGlob(l.dir), escapeGlob(filepath.FromSlash(p.hive())), "date=*", "*"+parquetSuffix+unnamed)) // the patterns are well formed
	var all []error
	for _, path := range slices.Concat(lists, files) {
		all = append(all, os.Remove(path))
	}
	return errors.Join(all...)
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// files lists what a folder's entries are in now.
func (l *Log) files(dir string) (segments []*reader, compactions []*compaction, warnings []string, err error) {
	for {
		names, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, nil, err
		}
		if compactions, warnings, err = l.compactions(dir); err != nil {
			return nil, nil, nil, err
		}
		moved := map[string]bool{}
		for _, c := range compactions {
			for _, name := range c.Segments {
				moved[name] = true
			}
		}
		segments = segments[:0]
		gone := false
		for _, f := range names {
			if !strings.HasSuffix(f.Name(), dataSuffix) || moved[f.Name()] {
				continue
			}
			r := openReader(filepath.Join(dir, f.Name()))
			gone = gone || len(r.damage) > 0 && !exists(r.path) // it was compacted since
			segments = append(segments, r)
		}
		if !gone {
			return segments, compactions, warnings, nil
		}
	}
}
