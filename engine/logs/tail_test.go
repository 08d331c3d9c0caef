package logs

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// whatIsLeft is the log's directory as a process that dies now would leave it: a copy, which nobody has locked.
func whatIsLeft(t testing.TB, dir string) string {
	t.Helper()
	left := t.TempDir()
	require.NoError(t, os.CopyFS(left, os.DirFS(dir)))
	return left
}

// find is what a Log that opens in the directory finds, and is told.
func find(t testing.TB, dir string) Page {
	t.Helper()
	page, err := openLog(t, dir, Options{}).Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: math.MaxInt})
	require.NoError(t, err)
	return page
}

func TestAppendedEntriesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	for _, mode := range []Durability{SyncInterval, SyncOff, SyncAck} {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l := openLog(t, dir, Options{Durability: mode, Interval: time.Hour, Rows: 7})
			r := rand.New(rand.NewPCG(7, uint64(mode)))
			var want []Entry
			for i := range 60 {
				e := anyEntry(r, noon.Add(time.Duration(i)*time.Millisecond))
				appendAll(t, l, e)
				want = append([]Entry{e}, want...)
				if i%5 > 0 {
					continue
				}
				left := whatIsLeft(t, dir)
				page := find(t, left)
				require.Empty(t, page.Warnings)
				require.Equal(t, exactAll(want), exactAll(page.Entries))
				require.Empty(t, leftTails(t, left))
				require.Equal(t, exactAll(want), exactAll(find(t, left).Entries), "and they stay there once")
			}
			require.Equal(t, exactAll(want), exactAll(all(t, l)))
		})
	}
}

// What the writer does between a batch and the next is not done at once: each half of it may be what is left.
func TestBatchesThatAreHalfWrittenAreThereOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour})
	var want []string
	step := func(from int) {
		for i := range 3 {
			appendAll(t, l, shadowEntry(from+i))
			want = append([]string{exact(shadowEntry(from + i))}, want...)
		}
	}
	tool := startTools(t)
	flushed := func(path string, change func(data, index []byte) (int, int)) {
		t.Helper()
		left := whatIsLeft(t, dir)
		before := leftTails(t, left)[0]
		tail, err := os.ReadFile(before)
		require.NoError(t, err)
		require.NoError(t, l.Flush(t.Context()))
		left = whatIsLeft(t, dir)
		require.NoError(t, os.WriteFile(leftTails(t, left)[0], tail, 0o600))
		segment := segmentsOf(t, left)[0]
		data, err := os.ReadFile(segment)
		require.NoError(t, err)
		index, err := os.ReadFile(indexPath(segment))
		require.NoError(t, err)
		d, i := change(data, index)
		require.NoError(t, os.Truncate(segment, int64(d)))
		require.NoError(t, os.Truncate(indexPath(segment), int64(i)))
		page := find(t, left)
		require.Empty(t, page.Warnings, path)
		require.Equal(t, want, exactAll(page.Entries), path)
		tool.check(t, left, len(want))
	}
	step(0)
	flushed("the batch is written, the tail is not restarted", func(d, i []byte) (int, int) { return len(d), len(i) })
	step(3)
	flushed("the record is missing", func(d, i []byte) (int, int) { return len(d), len(i) - recordSize })
	step(6)
	flushed("the record is cut", func(d, i []byte) (int, int) { return len(d), len(i) - 9 })
	step(9)
	flushed("the batch is cut", func(d, i []byte) (int, int) { return len(d) - 100, len(i) - recordSize })
}

