package history_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/joey-go/joey/kernel/history"
	"github.com/joey-go/joey/kernel/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

func inputs(entries []session.Entry) []string {
	texts := make([]string, len(entries))
	for i, e := range entries {
		texts[i] = fmt.Sprintf("%d.%d %s", e.Session, e.Line, e.Input)
	}
	return texts
}

func TestCellsOutliveTheirKernel(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "history?.db")
	first := history.New(path, quiet)
	first.Add(session.Entry{Line: 1, Input: "a/b", Output: "out"})
	first.Add(session.Entry{Line: 2, Input: "x"})
	first.Close()

	second := history.New(path, quiet)
	defer second.Close()
	second.Add(session.Entry{Line: 1, Input: "a/b"})
	second.Add(session.Entry{Line: 2, Input: "c"})
	assert.Equal(t, []string{"1.2 x", "2.1 a/b", "2.2 c"}, inputs(second.Tail(3)))
	assert.Len(t, second.Tail(math.MaxInt), 4)
	assert.Empty(t, second.Tail(-1))
	assert.Equal(t, []string{"2.1 a/b", "2.2 c"}, inputs(second.Range(0, 0, -1)))
	assert.Equal(t, []string{"1.1 a/b"}, inputs(second.Range(-1, 1, 2)))
	assert.Equal(t, []string{"1.2 x"}, inputs(second.Range(1, 2, -1)))
	assert.Empty(t, second.Range(-2, 0, -1))
	assert.Equal(t, []string{"1.1 a/b", "2.1 a/b"}, inputs(second.Search("a*", 5, false)))
	assert.Equal(t, []string{"2.1 a/b", "2.2 c"}, inputs(second.Search("[a-c]*", 2, true)))
	assert.Equal(t, "out", second.Range(-1, 1, 2)[0].Output)
	stat, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), stat.Mode())
}

// The same questions, with the same answers, to the history that a kernel has without a file.
func TestAsInMemory(t *testing.T) {
	t.Parallel()
	stored, memory := history.New(filepath.Join(t.TempDir(), "h.db"), quiet), session.NewMemory()
	defer stored.Close()
	for i, code := range []string{"a/b", "out x", "a/b", "c", "日本*", "[a]"} {
		e := session.Entry{Line: i + 1, Input: code}
		stored.Add(e)
		memory.Add(e)
	}
	for _, h := range []func(session.History) []session.Entry{
		func(h session.History) []session.Entry { return h.Tail(2) },
		func(h session.History) []session.Entry { return h.Range(0, 2, 4) },
		func(h session.History) []session.Entry { return h.Range(1, 3, -1) },
		func(h session.History) []session.Entry { return h.Range(-1, 0, -1) },
		func(h session.History) []session.Entry { return h.Search("a*", 5, false) },
		func(h session.History) []session.Entry { return h.Search("?*", 9, true) },
		func(h session.History) []session.Entry { return h.Search("*/*", 1, false) },
		func(h session.History) []session.Entry { return h.Search("日*", 1, false) },
	} {
		assert.Equal(t, inputs(h(memory)), inputs(h(stored)))
	}
}

// A kernel that is killed has written what it ran.
func TestCellsAreWrittenWithoutBeingAskedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.db")
	first, second := history.New(path, quiet), history.New(path, quiet)
	defer first.Close()
	defer second.Close()
	for line := 1; line <= 2; line++ { // the second is another that has waited alone
		first.Add(session.Entry{Line: line, Input: "x"})
		require.Eventually(t, func() bool { return len(second.Tail(2)) == line }, 10*time.Second, time.Millisecond)
	}
}

func TestKernelsShareAFile(t *testing.T) {
	t.Parallel()
	const kernels, cells = 8, 50
	path := filepath.Join(t.TempDir(), "h.db")
	var log bytes.Buffer
	var wg sync.WaitGroup
	for range kernels {
		h := history.New(path, slog.New(slog.NewTextHandler(&log, nil)))
		wg.Go(func() {
			defer h.Close()
			for i := range cells {
				h.Add(session.Entry{Line: i + 1, Input: "x"})
			}
			assert.Len(t, h.Range(0, 0, -1), cells)
		})
	}
	wg.Wait()
	assert.Empty(t, log.String())
	h := history.New(path, quiet)
	defer h.Close()
	assert.Len(t, h.Tail(math.MaxInt), kernels*cells)
}

func TestWithoutAFileThereIsMemory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.db")
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 100)), 0o600))
	var log bytes.Buffer
	h := history.New(path, slog.New(slog.NewTextHandler(&log, nil)))
	h.Add(session.Entry{Line: 1, Input: "kept"})
	assert.Equal(t, []string{"1.1 kept"}, inputs(h.Tail(1)))
	h.Close()
	assert.Contains(t, log.String(), "in memory only")
	assert.Contains(t, log.String(), "not a database")
}

func TestTheFileStaysSmall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "h.db")
	h := history.New(path, quiet)
	for i := range 10_050 {
		h.Add(session.Entry{Line: i + 1, Input: "x"})
	}
	h.Add(session.Entry{Line: 10_051, Input: strings.Repeat("x", 3<<20)})
	assert.Len(t, h.Tail(1)[0].Input, 1<<20+len("… (3145728 bytes)"))
	h.Close()
	h = history.New(path, quiet)
	defer h.Close()
	assert.Len(t, h.Tail(math.MaxInt), 10_000)
}
