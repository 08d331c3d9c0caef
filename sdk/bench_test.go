package wallaroo_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	ort "github.com/yalue/onnxruntime_go"

	wallaroo "github.com/joey-go/joey/sdk"
)

// BenchmarkShadow is one-row requests to the tutorial's three models: rows in, three answers, the entry in the log, the result out. The same
// models called bare, with tensors that are used again, are the base of of-bare, for rows and for json, whose text is parsed too. python-1000
// and python-1 are the time of Python on the same job (testdata/bench/requests.py) by ours, with its log flushed after so many requests. All
// is processor time, which neighbours on the machine change less than the clock's; they take turns, and each figure is of its quickest.
func BenchmarkShadow(b *testing.B) {
	needsRuntime(b)
	wl, _ := open(b, b.TempDir())
	p := deployShadow(b, wl, "p")
	text := readRecord(b)
	var request struct{ Tensor [][]float64 }
	require.NoError(b, json.Unmarshal([]byte(text), &request))
	infer := func() {
		results, err := p.Infer(request.Tensor)
		if err != nil || results[0].Data() == nil {
			b.Fatal(err)
		}
	}

	b.Run("turns", func(b *testing.B) {
		const requests = 2000
		turns := shadowTurns(b, requests, infer, func() {
			if _, err := p.Infer(text); err != nil {
				b.Fatal(err)
			}
		}, openBare(b, request.Tensor[0]))
		best := map[string]float64{}
		const least = 20 // turns of each, so that the quickest are quick
		for b.Loop() {
			for range least {
				for name, turn := range turns {
					seconds := turn()
					if before, known := best[name]; !known || seconds < before {
						best[name] = seconds
					}
				}
			}
		}
		b.ReportMetric(best["joey"]*1e9, "cpu-ns/request")
		b.ReportMetric(best["bare"]*1e9, "bare-ns/request")
		b.ReportMetric(best["joey"]/best["bare"], "of-bare")
		b.ReportMetric(best["json"]/best["bare"], "json-of-bare")
		for _, python := range []string{"python-1000", "python-1"} {
			if seconds, ok := best[python]; ok {
				b.ReportMetric(seconds/best["joey"], python)
			}
		}
	})
	b.Run("latency", func(b *testing.B) {
		b.ReportAllocs()
		var all []float64
		for b.Loop() {
			start := time.Now()
			infer()
			all = append(all, time.Since(start).Seconds())
		}
		slices.Sort(all)
		b.ReportMetric(all[len(all)*99/100]/all[len(all)/2], "p99-by-p50")
	})
	b.Run("callers", func(b *testing.B) { // two of them, by one; and the same of bare calls
		const requests = 5000
		one, two, cost, costs := math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)
		turn := func(n int, least, processor *float64, ask func(caller int)) {
			before := processorTime(b)
			*least = min(*least, callers(n, requests, ask))
			*processor = min(*processor, (processorTime(b) - before).Seconds())
		}
		bare := [][]*ort.AdvancedSession{openBare(b, request.Tensor[0]), openBare(b, request.Tensor[0])}
		bareOne, bareTwo, ignored := math.Inf(1), math.Inf(1), math.Inf(1)
		askBare := func(caller int) { // each has its own sessions: what this machine has of a second processor
			for _, s := range bare[caller] {
				if err := s.Run(); err != nil {
					b.Error(err)
				}
			}
		}
		for b.Loop() {
			turn(1, &one, &cost, func(int) { infer() })
			turn(2, &two, &costs, func(int) { infer() })
			turn(1, &bareOne, &ignored, askBare)
			turn(2, &bareTwo, &ignored, askBare)
		}
		b.ReportMetric(2*one/two, "by-one")
		b.ReportMetric(2*bareOne/bareTwo, "bare-by-one")
		b.ReportMetric(costs/(2*cost), "cpu-by-one")
	})
	b.Run("heap", func(b *testing.B) { // after a million requests, by that after a tenth of them, when the log is at rest
		heap := func(requests int) float64 {
			for range requests {
				infer()
			}
			require.NoError(b, wl.Compact(b.Context()))
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return float64(m.HeapAlloc)
		}
		for b.Loop() {
			begin := heap(100_000)
			b.ReportMetric(heap(900_000)/begin, "growth")
		}
	})
	require.NoError(b, wl.Flush())
}

