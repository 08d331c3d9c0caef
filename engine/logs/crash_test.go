package logs

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// childDir makes the test binary a process that appends to the log in this directory until it is killed.
const childDir = "JOEY_TEST_LOG_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, appendForever(dir, os.Args[1]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// appendForever prints, after each Append, how many entries of this writer must be there from now on. Its name's first letter
// says how it syncs, or that it only compacts; one in capitals compacts while it appends.
func appendForever(dir, writer string) error {
	mode := map[string]Durability{"a": SyncAck, "i": SyncInterval, "o": SyncOff}[strings.ToLower(writer[:1])]
	l, err := Open(dir, Options{Durability: mode, Interval: 3 * time.Millisecond, Rows: 50})
	if err != nil {
		return err
	}
	compactForever := func(done func(n int)) error {
		for n := 1; ; n++ {
			if err := l.Compact(context.Background()); err != nil {
				return err
			}
			done(n)
		}
	}
	switch {
	case writer[0] == 'c':
		return compactForever(func(n int) { fmt.Println(n) })
	case writer[0] < 'a':
		go func() {
			fmt.Fprintln(os.Stderr, compactForever(func(int) {}))
			os.Exit(1)
		}()
	}
	for n := 0; ; n++ {
		if err := l.Append(context.Background(), writtenBy(writer, n)); err != nil {
			return err
		}
		fmt.Println(n + 1)
	}
}

func writtenBy(writer string, n int) Entry {
	e := shadowEntry(n)
	e.PipelineVersion = writer
	if n%100 > 90 { // a new segment now and then
		e.Outputs[0].Tensor = tensor.Tensor{Type: tensor.Int64, Shape: []int64{1}, Data: []int64{int64(n)}}
	}
	if n%100 == 99 { // too large for a tail
		values := make([]float32, tailRoom/30)
		values[n%len(values)] = float32(n)
		e.Outputs[0] = floats(e.Outputs[0].Name, values...)
	}
	return e
}

// child is a writing process.
type child struct {
	writer string
	cmd    *exec.Cmd
	acks   *bufio.Scanner
	acked  int
}

func startChild(t *testing.T, dir, writer string) *child {
	t.Helper()
	c := &child{writer: writer, cmd: exec.Command(os.Args[0], writer)}
	c.cmd.Env, c.cmd.Stderr = append(os.Environ(), childDir+"="+dir), os.Stderr
	out, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	c.acks = bufio.NewScanner(out)
	return c
}

// wait returns when so many more acknowledgements have come.
func (c *child) wait(t *testing.T, acks int) {
	t.Helper()
	for i := 0; i < acks && c.acks.Scan(); i++ {
		n, err := strconv.Atoi(c.acks.Text())
		require.NoError(t, err)
		c.acked = n
	}
}

// kill ends the process, and takes the acknowledgements that it had sent before.
func (c *child) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, c.cmd.Process.Kill())
	c.wait(t, math.MaxInt)
	killed := new(exec.ExitError)
	require.ErrorAs(t, c.cmd.Wait(), &killed)
	require.True(t, killed.Sys().(syscall.WaitStatus).Signaled(), "%s ended by itself: %v", c.writer, killed)
}

