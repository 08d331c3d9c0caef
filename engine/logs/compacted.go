package logs

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go"
)

const (
	compactedSuffix = ".compacted"
	parquetSuffix   = ".parquet"
	unnamed         = ".tmp"    // behind the name of a file until it is to be found
	parquetFolder   = "parquet" // of the log's directory; a pipeline's folder begins with a digit
	block           = 64 << 10  // bytes under one checksum
	compactedMagic  = "JLC2 "   // and a CRC-32C in hexadecimal, a line's end, JSON, another one, and for each file its stripes and sums
	oldestCompacted = "JLC1 "   // which had them in the JSON, too
	mostOpened      = 64        // footers kept in memory
	keptBytes       = 16 << 20  // bytes of the stripes read last, kept in memory: a few, for the newest page and those behind it
	lastWindow      = 1 << 20   // of a column, read at once where it is read on and on
)

// compaction says which segments are in which Parquet files now. The moment at which it has its name is the one at which it
// holds: from then on its files are read and its segments are not, whether or not those are still there.
type compaction struct {
	Segments []string     `json:"segments"`
	Files    []*compacted `json:"files"`

	path string
}

// compacted is a Parquet file. Its footer has no checksum and its reader believes lengths, so all of it has one here, as a sidecar has it of
// a segment.
type compacted struct {
	Path    string   `json:"path"` // below the log's directory
	Size    int64    `json:"size"`
	Sums    []uint32 `json:"sums"`    // CRC-32C of each block
	Stripes []stripe `json:"stripes"` // in the order of their rows, which is the order of places

	root string // the log's directory
}

// stripe is rows that are one page in each column.
type stripe struct {
	Rows  int   `json:"rows"`
	Group int   `json:"group"` // of rows
	Min   int64 `json:"min"`   // times, milliseconds since 1970
	Max   int64 `json:"max"`
}

// compactionText is its JSON, without what is long: that would take most of the time of a first query.
type compactionText struct {
	Segments []string   `json:"segments"`
	Files    []fileText `json:"files"`
}

type fileText struct {
	Path    string `json:"path"`
	Size    int64  `json:"size"`
	Stripes int    `json:"stripes"` // how many
}

func (c *compaction) encode() ([]byte, error) {
	lean := compactionText{Segments: c.Segments}
	var packed []byte
	for _, f := range c.Files {
		lean.Files = append(lean.Files, fileText{f.Path, f.Size, len(f.Stripes)})
		packed = f.pack(packed)
	}
	text, err := json.Marshal(lean)
	if err != nil {
		return nil, err
	}
	text = append(append(text, '\n'), packed...)
	return append(fmt.Appendf(nil, "%s%08x\n", compactedMagic, checksum(text)), text...), nil
}

// pack appends the stripes, as variable lengths of what is new, and the sums.
func (f *compacted) pack(to []byte) []byte {
	group, first := 0, int64(0)
	for _, s := range f.Stripes {
		for _, n := range []int64{int64(s.Rows), int64(s.Group - group), s.Min - first, s.Max - s.Min} {
			to = binary.AppendVarint(to, n)
		}
		group, first = s.Group, s.Min
	}
	for _, sum := range f.Sums {
		to = binary.LittleEndian.AppendUint32(to, sum)
	}
	return to
}

// unpack is pack's way back, and gives what is behind.
func (f *compacted) unpack(from []byte, stripes int) ([]byte, error) {
	short := fmt.Errorf("the stripes or sums of %s are cut short", f.Path)
	if stripes < 0 || stripes > len(from) {
		return nil, short
	}
	f.Stripes = make([]stripe, stripes)
	last := stripe{}
	for i := range f.Stripes {
		var next [4]int64
		for j := range next {
			n, size := binary.Varint(from)
			if size <= 0 {
				return nil, short
			}
			next[j], from = n, from[size:]
		}
		first := last.Min + next[2]
		last = stripe{int(next[0]), last.Group + int(next[1]), first, first + next[3]}
		f.Stripes[i] = last
	}
	sums := sumsOf(f.Size)
	if int64(len(from)) < 4*sums {
		return nil, short
	}
	f.Sums = make([]uint32, sums)
	for i := range f.Sums {
		f.Sums[i] = binary.LittleEndian.Uint32(from[4*i:])
	}
	return from[4*sums:], nil
}

// sumsOf is how many sums a file of that size has.
func sumsOf(size int64) int64 { return max(size, 0)/block + min(max(size, 0)%block, 1) }