// While one caller writes a batch others append the next one's entries. What a process leaves that dies then has both.
func TestAppendGoesOnWhileABatchIsWritten(t *testing.T) {
	t.Parallel()
	const head, batch, record = 1, 2, 3 // the writes of the first batch; those of later ones have no head
	for name, c := range map[string]struct{ before, stops int }{
		"the first batch": {0, batch}, "its record": {0, record}, "a later batch": {4, record + 1}, "its record too": {4, record + 2}, "the head": {0, head},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, at, let, count := t.TempDir(), make(chan struct{}), make(chan struct{}), 0
			d := new(disk)
			hold := func() {
				if count++; count == c.stops {
					close(at)
					<-let
				}
			}
			l := openLog(t, dir, Options{Interval: time.Hour, Rows: 4, create: d.create})
			goOn := sync.OnceFunc(func() { close(let) })
			defer goOn()
			var want []string
			add := func(i int) {
				want = append([]string{exact(shadowEntry(i))}, want...)
				appendAll(t, l, shadowEntry(i))
			}
			for i := range c.before + 3 {
				add(i)
				d.writes = hold // after those of the tail
			}
			last := shadowEntry(c.before + 3)
			want = append([]string{exact(last)}, want...)
			wrote := make(chan error, 1)
			go func() { wrote <- l.Append(context.Background(), last) }()
			<-at
			for i := range 3 {
				add(c.before + 4 + i)
			}
			left := whatIsLeft(t, dir)
			copied := whatIsLeft(t, left)
			page := find(t, left)
			require.Empty(t, page.Warnings)
			require.Equal(t, want, exactAll(page.Entries))
			startTools(t).check(t, left, len(want))

			// If nothing is left of the batch that was written, the next one is there all the same.
			path := leftTails(t, copied)[0]
			tail, err := os.ReadFile(path)
			require.NoError(t, err)
			start := aligned(tailHeadSize + int(binary.LittleEndian.Uint32(tail[4:])))
			for _, room := range [][]byte{tail[start:][:tailRoom], tail[start+tailRoom:]} {
				if head, ok := readRowHead(room); ok && head.Offset != behind {
					for range 4 {
						room[0] ^= 1
						room = room[rowHeadSize+aligned(int(binary.LittleEndian.Uint32(room[20:]))):]
					}
				}
			}
			require.NoError(t, os.WriteFile(path, tail, 0o600))
			page = find(t, copied)
			require.Regexp(t, `dropped \d+ bytes`, strings.Join(page.Warnings, "\n"))
			require.Equal(t, append(want[:3:3], want[7:]...), exactAll(page.Entries))

			goOn()
			require.NoError(t, <-wrote)
			require.Equal(t, want, exactAll(all(t, l)))
		})
	}
}

func TestTailsOfLivingWritersAreLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour})
	appendAll(t, l, shadowEntry(0))
	page := find(t, dir)
	require.Empty(t, page.Entries)
	require.Empty(t, page.Warnings)
	require.Len(t, leftTails(t, dir), 1)
	appendAll(t, l, shadowEntry(1))
	require.Len(t, all(t, l), 2)
	require.NoError(t, l.Close())
	require.Empty(t, leftTails(t, dir))
	require.Len(t, find(t, dir).Entries, 2)
}

// leftTail is what a writer leaves that dies after ten entries in its third batch.
func leftTail(t testing.TB) (dir, path string, rows int, known map[string]bool) {
	t.Helper()
	live := t.TempDir()
	l, err := Open(live, Options{Interval: time.Hour, Rows: 12})
	require.NoError(t, err)
	known = map[string]bool{}
	for i := range 34 {
		appendAll(t, l, shadowEntry(i))
		known[exact(shadowEntry(i))] = true
	}
	dir = whatIsLeft(t, live)
	require.NoError(t, l.Close())
	s := l.segments[pipeline{1, "cc-shadow"}]
	require.Nil(t, s)
	return dir, leftTails(t, dir)[0], 10, known
}

// damageTail puts other bytes where the tail is, without what an earlier recovery has written.
func damageTail(t testing.TB, from, path string, tail []byte) string {
	t.Helper()
	dir := whatIsLeft(t, from)
	require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(filepath.Dir(path)), filepath.Base(path)), tail, 0o600))
	return dir
}

func TestTailsOfOlderJoeysAreRead(t *testing.T) {
	t.Parallel()
	_, path, rows, _ := leftTail(t)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b = b[:len(b)-tailRoom]
	copy(b, oneRoom)
	binary.LittleEndian.PutUint32(b[12:], checksum(b[:12]))
	left, err := readTail(bytes.NewReader(b))
	require.NoError(t, err)
	require.Len(t, left.rows, rows)
}