// TestKilledWritersLoseNothing kills three processes that append to one log at random instants, of which some compact it meanwhile, and one
// that only compacts it, and looks after each round what is there, with a Log that is open all the time or with one that opens then.
// JOEY_CRASH_ROUNDS is the number of rounds.
func TestKilledWritersLoseNothing(t *testing.T) {
	t.Parallel()
	rounds := 10
	if text := os.Getenv("JOEY_CRASH_ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	seed := rand.Uint64()
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	tools := startTools(t)
	dir, lasting := "", (*Log)(nil)
	acked := map[string]int{}
	compacted, before := 0, 0
	for round := range rounds {
		if round%5 == 0 { // what is checked does not grow without end
			t.Logf("from round %d on, %d segments were compacted before", round, compacted)
			dir = t.TempDir()
			lasting = openLog(t, dir, Options{})
			clear(acked)
			before = 0
		}
		var children []*child
		for _, mode := range []string{"a", "i", "o", "c"} {
			if mode != "c" && r.IntN(2) == 0 {
				mode = strings.ToUpper(mode)
			}
			children = append(children, startChild(t, dir, fmt.Sprint(mode, round)))
		}
		for _, c := range children {
			if c.writer[0] != 'c' {
				c.wait(t, 1+r.IntN(20))
			}
		}
		r.Shuffle(len(children), func(i, j int) { children[i], children[j] = children[j], children[i] })
		for _, c := range children {
			time.Sleep(time.Duration(r.IntN(3000)) * time.Microsecond) // into whatever it is at
			c.kill(t)
			if c.writer[0] != 'c' {
				acked[c.writer] = c.acked
			}
		}
		l := lasting
		if round%2 == 1 {
			l = openLog(t, dir, Options{})
		}
		checkWriters(t, l, acked)
		require.Empty(t, leftTails(t, dir))
		now := settleAll(t, l, func() { tools.check(t, dir, len(all(t, l))) })
		compacted, before = compacted+now-before, now
	}
	t.Logf("%d segments were compacted between the kills", compacted)
	if rounds >= 100 { // in a few a slow machine may not come to it
		require.Positive(t, compacted)
	}
}

// settleAll does what a compactor that was killed had left to do, for the tools, which know of no list, and lets nobody compact while they look.
// It tells how many segments are compacted by now.
func settleAll(t *testing.T, l *Log, look func()) (segments int) {
	t.Helper()
	dir := filepath.Join(l.dir, pipeline{1, "cc-shadow"}.folder())
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, compactedMode)
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)) // one of this process may be at the same
	_, compactions, _, err := l.files(dir)
	require.NoError(t, err)
	for _, c := range compactions {
		require.NoError(t, l.settle(dir, c))
		segments += len(c.Segments)
	}
	look()
	require.NoError(t, release(lock))
	return segments
}

func leftTails(t testing.TB, dir string) []string {
	t.Helper()
	tails, err := filepath.Glob(filepath.Join(dir, "*", "*"+tailSuffix))
	require.NoError(t, err)
	return tails
}

// checkWriters wants each acknowledged entry once, and after those only whole ones, without a gap.
func checkWriters(t *testing.T, l *Log, acked map[string]int) {
	t.Helper()
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: math.MaxInt})
	require.NoError(t, err)
	for _, w := range append(page.Warnings, l.notes...) {
		require.Regexp(t, `dropped \d+ bytes, which are no whole entry`, w, "only what was being copied when the process died")
	}
	got := map[string]map[int]bool{}
	for _, e := range page.Entries {
		writer, n := e.PipelineVersion, int(e.Input.Fields[0].Tensor.Data.([]float64)[0])
		require.Equal(t, exact(writtenBy(writer, n)), exact(e))
		if got[writer] == nil {
			got[writer] = map[int]bool{}
		}
		require.False(t, got[writer][n], "entry %d of %s is there twice", n, writer)
		got[writer][n] = true
	}
	for writer, count := range acked {
		require.GreaterOrEqual(t, len(got[writer]), count, writer)
		for n := range len(got[writer]) {
			require.True(t, got[writer][n], "entry %d of %s, which has %d", n, writer, len(got[writer]))
		}
	}
}

func TestReadersOfLivingWritersSeeNoDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := startChild(t, dir, "ack"), startChild(t, dir, "interval")
	l := openLog(t, dir, Options{})
	for range 20 {
		a.wait(t, 10)
		b.wait(t, 10)
		page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 200})
		require.NoError(t, err)
		require.Empty(t, page.Warnings)
	}
	require.NotEmpty(t, all(t, l))
	a.kill(t)
	b.kill(t)
}