// shadowTurns are pieces of work by name, which tell how many seconds of the processor each of their requests took.
func shadowTurns(b *testing.B, requests int, rows, text func(), bare []*ort.AdvancedSession) map[string]func() float64 {
	processor := func(work func()) func() float64 {
		return func() float64 {
			before := processorTime(b)
			for range requests {
				work()
			}
			return (processorTime(b) - before).Seconds() / float64(requests)
		}
	}
	turns := map[string]func() float64{
		"joey": processor(rows),
		"json": processor(text),
		"bare": processor(func() {
			for _, s := range bare {
				if err := s.Run(); err != nil {
					b.Fatal(err)
				}
			}
		}),
	}
	if python := os.Getenv("JOEY_PYTHON"); python != "" {
		for _, flushed := range []int{1, 1000} {
			args := []string{filepath.Join(b.TempDir(), "log.arrows"), strconv.Itoa(flushed)}
			for _, m := range tutorialModels {
				args = append(args, filepath.Join(ownModels, m.file))
			}
			ask, size := startPython(b, python, "requests.py", args), min(requests, 200*flushed)
			turns["python-"+strconv.Itoa(flushed)] = func() float64 { return ask(size) / float64(size) }
		}
	}
	return turns
}

// callers is how many seconds so many callers take for n times so many requests. Each takes the next until there is none: where one is slower,
// because the log's work is on its processor, the other does more.
func callers(n, requests int, ask func(caller int)) float64 {
	var taken atomic.Int64
	start := time.Now()
	var wg sync.WaitGroup
	for caller := range n {
		wg.Go(func() {
			for taken.Add(1) <= int64(n*requests) {
				ask(caller)
			}
		})
	}
	wg.Wait()
	return time.Since(start).Seconds()
}

// processorTime is what the process has used on all cores.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkShadowAck is the same requests from 16 callers that wait for the disk: how many it answers in a second, and their median time by
// that of a page put on the disk, which is written in turn.
func BenchmarkShadowAck(b *testing.B) {
	needsRuntime(b)
	dir := b.TempDir()
	wl, err := wallaroo.NewClient(wallaroo.Home(dir), wallaroo.WithProgress(io.Discard), wallaroo.LogSyncAck())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, wl.Close()) })
	p := deployShadow(b, wl, "p")
	rows := [][]float64{make([]float64, 29)}
	page, err := os.Create(filepath.Join(dir, "page"))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, page.Close()) })
	var syncs, answers []float64
	var mu sync.Mutex
	most := 0.0
	for b.Loop() {
		for range 20 {
			start := time.Now()
			_, err := page.WriteAt(make([]byte, 4096), 0)
			require.NoError(b, errors.Join(err, page.Sync()))
			syncs = append(syncs, time.Since(start).Seconds())
		}
		const each = 50
		took := callers(16, each, func(int) {
			start := time.Now()
			if _, err := p.Infer(rows); err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			answers = append(answers, time.Since(start).Seconds())
		})
		most = max(most, 16*each/took)
	}
	b.ReportMetric(most, "requests/s")
	b.ReportMetric(median(syncs)*1e6, "µs/fsync")
	b.ReportMetric(median(answers)/median(syncs), "p50-by-fsync")
}

// openBare opens the tutorial's models on the environment that the client has opened, each bound to its tensors.
func openBare(b *testing.B, row []float64) []*ort.AdvancedSession {
	b.Helper()
	values := make([]float32, len(row))
	for i, v := range row {
		values[i] = float32(v)
	}
	options, err := ort.NewSessionOptions()
	require.NoError(b, err)
	require.NoError(b, errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1)))
	b.Cleanup(func() { require.NoError(b, options.Destroy()) })
	input, err := ort.NewTensor(ort.NewShape(1, 29), values)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, input.Destroy()) })
	var sessions []*ort.AdvancedSession
	for _, m := range tutorialModels {
		data, err := os.ReadFile(filepath.Join(ownModels, m.file))
		require.NoError(b, err)
		in, out, err := ort.GetInputOutputInfoWithONNXData(data)
		require.NoError(b, err)
		output, err := ort.NewEmptyTensor[float32](ort.NewShape(1, 1))
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, output.Destroy()) })
		s, err := ort.NewAdvancedSessionWithONNXData(data, []string{in[0].Name}, []string{out[0].Name},
			[]ort.Value{input}, []ort.Value{output}, options)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, s.Destroy()) })
		sessions = append(sessions, s)
	}
	return sessions
}
