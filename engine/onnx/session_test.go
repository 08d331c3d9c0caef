package onnx

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

const shadow = "../../../shared/wallaroo/shadow"

// open opens the library that make gives to tests.
func open(tb testing.TB) *Runtime {
	tb.Helper()
	if os.Getenv(PathVariable) == "" {
		tb.Skip(PathVariable + " is not set: run make test")
	}
	lib, err := Find(tb.Context(), "", "")
	require.NoError(tb, err)
	r, err := Open(lib)
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, r.Close()) })
	return r
}

func loadFile(tb testing.TB, r *Runtime, path string) *Session {
	tb.Helper()
	model, err := os.ReadFile(path)
	require.NoError(tb, err)
	s, err := r.Load(model, Options{})
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, s.Close()) })
	return s
}

func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("JOEY_PYTHON")
	if path == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	return path
}

// odd writes the models of testdata/models.py and gives their folder.
func odd(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), python(t), "testdata/models.py", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	return dir
}

// realModel is the tutorial's own model, or the repository's of that name and signature where the tutorial's are not here.
func realModel(tb testing.TB, name string) string {
	tb.Helper()
	path := filepath.Join(shadow, "models", name)
	if _, err := os.Stat(path); err != nil {
		return filepath.Join("../../models", name)
	}
	return path
}

func record(tb testing.TB) tensor.Tensor {
	tb.Helper()
	body, err := os.ReadFile("../../models/smoke_test.json")
	require.NoError(tb, err)
	in, err := tensor.ParseJSON(body)
	require.NoError(tb, err)
	t, err := in.Fields[0].As(tensor.Float32)
	require.NoError(tb, err)
	return t
}

func floats(shape []int64, data ...float32) tensor.Tensor {
	return tensor.Tensor{Type: tensor.Float32, Shape: shape, Data: data}
}

func TestAKnownModelIsTheSameSession(t *testing.T) {
	t.Parallel()
	r := open(t)
	for _, name := range []string{"keras_ccfraud.onnx", "xgboost_ccfraud.onnx"} {
		model, err := os.ReadFile(realModel(t, name))
		require.NoError(t, err)
		first, err := r.Load(model, Options{})
		require.NoError(t, err)
		again, err := r.Load(model, Options{Known: first.Description})
		require.NoError(t, err)
		want, err := first.Run(t.Context(), []tensor.Tensor{record(t)})
		require.NoError(t, err)
		require.NoError(t, first.Close())
		got, err := again.Run(t.Context(), []tensor.Tensor{record(t)})
		require.NoError(t, err)
		assert.Equal(t, want, got)
		assert.Equal(t, first.Inputs(), again.Inputs())
		assert.Equal(t, first.Outputs(), again.Outputs())
		assert.Equal(t, first.IsRowWise(), again.IsRowWise())
		require.NoError(t, again.Close())
		_, err = r.Load(model[:len(model)/2], Options{Known: first.Description})
		assert.Error(t, err, "the model is loaded all the same")
	}
}

func TestRealModelsGiveTheTutorialsNumbers(t *testing.T) {
	if _, err := os.Stat(shadow); err != nil {
		t.Skip("the tutorial's own models are not here: ", err)
	}
	for name, want := range map[string]float64{
		"keras_ccfraud.onnx":   0.001497417688369751,
		"xgboost_ccfraud.onnx": 0.0005066990852355957,
		"modelA.onnx":          1.0,
	} {
		t.Run(name, func(t *testing.T) {
			s := loadFile(t, open(t), realModel(t, name))
			out, err := s.Run(t.Context(), []tensor.Tensor{record(t)})
			require.NoError(t, err)
			require.Len(t, out, 1)
			assert.Equal(t, s.Outputs()[0].Name, out[0].Name)
			assert.Equal(t, []int64{1, 1}, out[0].Tensor.Shape)
			require.NoError(t, out[0].Tensor.Validate())
			assert.Equal(t, want, float64(out[0].Tensor.Data.([]float32)[0]))
		})
	}
}