// TestFullDisk runs in a process of its own, whose files may not grow beyond a limit: a write then stops half way.
func TestFullDisk(t *testing.T) {
	const inside = "JOEY_TEST_FULL_DISK"
	if os.Getenv(inside) == "" {
		t.Parallel()
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "--- PASS: TestFullDisk")
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	var unlimited syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1_200_000, Max: unlimited.Max}))

	dir := t.TempDir()
	l := openLog(t, dir, Options{Interval: time.Hour, Rows: 4})
	taken, err := 0, error(nil)
	for ; err == nil && taken < 10_000; taken++ {
		err = l.Append(t.Context(), shadowEntry(taken))
	}
	taken-- // the one that was refused
	require.ErrorIs(t, err, syscall.EFBIG)
	failure := new(WriteError)
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, 4, failure.Rows)
	assert.Equal(t, segmentsOf(t, dir)[0], failure.Path)

	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 10_000})
	require.NoError(t, err)
	assert.Len(t, page.Entries, taken-4)
	require.Len(t, page.Warnings, 1)
	assert.Contains(t, page.Warnings[0], "4 entries wait beside it")

	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited))
	appendAll(t, l, shadowEntry(taken))
	got := all(t, l)
	require.Len(t, got, taken+1)
	for i, e := range got {
		require.Equal(t, exact(shadowEntry(taken-i)), exact(e))
	}
}

// sample is a log of five batches of four entries in one segment, and its files' bytes.
func sample(t testing.TB) (entries []Entry, data, index []byte) {
	t.Helper()
	dir := t.TempDir()
	l, err := Open(dir, Options{Interval: time.Hour, Rows: 4})
	require.NoError(t, err)
	for i := range 20 {
		e := shadowEntry(i)
		entries = append([]Entry{e}, entries...)
		appendAll(t, l, e)
	}
	require.NoError(t, l.Close())
	files := segmentsOf(t, dir)
	require.Len(t, files, 1)
	data, err = os.ReadFile(files[0])
	require.NoError(t, err)
	index, err = os.ReadFile(indexPath(files[0]))
	require.NoError(t, err)
	require.Len(t, index, 5*recordSize)
	return entries, data, index
}

// damagedLog is a log with one segment of these bytes.
type damagedLog struct {
	*Log
	path string
}

func newDamagedLog(t testing.TB) damagedLog {
	t.Helper()
	l := openLog(t, t.TempDir(), Options{})
	folder := filepath.Join(l.dir, pipeline{1, "cc-shadow"}.folder())
	require.NoError(t, os.MkdirAll(folder, 0o700))
	return damagedLog{l, filepath.Join(folder, "x"+dataSuffix)}
}

func (d damagedLog) query(t testing.TB, data, index []byte) Page {
	t.Helper()
	require.NoError(t, os.WriteFile(d.path, data, 0o600))
	require.NoError(t, os.WriteFile(indexPath(d.path), index, 0o600))
	page, err := d.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: 1000})
	require.NoError(t, err)
	for _, w := range page.Warnings {
		require.Contains(t, w, d.path)
	}
	return page
}

func TestCutFilesGiveTheirWholeBatchesAndAWarning(t *testing.T) {
	t.Parallel()
	entries, data, index := sample(t)
	l := newDamagedLog(t)
	require.Equal(t, exactAll(entries), exactAll(l.query(t, data, index).Entries))

	var ends []int
	for sequence := range 5 {
		rec, ok := decodeRecord(index[sequence*recordSize:][:recordSize], uint64(sequence))
		require.True(t, ok)
		ends = append(ends, int(rec.Offset+rec.Size))
	}
	require.Equal(t, len(data), ends[4])
	check := func(cutData, cutIndex int) {
		whole := 0
		for whole < 5 && ends[whole] <= cutData && (whole+1)*recordSize <= cutIndex {
			whole++
		}
		page := l.query(t, data[:cutData], index[:cutIndex])
		require.Equal(t, exactAll(entries[20-4*whole:]), exactAll(page.Entries), "%d, %d", cutData, cutIndex)
		require.NotEmpty(t, page.Warnings, "%d, %d", cutData, cutIndex)
	}
	for cut := range index {
		check(len(data), cut)
	}
	for cut := 0; cut < len(data); cut += 37 {
		check(cut, len(index))
	}
	for _, end := range ends[:4] {
		check(end-1, len(index))
		check(end, len(index))
		check(end+1, len(index))
	}
}