// decodeCompaction believes nothing before the checksum, and only what the files can be afterwards.
func decodeCompaction(b []byte) (*compaction, error) {
	head, text, _ := bytes.Cut(b, []byte("\n"))
	c := new(compaction)
	var err error
	switch sum := checksum(text); string(head) {
	case fmt.Sprintf("%s%08x", compactedMagic, sum):
		err = c.decode(text)
	case fmt.Sprintf("%s%08x", oldestCompacted, sum):
		err = json.Unmarshal(text, c)
	default:
		err = errors.New("the checksum does not hold")
	}
	if err != nil {
		return nil, err
	}
	for _, name := range c.Segments {
		if name != filepath.Base(name) || !strings.HasSuffix(name, dataSuffix) {
			return nil, fmt.Errorf("%q is no segment", name)
		}
	}
	for _, f := range c.Files {
		if f == nil || len(f.Stripes) == 0 || !filepath.IsLocal(f.Path) || f.Size < 0 || int64(len(f.Sums)) != sumsOf(f.Size) {
			return nil, errors.New("a file is not as one is")
		}
		for i, s := range f.Stripes {
			if s.Rows <= 0 || s.Min > s.Max || s.Group < 0 || i > 0 && (s.Group < f.Stripes[i-1].Group || s.Min < f.Stripes[i-1].Min) {
				return nil, fmt.Errorf("stripe %d of %s is not as one is", i, f.Path)
			}
		}
	}
	return c, nil
}

func (c *compaction) decode(b []byte) error {
	line, packed, _ := bytes.Cut(b, []byte("\n"))
	var lean compactionText
	if err := json.Unmarshal(line, &lean); err != nil {
		return err
	}
	c.Segments = lean.Segments
	for _, t := range lean.Files {
		f := &compacted{Path: t.Path, Size: t.Size}
		var err error
		if packed, err = f.unpack(packed, t.Stripes); err != nil {
			return err
		}
		c.Files = append(c.Files, f)
	}
	if len(packed) > 0 {
		return fmt.Errorf("%d bytes are behind its files", len(packed))
	}
	return nil
}

func (f *compacted) name() string { return filepath.Base(f.Path) }
func (f *compacted) path() string { return filepath.Join(f.root, filepath.FromSlash(f.Path)) }

// rows, min and max are over all stripes.
func (f *compacted) rows() (n int) {
	for _, s := range f.Stripes {
		n += s.Rows
	}
	return n
}

func (f *compacted) min() int64 { return f.Stripes[0].Min }

func (f *compacted) max() int64 {
	return slices.MaxFunc(f.Stripes, func(a, b stripe) int { return cmp.Compare(a.Max, b.Max) }).Max
}

// onFile does something with the file under the name that it has: until a compaction is through it may be its first one.
func onFile[T any](f *compacted, do func(path string) (T, error)) (T, error) {
	done, err := do(f.path())
	if !errors.Is(err, fs.ErrNotExist) {
		return done, err
	}
	if done, err = do(f.path() + unnamed); errors.Is(err, fs.ErrNotExist) {
		return do(f.path()) // it was renamed in between
	}
	return done, err
}

// atRest is what a Log remembers of compacted files, which never change but for the list of them.
type atRest struct {
	mu          sync.Mutex
	compactions map[string]rememberedCompaction
	opened      map[string]*footer
	kept        []*keptStripe // the last one read is the last
}

// keptStripe is what was read of a stripe. Nobody writes on an array, and entries are copies.
type keptStripe struct {
	file    *parquet.File
	nth     int
	columns map[int]arrow.Array
	size    int
}

// column is a kept one, or nil.
func (r *atRest) column(file *parquet.File, nth, column int) arrow.Array {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.find(file, nth); at >= 0 {
		return r.kept[at].columns[column]
	}
	return nil
}

func (r *atRest) find(file *parquet.File, nth int) int {
	return slices.IndexFunc(r.kept, func(k *keptStripe) bool { return k.file == file && k.nth == nth })
}

// keep keeps a column that was read, and lets go of those that were read first.
func (r *atRest) keep(file *parquet.File, nth, column int, a arrow.Array) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.find(file, nth)
	if at < 0 {
		at = len(r.kept)
		r.kept = append(r.kept, &keptStripe{file: file, nth: nth, columns: map[int]arrow.Array{}})
	}
	r.kept[at].columns[column] = a
	r.kept[at].size += int(a.Data().SizeInBytes())
	size := 0
	for _, k := range r.kept {
		size += k.size
	}
	for ; size > keptBytes; r.kept = slices.Delete(r.kept, 0, 1) {
		size -= r.kept[0].size
	}
}