func TestDamagedTailsGiveTheirWholeEntries(t *testing.T) {
	t.Parallel()
	dir, path, rows, known := leftTail(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	left, err := readTail(strings.NewReader(string(whole)))
	require.NoError(t, err)
	require.Equal(t, rows, len(left.rows))
	start := aligned(tailHeadSize + len(left.head))
	used := start
	for _, r := range left.rows[:rows] {
		used += rowHeadSize + aligned(len(r.body))
	}
	check := func(tail []byte, least, most int) string {
		page := find(t, damageTail(t, dir, path, tail))
		require.Len(t, page.Warnings, 1)
		require.Contains(t, page.Warnings[0], filepath.Base(path))
		require.GreaterOrEqual(t, len(page.Entries)-24, least)
		require.LessOrEqual(t, len(page.Entries)-24, most)
		for _, e := range page.Entries {
			require.True(t, known[exact(e)])
		}
		return page.Warnings[0]
	}
	t.Run("flipped", func(t *testing.T) {
		r := rand.New(rand.NewPCG(8, 9))
		for range 60 {
			tail := append([]byte{}, whole...)
			at := start + r.IntN(used-start)
			tail[at] ^= byte(1 + r.IntN(255))
			if warnings := find(t, damageTail(t, dir, path, tail)).Warnings; len(warnings) == 0 {
				continue // a zero behind a row's end
			}
			require.Regexp(t, `dropped \d+ bytes.*kept as`, check(tail, rows-1, rows-1))
		}
		for range 10 {
			tail := append([]byte{}, whole...)
			tail[r.IntN(start-7)] ^= byte(1 + r.IntN(255))
			require.Contains(t, check(tail, 0, 0), "its beginning is damaged")
		}
	})
	t.Run("torn", func(t *testing.T) {
		tail := append([]byte{}, whole...)
		last := left.rows[rows-1]
		clear(tail[used-aligned(len(last.body)/2):])
		require.Contains(t, check(tail, rows-1, rows-1), fmt.Sprintf("dropped %d bytes", rowHeadSize+len(last.body)))
	})
	t.Run("cut", func(t *testing.T) {
		for cut := 0; cut < used; cut += 97 {
			page := find(t, damageTail(t, dir, path, whole[:cut]))
			require.GreaterOrEqual(t, len(page.Entries), 24)
			require.LessOrEqual(t, len(page.Entries), 33)
		}
	})
}

// A file that is cut has no pages for the row: the processor's fault becomes an error.
func TestATailThatIsCutWhileItIsMappedIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour})
	appendAll(t, l, shadowEntry(0))
	path := leftTails(t, dir)[0]
	require.NoError(t, os.Truncate(path, 0))
	failure := new(WriteError)
	require.ErrorAs(t, l.Append(t.Context(), shadowEntry(1)), &failure)
	assert.ErrorContains(t, failure, path)
	assert.ErrorContains(t, failure, "an entry was not taken")
	appendAll(t, l, shadowEntry(2))
	require.Equal(t, exactAll([]Entry{shadowEntry(2), shadowEntry(0)}), exactAll(all(t, l)))
}

func TestEntriesThatAreTooLargeForATailAreWrittenAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour})
	large := shadowEntry(1)
	large.Input.Fields[0] = doubles("tensor", make([]float64, tailRoom)...)
	long := shadowEntry(3) // larger than its values, for its names
	long.PipelineVersion = strings.Repeat("v", tailRoom)
	entries := []Entry{shadowEntry(0), large, shadowEntry(2), long, shadowEntry(4)}
	var want []string
	for _, e := range entries {
		appendAll(t, l, e)
		want = append([]string{exact(e)}, want...)
		require.Equal(t, want, exactAll(find(t, whatIsLeft(t, dir)).Entries))
	}
}

// What a disk refuses of a large entry is written when it takes writes again, and what came before it stays in front.
func TestALargeEntryWaitsForAFullDisk(t *testing.T) {
	t.Parallel()
	d, told, dir := new(disk), newWarnings(), t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour, create: d.create, Warn: told.add})
	large := shadowEntry(1)
	large.Outputs = repeated([]tensor.Named{floats("a", 1, 2, 3), floats("b", 4)}, tailRoom/8)
	small := shadowEntry(0)
	small.Outputs = []tensor.Named{floats("a", 1), floats("b", 2)}
	appendAll(t, l, small)
	d.fail(syscall.ENOSPC, nil)
	failure := new(WriteError)
	require.ErrorAs(t, l.Append(t.Context(), large), &failure)
	require.Zero(t, failure.InMemory, "it was not taken: what is before it could not be written")
	d.fail(nil, nil)
	require.NoError(t, l.Flush(t.Context()))
	d.fail(syscall.ENOSPC, nil)
	require.ErrorAs(t, l.Append(t.Context(), large), &failure)
	require.Equal(t, 1, failure.InMemory)
	d.fail(nil, nil)
	appendAll(t, l, small, large)
	require.True(t, slices.Equal(exactAll([]Entry{large, large, small, small}), exactAll(find(t, whatIsLeft(t, dir)).Entries)))
}

