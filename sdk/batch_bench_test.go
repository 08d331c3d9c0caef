package wallaroo_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"
	ort "github.com/yalue/onnxruntime_go"
)

// BenchmarkBatch is an Arrow record as a request, answered and logged, beside ONNX Runtime called bare by one thread with tensors that
// are used again, and beside Python, which does the same job (testdata/bench/batches.py). They take turns, and the ratios are the medians
// of the turns: of-c is the bare call's time by Joey's, and of-python is Python's.
func BenchmarkBatch(b *testing.B) {
	needsRuntime(b)
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		b.Skip("JOEY_PYTHON is not set: run make bench")
	}
	for at, m := range append(tutorialModels[:len(tutorialModels):len(tutorialModels)], struct{ name, file string }{"three", ""}) {
		for _, rows := range []int{1024, 65536} {
			b.Run(fmt.Sprintf("%s/%d", m.name, rows), func(b *testing.B) {
				benchmarkBatch(b, python, at, rows)
			})
		}
	}
}

// benchmarkBatch asks the at-th of the tutorial's models, or all of them.
func benchmarkBatch(b *testing.B, python string, at, rows int) {
	wl, _ := open(b, b.TempDir())
	models, files := upload(b, wl, ownModels), []string{}
	for _, m := range tutorialModels {
		files = append(files, filepath.Join(ownModels, m.file))
	}
	p, err := wl.BuildPipeline("p")
	require.NoError(b, err)
	if at < len(models) {
		files = files[at : at+1]
		_, err = p.AddModelStep(models[at])
	} else {
		_, err = p.AddShadowDeploy(models[0], models[1:]...)
	}
	require.NoError(b, err)
	_, err = p.Deploy()
	require.NoError(b, err)
	record := batchRecord(rows)
	c := bareBatch(b, files, record)
	other := startPython(b, python, "batches.py", append([]string{filepath.Join(b.TempDir(), "log.arrows")}, files...))
	joey := func() error { _, err := p.Infer(record); return err }
	for _, warm := range []func() error{joey, c, func() error { other(rows); return nil }} {
		require.NoError(b, warm())
	}
	turn := 65536 / rows // calls of ours and of C's: turns of as many rows
	var ofC, ofPython, nanos []float64
	b.ReportAllocs()
	for b.Loop() {
		took := timed(b, turn, joey)
		b.StopTimer()
		ofC = append(ofC, timed(b, turn, c)/took)
		inPython := 0.0
		for range turn {
			inPython += other(rows)
		}
		ofPython = append(ofPython, inPython/took)
		nanos = append(nanos, took*1e9/float64(turn*rows))
		b.StartTimer()
	}
	require.NoError(b, wl.Flush())
	b.ReportMetric(median(ofC), "of-c")
	b.ReportMetric(median(ofPython), "of-python")
	b.ReportMetric(median(nanos), "ns/row")
}

func timed(b *testing.B, times int, work func() error) float64 {
	start := time.Now()
	for range times {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start).Seconds()
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// batchRecord is rows of 29 values, in one column of lists.
func batchRecord(rows int) arrow.Record {
	const width = 29
	schema := arrow.NewSchema([]arrow.Field{{Name: "tensor", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32)}}, nil)
	build := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	list := build.Field(0).(*array.ListBuilder)
	values := list.ValueBuilder().(*array.Float32Builder)
	for i := range rows {
		list.Append(true)
		for j := range width {
			values.Append(float32((i*width+j)%97) / 97)
		}
	}
	return build.NewRecord()
}

// bareBatch is the binding's call of each model on the record's values.
func bareBatch(b testing.TB, files []string, record arrow.Record) func() error {
	rows := record.NumRows()
	values := record.Column(0).(*array.List).ListValues().(*array.Float32).Float32Values()
	options, err := ort.NewSessionOptions()
	require.NoError(b, err)
	require.NoError(b, errors.Join(options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1)))
	b.Cleanup(func() { require.NoError(b, options.Destroy()) })
	input, err := ort.NewTensor(ort.NewShape(rows, int64(len(values))/rows), values)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, input.Destroy()) })
	var sessions []*ort.AdvancedSession
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(b, err)
		in, out, err := ort.GetInputOutputInfoWithONNXData(data)
		require.NoError(b, err)
		output, err := ort.NewEmptyTensor[float32](ort.NewShape(rows, 1))
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, output.Destroy()) })
		s, err := ort.NewAdvancedSessionWithONNXData(data, []string{in[0].Name}, []string{out[0].Name}, []ort.Value{input}, []ort.Value{output}, options)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, s.Destroy()) })
		sessions = append(sessions, s)
	}
	return func() error {
		for _, s := range sessions {
			if err := s.Run(); err != nil {
				return err
			}
		}
		return nil
	}
}

// startPython gives a call that lets Python's script answer so many rows and tells how many seconds that took.
func startPython(b *testing.B, python, script string, args []string) func(rows int) float64 {
	cmd := exec.Command(python, append([]string{filepath.Join("..", "testdata", "bench", script)}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { require.NoError(b, errors.Join(in.Close(), cmd.Wait())) })
	lines := bufio.NewReader(out)
	return func(rows int) float64 {
		_, err := fmt.Fprintln(in, rows)
		require.NoError(b, err)
		line, err := lines.ReadString('\n')
		require.NoError(b, err)
		seconds, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		require.NoError(b, err)
		return seconds
	}
}