func TestFlippedBytesNeverGiveAWrongEntry(t *testing.T) {
	t.Parallel()
	entries, data, index := sample(t)
	l := newDamagedLog(t)
	known := map[string]bool{}
	for _, e := range entries {
		known[exact(e)] = true
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		d, i := append([]byte{}, data...), append([]byte{}, index...)
		target := [][]byte{d, i}[r.IntN(2)]
		for range 1 + r.IntN(4)*r.IntN(2) {
			target[r.IntN(len(target))] ^= byte(1 + r.IntN(255))
		}
		page := l.query(t, d, i)
		require.Less(t, len(page.Entries), 20)
		require.NotEmpty(t, page.Warnings)
		for _, e := range page.Entries {
			require.True(t, known[exact(e)])
		}
	}
}

func TestMissingAndForeignFilesAreTold(t *testing.T) {
	t.Parallel()
	_, data, index := sample(t)
	l := newDamagedLog(t)
	l.query(t, data, index)
	require.NoError(t, os.Remove(indexPath(l.path)))
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow"})
	require.NoError(t, err)
	assert.Empty(t, page.Entries)
	require.Len(t, page.Warnings, 1)
	assert.Contains(t, page.Warnings[0], indexPath(l.path))

	zero := append(append([]byte{}, index...), make([]byte, recordSize)...)
	page = l.query(t, data, zero)
	assert.Len(t, page.Entries, 20)
	assert.Contains(t, strings.Join(page.Warnings, ""), "1 index records, which are damaged")

	page = l.query(t, data, append(append([]byte{}, index...), index[:recordSize]...))
	assert.Len(t, page.Entries, 20, "a copied record is not a second batch")
	assert.NotEmpty(t, page.Warnings)
}

// FuzzSegment wants -fuzzminimizetime 10x: by default go test spends a minute on making each find shorter.
func FuzzSegment(f *testing.F) {
	entries, data, index := sample(f)
	known := map[string]bool{}
	for _, e := range entries {
		known[exact(e)] = true
	}
	f.Add(data, index)
	f.Add(data[:len(data)/2], index)
	f.Add(data, index[:recordSize+7])
	f.Add([]byte{}, []byte{})
	f.Add([]byte("ARROW1"), index)
	l := newDamagedLog(f)
	f.Fuzz(func(t *testing.T, data, index []byte) {
		for _, e := range l.query(t, data, index).Entries {
			if !known[exact(e)] {
				t.Fatalf("an entry that nobody wrote: %s", exact(e))
			}
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add(record{HeadSize: 8, Rows: 1, Offset: 8, Size: 100, Min: -1, Max: 1, Sequence: 3}.encode(), uint64(200))
	f.Add(make([]byte, recordSize), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, b []byte, segment uint64) {
		if len(b) != recordSize {
			return
		}
		rec, ok := decodeRecord(b, binary.LittleEndian.Uint64(b[recordSize-12:])) // the number that it gives itself
		if ok && string(rec.encode()) != string(b) {
			t.Fatal(errors.New("another record has the same meaning"))
		}
		if ok && rec.inside(segment) && (rec.Offset+rec.Size > segment || rec.Offset+rec.Size < rec.Size) {
			t.Fatalf("%+v is not inside %d", rec, segment)
		}
	})
}
