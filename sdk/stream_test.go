package wallaroo_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/logs"
	wallaroo "github.com/joey-go/joey/sdk"
)

// writeStream writes an Arrow file with rows whose first value is their number.
func writeStream(t testing.TB, path string, rows int) string {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "tensor", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32)}}, nil)
	f, err := os.Create(path)
	require.NoError(t, err)
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	require.NoError(t, err)
	for from := 0; from < rows; from += 5000 {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		list := b.Field(0).(*array.ListBuilder)
		for i := from; i < min(from+5000, rows); i++ {
			row := make([]float32, 29)
			row[0], row[1+i%28] = float32(i), float32(i%100)/10
			list.Append(true)
			list.ValueBuilder().(*array.Float32Builder).AppendValues(row, nil)
		}
		require.NoError(t, w.Write(b.NewRecord()))
	}
	require.NoError(t, errors.Join(w.Close(), f.Close()))
	return path
}

// requireOnce wants each row of a file in the log so many times, as another process finds it.
func requireOnce(t testing.TB, home string, rows, times int) {
	t.Helper()
	l, err := logs.Open(filepath.Join(home, "logs"), logs.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	s, err := l.Scan(t.Context(), logs.Query{Workspace: 1, Pipeline: "p"})
	require.NoError(t, err)
	seen := make([]int, rows)
	for s.Next(t.Context()) {
		in, out := s.Entry().Input.Fields[0].Tensor, s.Entry().Outputs[0].Tensor
		require.Equal(t, in.Shape[0], out.Shape[0])
		for i := range in.Shape[0] {
			seen[int(in.Data.([]float32)[i*29])]++
		}
	}
	require.NoError(t, s.Err())
	require.Empty(t, s.Warnings())
	for i, n := range seen {
		require.Equal(t, times, n, "row %d", i)
	}
}

func deployFraud(t testing.TB, wl *wallaroo.Client, opts ...wallaroo.DeployOption) *wallaroo.Pipeline {
	t.Helper()
	m, err := wl.UploadModel("fraud", filepath.Join(ownModels, tutorialModels[0].file))
	require.NoError(t, err)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	_, err = p.Clear().AddModelStep(m)
	require.NoError(t, err)
	_, err = p.Deploy(opts...)
	require.NoError(t, err)
	return p
}

func TestInferStream(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home, rows := t.TempDir(), 20_000
	wl, progress := open(t, home)
	p := deployShadow(t, wl, "p")
	path := writeStream(t, filepath.Join(t.TempDir(), "cards.arrow"), rows)
	progress.take()
	r, err := p.InferStream(path)
	require.NoError(t, err)
	require.Equal(t, []int64{20_000, 0, 20_000, 3}, []int64{r.Rows(), r.Before(), r.Asked(), int64(r.Requests())})
	require.Positive(t, r.Took())
	line := progress.take()
	require.Contains(t, line, "\rStreaming cards.arrow: 0 of 20000 rows, 0 %")
	require.True(t, strings.HasSuffix(line, "Streaming cards.arrow: 20000 of 20000 rows, 100 % ok\n"), line)
	require.NoError(t, wl.Flush())
	requireOnce(t, home, rows, 1)

	table, err := p.LogTable(wallaroo.Limit(1), wallaroo.Dataset("in", "out", "metadata"))
	require.NoError(t, err)
	first := table.Record().Column(0).(*array.List).ListValues().(*array.Float32).Value(0)
	stream, err := table.Column("metadata.stream")
	require.NoError(t, err)
	require.Contains(t, stream.([]string)[0], fmt.Sprintf(`"from":%d,"to":%d}`, int(first), int(first)+1), "each row says which one of the file it is")

	moved := filepath.Join(t.TempDir(), "again.arrow")
	require.NoError(t, os.Rename(path, moved))
	deployShadow(t, wl, "p")
	r, err = p.InferStream(moved)
	require.NoError(t, err)
	require.Equal(t, []int64{20_000, 20_000, 0, 0}, []int64{r.Rows(), r.Before(), r.Asked(), int64(r.Requests())})
	require.Contains(t, r.String(), "0 of 20000 rows asked in 0 requests")
	require.Contains(t, r.String(), "20000 were in the log before, and Again asks anew")

	for range 2 {
		r, err = p.InferStream(moved, wallaroo.Again("new models"), wallaroo.RowsAtOnce(4000))
		require.NoError(t, err)
	}
	require.EqualValues(t, 20_000, r.Before())
	require.NoError(t, wl.Flush())
	requireOnce(t, home, rows, 2)
}

// ends is a context that has ended after it was asked so many times.
type ends struct {
	context.Context
	left atomic.Int64
}

func (c *ends) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestInferStreamGoesOnAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home, rows := t.TempDir(), 3000
	wl, _ := open(t, home)
	deployFraud(t, wl)
	path := writeStream(t, filepath.Join(t.TempDir(), "cards.arrow"), rows)
	interrupts := 0
	for asks := int64(20); ; asks += 5 {
		ctx := &ends{Context: t.Context()}
		ctx.left.Store(asks)
		pipelines, err := wl.With(ctx).PipelinesByName("p")
		if err != nil {
			continue
		}
		r, err := pipelines[0].InferStream(path, wallaroo.RowsAtOnce(70))
		if err == nil {
			break
		}
		interrupts++
		require.ErrorIs(t, err, context.Canceled)
		if r.Rows() > 0 {
			require.ErrorContains(t, err, fmt.Sprintf("%d of %d rows are in the log: the same call goes on with the others", r.Before()+r.Asked(), rows))
		}
	}
	require.Greater(t, interrupts, 3)
	require.NoError(t, wl.Flush())
	requireOnce(t, home, rows, 1)
}