func TestIntrospection(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	assert.Equal(t, []Value{{Name: "dense_input", Type: tensor.Float32, Shape: []int64{-1, 29}}}, s.Inputs())
	assert.Equal(t, "dense_1: float32[?, 1]", s.Outputs()[0].String())
}

func TestInputsThatDoNotFitNeverReachNativeCode(t *testing.T) {
	r := open(t)
	model, err := os.ReadFile(realModel(t, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	s, err := r.Load(model, Options{MaxElements: 29 * 3})
	require.NoError(t, err)
	defer s.Close()
	for name, c := range map[string]struct {
		in   []tensor.Tensor
		want string
	}{
		"too narrow":     {[]tensor.Tensor{floats([]int64{1, 28}, make([]float32, 28)...)}, `input "dense_input": the model expects float32[?, 29], float32[1, 28] was given`},
		"wrong rank":     {[]tensor.Tensor{floats([]int64{29}, make([]float32, 29)...)}, `input "dense_input": the model expects float32[?, 29], float32[29] was given; one row is a list in a list, [[…]]`},
		"wrong type":     {[]tensor.Tensor{{Type: tensor.Float64, Shape: []int64{1, 29}, Data: make([]float64, 29)}}, `input "dense_input": the model expects float32[?, 29], float64[1, 29] was given`},
		"no rows":        {[]tensor.Tensor{floats([]int64{0, 29})}, `input "dense_input": shape [0, 29] has no elements: there is nothing to infer`},
		"too many":       {[]tensor.Tensor{floats([]int64{4, 29}, make([]float32, 4*29)...)}, `input "dense_input": shape [4, 29] has 116 elements, at most 87 are allowed; send the batch in parts`},
		"data too short": {[]tensor.Tensor{floats([]int64{1, 29}, 1)}, `input "dense_input": shape [1 29] needs 29 elements, the tensor has 1`},
		"no data":        {[]tensor.Tensor{{}}, `input "dense_input": tensor data of type <nil>: a slice of numbers, booleans or strings is needed`},
		"no input":       {nil, "the model has 1 inputs (dense_input), 0 were given"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Run(t.Context(), c.in)
			assert.EqualError(t, err, c.want)
			var wrong *InputError
			assert.ErrorAs(t, err, &wrong)
		})
	}
}

func TestNaNGoesThrough(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "keras_ccfraud.onnx"))
	in := floats([]int64{1, 29}, make([]float32, 29)...)
	in.Data.([]float32)[3] = float32(math.NaN())
	out, err := s.Run(t.Context(), []tensor.Tensor{in})
	require.NoError(t, err)
	assert.True(t, math.IsNaN(float64(out[0].Tensor.Data.([]float32)[0])))
}

func TestBrokenModels(t *testing.T) {
	r := open(t)
	whole, err := os.ReadFile(realModel(t, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		model []byte
		want  string
	}{
		"empty":     {nil, "the model is empty"},
		"text":      {[]byte("this is no model"), "this is not an ONNX model, or it is cut short"},
		"truncated": {whole[:len(whole)/2], "this is not an ONNX model, or it is cut short"},
		"a picture": {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "this is not an ONNX model, or it is cut short"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.Load(c.model, Options{})
			assert.ErrorContains(t, err, c.want)
			var broken *ModelError
			assert.ErrorAs(t, err, &broken)
		})
	}
}

// A cut can also leave valid protobuf: then ONNX Runtime may say something else, but it always refuses and never crashes.
func TestModelCutAnywhere(t *testing.T) {
	r := open(t)
	whole, err := os.ReadFile(realModel(t, "keras_ccfraud.onnx"))
	require.NoError(t, err)
	for cut := 1; cut < len(whole); cut += 1 + len(whole)/50 {
		_, err := r.Load(whole[:cut], Options{})
		var broken *ModelError
		assert.ErrorAs(t, err, &broken, "cut at %d", cut)
	}
}