func FuzzTail(f *testing.F) {
	dir, path, _, known := leftTail(f)
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(whole[:8000], 0, byte(0))
	f.Add(whole[:8000], 5000, byte(1))
	f.Add([]byte(tailMagic), 0, byte(0))
	f.Fuzz(func(t *testing.T, tail []byte, at int, flip byte) {
		if at >= 0 && at < len(tail) {
			tail[at] ^= flip
		}
		for _, e := range find(t, damageTail(t, dir, path, tail)).Entries {
			if !known[exact(e)] {
				t.Fatalf("an entry that nobody wrote: %s", exact(e))
			}
		}
	})
}

func FuzzRow(f *testing.F) {
	e := anyEntry(rand.New(rand.NewPCG(1, 1)), noon)
	cells, _, err := cellsOf(e)
	require.NoError(f, err)
	columns := layout{}.with(cells)
	var m rowMaker
	require.NoError(f, m.make(&e, columns, tailRoom))
	require.Equal(f, made, m.fate)
	f.Add(m.row)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, cells, err := readRow(b, columns)
		if err == nil && !columns.fits(cells) {
			t.Fatalf("cells that do not fit: %v of %v", cells, e)
		}
	})
}

// What a writer had begun to write of a large entry when it died is taken off, told once, and kept.
func TestWhatWasBegunOfALargeEntryIsTakenOff(t *testing.T) {
	t.Parallel()
	for _, before := range []int{0, 1} {
		dir := t.TempDir()
		l := openLog(t, dir, Options{Interval: time.Hour})
		large := shadowEntry(0)
		large.Outputs = repeated([]tensor.Named{floats("a", 1, 2, 3), floats("b", 4)}, tailRoom/8)
		appendAll(t, l, large, large)
		left := whatIsLeft(t, dir)
		path := segmentsOf(t, left)[0]
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.Truncate(path, info.Size()/2*int64(1+before)-1000)) // in the first or the second of them
		require.NoError(t, os.Truncate(indexPath(path), int64(before)*recordSize))
		page := find(t, left)
		require.Len(t, page.Entries, before)
		require.Len(t, page.Warnings, 1)
		require.Regexp(t, `dropped \d+ bytes, which are no whole entry; they are kept as .*\.arrows\.damaged`, page.Warnings[0])
		require.FileExists(t, path+damagedSuffix)
		page = find(t, left)
		require.Len(t, page.Entries, before)
		require.Empty(t, page.Warnings)
		require.Len(t, segmentsOf(t, left), before, "a stream without a batch, which other tools cannot read, does not stay")
		if before == 0 { // the writer had only made the file
			left = whatIsLeft(t, dir)
			path = segmentsOf(t, left)[0]
			require.NoError(t, errors.Join(os.Truncate(path, 0), os.Truncate(indexPath(path), 0)))
			require.Empty(t, find(t, left).Warnings)
			require.Empty(t, segmentsOf(t, left))
		}
	}
}

// A child has its parent's files until its program begins.
func TestLocksEndWithTheirFiles(t *testing.T) {
	t.Parallel()
	path, stop := filepath.Join(t.TempDir(), "f"), make(chan struct{})
	var children sync.WaitGroup
	children.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				assert.NoError(t, exec.Command("true").Run())
			}
		}
	})
	defer children.Wait()
	defer close(stop)
	for range 2000 {
		f, err := create(path)
		require.NoError(t, err)
		require.NoError(t, lock(f))
		require.NoError(t, release(f))
		other, err := os.Open(path)
		require.NoError(t, err)
		require.False(t, isLocked(other))
		require.NoError(t, release(other))
	}
}
