package logs

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// noon is a time with no fraction below the millisecond.
var noon = time.Date(2022, 8, 4, 20, 17, 9, 408e6, time.UTC)

// floats is a named row of a float32 output.
func floats(name string, values ...float32) tensor.Named {
	return tensor.Named{Name: name, Tensor: tensor.Tensor{Type: tensor.Float32, Shape: []int64{1, int64(len(values))}, Data: values}}
}

// doubles is a named row of float64, as most requests are.
func doubles(name string, values ...float64) tensor.Named {
	return tensor.Named{Name: name, Tensor: tensor.Tensor{Type: tensor.Float64, Shape: []int64{1, int64(len(values))}, Data: values}}
}

// shadowEntry is an entry as a shadow deployment logs it; n tells it from others.
func shadowEntry(n int) Entry {
	return Entry{
		Time: noon.Add(time.Duration(n) * time.Millisecond), Workspace: 1, Pipeline: "cc-shadow", PipelineVersion: "v1",
		Model:   ModelRef{"champion", "c1", "aa"},
		Elapsed: time.Duration(n) * time.Nanosecond,
		Input:   tensor.Input{Fields: []tensor.Named{doubles("tensor", float64(n), 0.1)}, Raw: json.RawMessage(fmt.Sprintf(`{"tensor": [[%d, 0.1]]}`, n))},
		Outputs: []tensor.Named{floats("dense_1", float32(n)/3)},
		Shadow: []Shadow{
			{Model: ModelRef{"a", "a1", "bb"}, Elapsed: 5, Outputs: []tensor.Named{floats("variable", float32(n))}},
			{Model: ModelRef{"b", "b1", "cc"}, Elapsed: 6, Outputs: []tensor.Named{floats("variable", 1, 2)}},
		},
	}
}

func openLog(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	return l
}

func appendAll(t testing.TB, l *Log, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		require.NoError(t, l.Append(t.Context(), e))
	}
}

// all reads every entry of the pipeline of shadowEntry, and wants no warning.
func all(t testing.TB, l *Log) []Entry {
	t.Helper()
	page, err := l.Query(t.Context(), Query{Workspace: 1, Pipeline: "cc-shadow", Limit: math.MaxInt})
	require.NoError(t, err)
	require.Empty(t, page.Warnings)
	require.False(t, page.More)
	return page.Entries
}

func segmentsOf(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"+dataSuffix))
	require.NoError(t, err)
	return files
}

// anyTensor is a random tensor of any type, shape and values, also those that are easily lost.
func anyTensor(r *rand.Rand) tensor.Tensor {
	shape := make([]int64, r.IntN(3))
	for i := range shape {
		shape[i] = r.Int64N(4)
	}
	n, _ := tensor.Elements(shape)
	t := tensor.Tensor{Type: tensor.Float32 + tensor.Type(r.IntN(12)), Shape: shape}
	switch t.Type {
	case tensor.Float32:
		t.Data = fill(n, func() float32 { return math.Float32frombits(r.Uint32() &^ (1 << 22)) })
	case tensor.Float64:
		t.Data = fill(n, func() float64 { return math.Float64frombits(r.Uint64()) })
	case tensor.Int8:
		t.Data = fill(n, func() int8 { return int8(r.Uint64()) })
	case tensor.Int16:
		t.Data = fill(n, func() int16 { return int16(r.Uint64()) })
	case tensor.Int32:
		t.Data = fill(n, func() int32 { return int32(r.Uint64()) })
	case tensor.Int64:
		t.Data = fill(n, func() int64 { return int64(r.Uint64()) })
	case tensor.Uint8:
		t.Data = fill(n, func() uint8 { return uint8(r.Uint64()) })
	case tensor.Uint16:
		t.Data = fill(n, func() uint16 { return uint16(r.Uint64()) })
	case tensor.Uint32:
		t.Data = fill(n, func() uint32 { return uint32(r.Uint64()) })
	case tensor.Uint64:
		t.Data = fill(n, func() uint64 { return r.Uint64() })
	case tensor.Bool:
		t.Data = fill(n, func() bool { return r.IntN(2) == 0 })
	case tensor.String:
		t.Data = fill(n, func() string { return []string{"", "a\x00b", "日本", "\xff not UTF-8", "x"}[r.IntN(5)] })
	}
	return t
}