type rememberedCompaction struct {
	info fs.FileInfo
	*compaction
}

// compactions reads those of a folder. Their segments must have been listed before: one that is not in that list and not in these was never
// there or was removed on purpose.
func (l *Log) compactions(dir string) (all []*compaction, warnings []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	there := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), compactedSuffix) {
			continue
		}
		there[filepath.Join(dir, f.Name())] = true
		c, err := l.compaction(filepath.Join(dir, f.Name()))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			warnings = append(warnings, fmt.Sprintf("inference log %s: set aside the Parquet files that it lists: %v", filepath.Join(dir, f.Name()), err))
		default:
			all = append(all, c)
		}
	}
	l.rest.mu.Lock()
	defer l.rest.mu.Unlock()
	maps.DeleteFunc(l.rest.compactions, func(path string, _ rememberedCompaction) bool { return filepath.Dir(path) == dir && !there[path] })
	return all, warnings, nil
}

func (l *Log) compaction(path string) (*compaction, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	l.rest.mu.Lock()
	known, ok := l.rest.compactions[path]
	l.rest.mu.Unlock()
	if ok && unchanged(known.info, info) {
		return known.compaction, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := decodeCompaction(text)
	if err != nil {
		return nil, err
	}
	c.path = path
	for _, f := range c.Files {
		f.root = l.dir
	}
	l.rest.mu.Lock()
	defer l.rest.mu.Unlock()
	if l.rest.compactions == nil {
		l.rest.compactions = map[string]rememberedCompaction{}
	}
	l.rest.compactions[path] = rememberedCompaction{info, c}
	return c, nil
}

func unchanged(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// footer is what a Parquet file says of itself.
type footer struct {
	info     fs.FileInfo
	file     *parquet.File
	pipeline pipeline
	layout   layout
	schema   *arrow.Schema // of the columns that a segment has
	starts   []int64       // of each stripe in its row group
}

func (l *Log) footer(f *compacted) (*footer, error) {
	info, err := onFile(f, os.Stat)
	if err != nil {
		return nil, err
	}
	l.rest.mu.Lock()
	known := l.rest.opened[f.Path]
	l.rest.mu.Unlock()
	if known != nil && unchanged(known.info, info) {
		return known, nil
	}
	read, err := readFooter(f)
	if err != nil {
		return nil, err
	}
	read.info = info
	l.rest.mu.Lock()
	defer l.rest.mu.Unlock()
	if l.rest.opened == nil || len(l.rest.opened) >= mostOpened {
		l.rest.opened = map[string]*footer{}
	}
	l.rest.opened[f.Path] = read
	return read, nil
}

func readFooter(f *compacted) (*footer, error) {
	file, err := parquet.OpenFile(&window{of: f}, f.Size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(block))
	if err != nil {
		return nil, err
	}
	read := &footer{file: file}
	text, _ := file.Lookup(metaColumns)
	if read.pipeline, read.layout, err = decodeColumns(text); err != nil {
		return nil, err
	}
	read.schema = read.layout.schema(read.pipeline)
	groups := file.RowGroups()
	start := int64(0)
	for i, s := range f.Stripes {
		if i == 0 || s.Group != f.Stripes[i-1].Group {
			start = 0
		}
		if s.Group >= len(groups) || len(groups[s.Group].ColumnChunks()) != read.schema.NumFields()+origins {
			return nil, errors.New("it has other row groups or columns than it is to have")
		}
		read.starts = append(read.starts, start)
		start += int64(s.Rows)
	}
	return read, nil
}

// stripes reads the stripes of a file for one goroutine.
type stripes struct {
	of    *compacted
	log   *Log
	pages []*columnPages // by column: each may be read by a goroutine of its own
}

type columnPages struct {
	group int
	*parquet.FilePages
}

// read gives a stripe as a batch, whose columns are read when they are needed.
func (s *stripes) read(nth int) (*batch, error) {
	foot, err := s.log.footer(s.of)
	if err != nil {
		return nil, err
	}
	s.begin(foot)
	b := &batch{pipeline: foot.pipeline, layout: foot.layout, columns: make([]arrow.Array, foot.schema.NumFields())}
	b.load = func(i int) (arrow.Array, error) { return s.column(foot, nth, i, foot.schema.Field(i).Type) }
	b.from = func() ([]place, error) { return s.places(foot, nth, b.times) }
	return b, b.readTimes()
}

func (s *stripes) begin(foot *footer) {
	if s.pages == nil {
		s.pages = make([]*columnPages, foot.schema.NumFields()+origins)
	}
}

// column gives one column of a stripe.
func (s *stripes) column(foot *footer, nth, column int, t arrow.DataType) (arrow.Array, error) {
	if s.log == nil {
		return s.readColumn(foot, nth, column, t)
	}
	if a := s.log.rest.column(foot.file, nth, column); a != nil {
		return a, nil
	}
	a, err := s.readColumn(foot, nth, column, t)
	if err == nil {
		s.log.rest.keep(foot.file, nth, column, a)
	}
	return a, err
}

func (s *stripes) readColumn(foot *footer, nth, column int, t arrow.DataType) (arrow.Array, error) {
	stripe := s.of.Stripes[nth]
	pages := s.pages[column]
	if pages == nil || pages.group != stripe.Group {
		chunk, ok := foot.file.RowGroups()[stripe.Group].ColumnChunks()[column].(*parquet.FileColumnChunk)
		if !ok {
			return nil, fmt.Errorf("column %d is not in the file", column)
		}
		from := &window{of: s.of}
		if _, err := chunk.OffsetIndexFrom(from); err != nil {
			return nil, err
		}
		pages = &columnPages{stripe.Group, chunk.PagesFrom(from)}
		s.pages[column] = pages
	}
	if err := pages.SeekToRow(foot.starts[nth]); err != nil {
		return nil, err
	}
	page, err := pages.ReadPage()
	if err != nil {
		s.pages[column] = nil
		return nil, err
	}
	if page.NumRows() != int64(stripe.Rows) {
		return nil, fmt.Errorf("column %d has a page of %d rows, not %d", column, page.NumRows(), stripe.Rows)
	}
	return arrayOf(page, stripe.Rows, t) // the page is not released: the array is over its memory
}

// window reads a file piece by piece, each once its checksum held. The file is opened each time, as a segment is.
type window struct {
	of    *compacted
	bytes []byte
	start int64 // of bytes in the file; at a block's beginning
	next  int   // bytes to read at once
}

func (w *window) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at < 0 || at >= w.of.Size {
			return n, io.EOF
		}
		if at < w.start || at >= w.start+int64(len(w.bytes)) {
			if err := w.load(at, len(p)-n); err != nil {
				return n, err
			}
		}
		more := copy(p[n:], w.bytes[at-w.start:])
		n, at = n+more, at+int64(more)
	}
	return n, nil
}