// TestInferStreamIsKilled kills processes in the middle of a stream, until one comes to its end.
func TestInferStreamIsKilled(t *testing.T) {
	const inside = "JOEY_TEST_STREAM"
	if home := os.Getenv(inside); home != "" {
		wl, err := wallaroo.NewClient(wallaroo.Home(home), wallaroo.WithProgress(new(output)))
		require.NoError(t, err)
		p := deployFraud(t, wl) // a new version each time, as a notebook has that is run again
		fmt.Println("begins")
		_, err = p.InferStream(filepath.Join(home, "cards.arrow"), wallaroo.RowsAtOnce(1+rand.IntN(40)))
		require.NoError(t, err)
		require.NoError(t, wl.Close())
		return
	}
	t.Parallel()
	needsRuntime(t)
	home, rows := t.TempDir(), 30_000
	writeStream(t, filepath.Join(home, "cards.arrow"), rows)
	for kills := 0; ; kills++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestInferStreamIsKilled$")
		cmd.Env = append(os.Environ(), inside+"="+home)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		require.True(t, lines.Scan())
		timer := time.AfterFunc(time.Duration(rand.IntN(40))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		if kills > 12 {
			timer.Stop() // the last one may come to the end
		}
		for lines.Scan() {
		}
		if cmd.Wait() == nil {
			require.Greater(t, kills, 3)
			break
		}
	}
	requireOnce(t, home, rows, 1)
}

func TestInferStreamTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home := t.TempDir()
	wl, progress := open(t, home)
	p := deployFraud(t, wl, wallaroo.BatchLimit(100))
	for says, opt := range map[string]wallaroo.StreamOption{
		"RowsAtOnce is 0: it is at least 1": wallaroo.RowsAtOnce(0), "Again needs a name": wallaroo.Again(""),
	} {
		_, err := p.InferStream("x", opt)
		require.ErrorContains(t, err, says)
	}
	progress.take()
	none, err := p.InferStream("nowhere.arrow")
	require.ErrorContains(t, err, "the working directory is")
	require.NotContains(t, none.String(), "Again")
	require.Contains(t, progress.take(), "Streaming nowhere.arrow: failed")

	var text strings.Builder
	text.WriteString("tensor\n")
	for i := range 1000 {
		row := make([]string, 29)
		for j := range row {
			row[j] = "0"
		}
		if row[0] = fmt.Sprint(i); i == 750 {
			row[3] = "NaN"
		}
		fmt.Fprintf(&text, "\"[%s]\"\n", strings.Join(row, ", "))
	}
	path := filepath.Join(t.TempDir(), "cards.csv")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	r, err := p.InferStream(path)
	require.ErrorContains(t, err, "cards.csv: rows 700 to 799, here from 0: ")
	require.ErrorContains(t, err, "tensor[50][3] is NaN")
	require.ErrorContains(t, err, "700 of 1000 rows are in the log: the same call goes on")
	require.EqualValues(t, 7, r.Requests(), "the batch limit is kept")

	_, err = p.Deploy(wallaroo.AllowInfinite())
	require.NoError(t, err)
	r, err = p.InferStream(path)
	require.NoError(t, err)
	require.Equal(t, []int64{700, 300}, []int64{r.Before(), r.Asked()})

	_, err = p.Undeploy()
	require.NoError(t, err)
	_, err = p.InferStream(path)
	require.ErrorContains(t, err, "is not deployed")
}

// rewrites is a context that changes a file as soon as a CSV is looked through.
type rewrites struct {
	context.Context
	change func()
	once   sync.Once
}

func (c *rewrites) Err() error {
	if strings.Contains(string(debug.Stack()), "newCSVSource") {
		c.once.Do(c.change)
	}
	return c.Context.Err()
}