func TestRefusedTypes(t *testing.T) {
	r, dir := open(t), odd(t)
	for name, want := range map[string]string{
		"zipmap":      `output "y" is a sequence, and Joey carries only tensors; a scikit-learn classifier gives tensors when it is converted with options={'zipmap': False}`,
		"bfloat":      `output "y" has elements of type bfloat16, which Joey does not carry`,
		"twice":       `the model has two outputs "z"`,
		"half-scalar": `output "y" is float16 without dimensions, for which the binding has no memory; a Cast to float32 in the model, or a dimension of 1, mends it`,
	} {
		model, err := os.ReadFile(filepath.Join(dir, name+".onnx"))
		require.NoError(t, err)
		_, err = r.Load(model, Options{})
		assert.EqualError(t, err, want)
	}
}

func TestOutputsOfAnyShape(t *testing.T) {
	r, dir := open(t), odd(t)
	two := floats([]int64{2, 3}, 1, 2, 3, 4, 5, 6)
	sum := tensor.Tensor{Type: tensor.Float32, Data: []float32{21}}
	rows := floats([]int64{2, 1}, 6, 15)
	for name, want := range map[string][]tensor.Named{
		"scalar":   {{Name: "y", Tensor: sum}},
		"free":     {{Name: "y", Tensor: sum}},
		"lying":    {{Name: "z", Tensor: rows}},
		"rankless": {{Name: "z", Tensor: rows}},
		"mixed":    {{Name: "y", Tensor: sum}, {Name: "z", Tensor: rows}},
		"echo":     {{Name: "y", Tensor: sum}, {Name: "x", Tensor: two}},
		"echo-row": {{Name: "z", Tensor: rows}, {Name: "x", Tensor: two}}, // in a slot from the second run on
		"none":     {{Name: "y", Tensor: tensor.Tensor{Type: tensor.Int64, Shape: []int64{2, 6}, Data: []int64{0, 0, 0, 1, 1, 1, 0, 1, 2, 0, 1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := loadFile(t, r, filepath.Join(dir, name+".onnx"))
			for range 3 { // the second run takes the way that the first found
				out, err := s.Run(t.Context(), []tensor.Tensor{two})
				require.NoError(t, err)
				assert.Equal(t, want, out)
			}
		})
	}
	t.Run("unknown beside a scalar", func(t *testing.T) { // ONNX Runtime describes both alike, and the binding makes only one of them
		s := loadFile(t, r, filepath.Join(dir, "unknown-beside-scalar.onnx"))
		for range 2 {
			_, err := s.Run(t.Context(), []tensor.Tensor{two, {Type: tensor.Int64, Shape: []int64{2}, Data: []int64{3, 2}}})
			require.ErrorContains(t, err, "The shape has no dimensions")
		}
	})
	t.Run("no elements", func(t *testing.T) {
		out, err := loadFile(t, r, filepath.Join(dir, "none.onnx")).Run(t.Context(), []tensor.Tensor{floats([]int64{1, 3}, 0, 0, 0)})
		require.NoError(t, err)
		assert.Equal(t, tensor.Tensor{Type: tensor.Int64, Shape: []int64{2, 0}, Data: []int64{}}, out[0].Tensor)
	})
}

func everyType() []tensor.Tensor {
	two := []int64{2}
	return []tensor.Tensor{
		{Type: tensor.Float64, Shape: two, Data: []float64{0.1, math.Inf(1)}},
		{Type: tensor.Int8, Shape: two, Data: []int8{-128, 127}},
		{Type: tensor.Int16, Shape: two, Data: []int16{-32768, 32767}},
		{Type: tensor.Int32, Shape: two, Data: []int32{math.MinInt32, math.MaxInt32}},
		{Type: tensor.Int64, Shape: two, Data: []int64{math.MinInt64, math.MaxInt64}},
		{Type: tensor.Uint8, Shape: two, Data: []uint8{0, 255}},
		{Type: tensor.Uint16, Shape: two, Data: []uint16{0, 65535}},
		{Type: tensor.Uint32, Shape: two, Data: []uint32{0, math.MaxUint32}},
		{Type: tensor.Uint64, Shape: two, Data: []uint64{0, math.MaxUint64}},
		{Type: tensor.Bool, Shape: two, Data: []bool{true, false}},
		{Type: tensor.String, Shape: two, Data: []string{"", "Känguru"}},
	}
}

func TestEveryTypeGoesInAndOut(t *testing.T) {
	s := loadFile(t, open(t), filepath.Join(odd(t), "types.onnx"))
	in := everyType()
	out, err := s.Run(t.Context(), in)
	require.NoError(t, err)
	for i, want := range in {
		assert.Equal(t, want, out[i].Tensor, out[i].Name)
	}
	in[10].Data = []string{"a", "b\x00c"}
	_, err = s.Run(t.Context(), in)
	assert.EqualError(t, err, `input "text": string 1 holds a NUL byte, at which the binding would cut it`)
}

func TestCancelStopsARun(t *testing.T) {
	s := loadFile(t, open(t), filepath.Join(odd(t), "endless.onnx"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := s.Run(ctx, []tensor.Tensor{floats([]int64{1}, 1)})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = s.Run(ctx, []tensor.Tensor{floats([]int64{1}, 1)})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestClosed(t *testing.T) {
	r := open(t)
	s := loadFile(t, r, realModel(t, "keras_ccfraud.onnx"))
	require.NoError(t, s.Close())
	_, err := s.Run(t.Context(), []tensor.Tensor{record(t)})
	require.ErrorIs(t, err, ErrClosed)
	require.NoError(t, s.Close(), "closing twice does nothing")
}

func TestManyGoroutinesAndAClose(t *testing.T) {
	s := loadFile(t, open(t), realModel(t, "xgboost_ccfraud.onnx"))
	in := []tensor.Tensor{record(t)}
	want, err := s.Run(t.Context(), in)
	require.NoError(t, err)
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			for range 50 {
				out, err := s.Run(t.Context(), in)
				if err != nil {
					assert.ErrorIs(t, err, ErrClosed)
					return
				}
				assert.Equal(t, want, out)
			}
			if i == 50 {
				assert.NoError(t, s.Close())
			}
		})
	}
	group.Wait()
	_, err = s.Run(t.Context(), in)
	assert.ErrorIs(t, err, ErrClosed)
}

// The numbers are ONNX Runtime's from Python, bit for bit, for random batches.
func TestSameAsPython(t *testing.T) {
	r := open(t)
	models, err := filepath.Glob("../../models/*.onnx")
	require.NoError(t, err)
	shared, err := filepath.Glob(filepath.Join(shadow, "models", "*.onnx"))
	require.NoError(t, err)
	models = append(models, shared...)
	if len(models) == 0 {
		t.Skip("there is no model to compare with")
	}
	for _, path := range models {
		t.Run(path, func(t *testing.T) {
			s := loadFile(t, r, path)
			if want := s.Inputs(); len(want) != 1 || want[0].Type != tensor.Float32 || len(want[0].Shape) != 2 {
				t.Skip("it does not take one matrix of float32")
			}
			for _, rows := range []int{1, 2, 33, 33, 33, 2, 1} { // in slots and not
				in := randomBatch(rows, int(s.Inputs()[0].Shape[1]))
				out, err := s.Run(t.Context(), []tensor.Tensor{in})
				require.NoError(t, err)
				var ours bytes.Buffer
				for _, o := range out {
					require.NoError(t, binary.Write(&ours, binary.LittleEndian, o.Tensor.Data))
				}
				assert.Equal(t, oracle(t, path, in), ours.Bytes(), "%d rows", rows)
			}
		})
	}
}

func randomBatch(rows, width int) tensor.Tensor {
	random := rand.New(rand.NewPCG(uint64(rows), uint64(width)))
	data := make([]float32, rows*width)
	for i := range data {
		data[i] = float32(random.NormFloat64() * 3)
	}
	return floats([]int64{int64(rows), int64(width)}, data...)
}

func oracle(t *testing.T, model string, in tensor.Tensor) []byte {
	t.Helper()
	var stdin, stderr bytes.Buffer
	require.NoError(t, binary.Write(&stdin, binary.LittleEndian, in.Data))
	cmd := exec.CommandContext(t.Context(), python(t), "testdata/oracle.py", model, fmt.Sprint(in.Shape[0]), fmt.Sprint(in.Shape[1]))
	cmd.Stdin, cmd.Stderr = &stdin, &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return out
}