func (w *window) load(at int64, wanted int) error {
	sequential := w.bytes != nil && at == w.start+int64(len(w.bytes))
	if w.next == 0 || !sequential {
		w.next = block
	}
	first := at / block
	size := max(int64(w.next), (at%block+int64(wanted)+block-1)/block*block)
	size = min(size, w.of.Size-first*block)
	w.next = min(2*w.next, lastWindow)
	file, err := onFile(w.of, os.Open)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	if info, err := file.Stat(); err != nil {
		return err
	} else if info.Size() != w.of.Size {
		return fmt.Errorf("it has %d bytes, not %d", info.Size(), w.of.Size)
	}
	if w.bytes = w.bytes[:0]; int64(cap(w.bytes)) < size {
		w.bytes = make([]byte, 0, size)
	}
	b := w.bytes[:size]
	if _, err := file.ReadAt(b, first*block); err != nil {
		return err
	}
	for i := int64(0); i*block < size; i++ {
		if part := b[i*block : min((i+1)*block, size)]; checksum(part) != w.of.Sums[first+i] {
			if i == 0 {
				return fmt.Errorf("the checksum does not hold at byte %d", (first+i)*block)
			}
			b = b[:i*block] // what is before it can be read
			break
		}
	}
	w.bytes, w.start = b, first*block
	return nil
}

// summing notes the checksum of each block that it writes on.
type summing struct {
	to   io.Writer
	sums []uint32
	sum  uint32
	size int64
}

func (s *summing) Write(b []byte) (int, error) {
	n, err := s.to.Write(b)
	for b := b[:n]; len(b) > 0; {
		part := b[:min(int64(len(b)), block-s.size%block)]
		s.sum = crc32.Update(s.sum, castagnoli, part)
		s.size += int64(len(part))
		if s.size%block == 0 {
			s.sums, s.sum = append(s.sums, s.sum), 0
		}
		b = b[len(part):]
	}
	return n, err
}

// all are the checksums, also of the last block if it is not full.
func (s *summing) all() []uint32 {
	if s.size%block == 0 {
		return s.sums
	}
	return append(s.sums, s.sum)
}