func fill[T any](n int, value func() T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = value()
	}
	return all
}

// anyEntry is a random entry: challengers come, fail and share names; columns have names that clash.
func anyEntry(r *rand.Rand, at time.Time) Entry {
	names := []string{"a", "b", "c.d", "error"}
	outputs := func() []tensor.Named {
		all := make([]tensor.Named, r.IntN(3))
		for i := range all {
			all[i] = tensor.Named{Name: []string{"y", "y.shape", "version"}[i], Tensor: anyTensor(r)}
		}
		return all
	}
	e := shadowEntry(r.IntN(1000))
	e.Time, e.Outputs, e.Shadow = at, outputs(), nil
	for range r.IntN(4) {
		s := Shadow{Model: ModelRef{names[r.IntN(len(names))], "v", "s"}, Elapsed: time.Duration(r.Int64N(1e9)), Outputs: outputs()}
		if r.IntN(4) == 0 {
			s.Outputs, s.Err = nil, "bad\n\"input\""
		}
		e.Shadow = append(e.Shadow, s)
	}
	if r.IntN(2) == 0 {
		e.Steps = []time.Duration{time.Duration(r.Int64N(1e9)), 5}[:1+r.IntN(2)]
	}
	if r.IntN(4) == 0 {
		e.Split = []ModelRef{{"a", "v", "s"}, {"\"b\"", "", "日本"}}[:1+r.IntN(2)]
	}
	for i := range r.IntN(3) {
		e.Anomalies = append(e.Anomalies, Anomaly{[]string{"a", "tensor"}[i], fill(r.IntN(4), func() bool { return r.IntN(2) == 0 })})
	}
	for range r.IntN(3) {
		e.Failures = append(e.Failures, names[r.IntN(len(names))])
	}
	e.Input.Fields[0] = doubles("tensor", []float64{math.NaN(), math.Inf(1), math.Copysign(0, -1), 0.1}[r.IntN(4)])
	switch r.IntN(3) {
	case 0:
		e.Input.Fields[0].Name, e.Input.Raw = "raw", nil
	case 1:
		e.Input.Table = true
		for i := range r.IntN(3) {
			e.Input.Fields = append(e.Input.Fields, tensor.Named{Name: []string{"id", "tensor.shape"}[i], Tensor: anyTensor(r)})
		}
	}
	return e
}

// exact is an entry in a form in which equal means equal to the bit, which NaN is not by ==.
func exact(e Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d %q %q %+v %d %q\n", e.Time.UnixMilli(), e.Workspace, e.Pipeline, e.PipelineVersion, e.Model, e.Elapsed, e.Failures)
	for _, f := range e.Input.Fields {
		exactTensor(&b, f.Name, f.Tensor)
	}
	fmt.Fprintf(&b, "%v %q %v %q %v\n", e.Input.Table, e.Input.Raw, e.Steps, e.Split, e.Anomalies)
	for _, o := range e.Outputs {
		exactTensor(&b, o.Name, o.Tensor)
	}
	shadows := slices.SortedStableFunc(slices.Values(e.Shadow), func(a, b Shadow) int { return strings.Compare(a.Model.Name, b.Model.Name) })
	for _, s := range shadows {
		fmt.Fprintf(&b, "shadow %+v %d %q\n", s.Model, s.Elapsed, s.Err)
		for _, o := range s.Outputs {
			exactTensor(&b, o.Name, o.Tensor)
		}
	}
	return b.String()
}

func exactTensor(b *strings.Builder, name string, t tensor.Tensor) {
	data := t.Data
	switch d := data.(type) {
	case []float32:
		data = bits(d, math.Float32bits)
	case []float64:
		data = bits(d, math.Float64bits)
	}
	fmt.Fprintf(b, "%q %s %v %T%q\n", name, t.Type, t.Shape, t.Data, fmt.Sprintf("%q", data))
}

func bits[F, U any](values []F, of func(F) U) []U {
	all := make([]U, len(values))
	for i, v := range values {
		all[i] = of(v)
	}
	return all
}

func exactAll(entries []Entry) []string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = exact(e)
	}
	return all
}