func TestInferStreamRefusesAFileThatChangesWhileItIsOpened(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	wl, _ := open(t, t.TempDir())
	deployFraud(t, wl)
	path := filepath.Join(t.TempDir(), "cards.csv")
	write := func(value string, at time.Time) {
		row := "\"[" + strings.Repeat(value+", ", 28) + value + "]\"\n"
		require.NoError(t, os.WriteFile(path, []byte("tensor\n"+strings.Repeat(row, 3000)), 0o600))
		require.NoError(t, os.Chtimes(path, at, at))
	}
	now := time.Now()
	write("1", now.Add(-time.Hour))
	ctx := &rewrites{Context: t.Context(), change: func() { write("2", now) }}
	pipelines, err := wl.With(ctx).PipelinesByName("p")
	require.NoError(t, err)
	r, err := pipelines[0].InferStream(path)
	require.ErrorContains(t, err, "the file was changed while it was read")
	require.Zero(t, r.Asked())
}

// A log of which a part was lost has gaps: those rows are asked for, and no others.
func TestInferStreamFillsGapsOfTheLog(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home, rows := t.TempDir(), 1000
	path := writeStream(t, filepath.Join(t.TempDir(), "cards.arrow"), rows)
	wl, _ := open(t, home)
	p := deployFraud(t, wl)
	_, err := p.InferStream(path, wallaroo.RowsAtOnce(100))
	require.NoError(t, err)
	require.NoError(t, wl.Flush())
	all := filepath.Join(home, "logs")
	l, err := logs.Open(all, logs.Options{})
	require.NoError(t, err)
	s, err := l.Scan(t.Context(), logs.Query{Workspace: 1, Pipeline: "p", Order: logs.OldestFirst})
	require.NoError(t, err)
	var entries []logs.Entry
	for s.Next(t.Context()) {
		entries = append(entries, s.Entry())
	}
	require.NoError(t, errors.Join(s.Err(), l.Close()))
	require.Len(t, entries, 10)
	for _, opts := range [][]wallaroo.StreamOption{nil, {wallaroo.RowsAtOnce(70)}} {
		for _, kept := range []string{"..x.......", "x.xx..x..x", ".........x", "x.........", ".x.x.x.x.x", "xxxxxxxxx."} {
			home := filepath.Join(t.TempDir(), "home")
			wl, _ := open(t, home)
			p := deployFraud(t, wl)
			there, err := logs.Open(filepath.Join(home, "logs"), logs.Options{})
			require.NoError(t, err)
			for i := range kept {
				if kept[i] == 'x' {
					require.NoError(t, there.Append(t.Context(), entries[i]))
				}
			}
			require.NoError(t, there.Close())
			r, err := p.InferStream(path, opts...)
			require.NoError(t, err, kept)
			before := int64(100 * strings.Count(kept, "x"))
			require.Equal(t, []int64{before, int64(rows) - before}, []int64{r.Before(), r.Asked()}, kept)
			require.NoError(t, wl.Flush())
			requireOnce(t, home, rows, 1)
		}
	}
}

// What a stream holds does not grow with its file.
func TestInferStreamIsBounded(t *testing.T) {
	needsRuntime(t)
	wl, err := wallaroo.NewClient(wallaroo.Home(t.TempDir()), wallaroo.WithProgress(new(output)), wallaroo.LogSyncOff())
	require.NoError(t, err)
	defer func() { require.NoError(t, wl.Close()) }()
	p := deployFraud(t, wl)
	path := writeStream(t, filepath.Join(t.TempDir(), "cards.arrow"), 1_000_000) // 120 MB, and its log as much again: not each /tmp has more
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most, stop, done := uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				runtime.GC() // else it is what the collector lets gather
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	}()
	_, err = p.InferStream(path)
	close(stop)
	<-done
	require.NoError(t, err)
	require.Less(t, int64(most)-int64(before.HeapAlloc), int64(60<<20), "of 120 MB")
	require.Eventually(t, func() bool { // the log may still be compacting what the stream has filled
		runtime.GC()
		runtime.ReadMemStats(&now)
		return int64(now.HeapAlloc)-int64(before.HeapAlloc) < 16<<20
	}, time.Minute, 100*time.Millisecond, "what stays")
}

func ExamplePipeline_InferStream() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("house-forest", "../models/house_forest.onnx", wallaroo.TensorFields("tensor"))
	check(err)
	pipeline, err := wl.BuildPipeline("houses")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)

	result, err := pipeline.InferStream("../models/houses.parquet")
	check(err)
	fmt.Println(result.Asked(), "of", result.Rows(), "rows asked")
	result, err = pipeline.InferStream("../models/houses.parquet") // they are in the log
	check(err)
	fmt.Println(result.Asked(), "of", result.Rows(), "rows asked,", result.Before(), "before")
	result, err = pipeline.InferStream("../models/houses.parquet", wallaroo.Again("for the audit"), wallaroo.RowsAtOnce(100))
	check(err)
	fmt.Println(result.Asked(), "rows asked in", result.Requests(), "requests")
}
