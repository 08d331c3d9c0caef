package tensor

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bodies are requests and what they hold. They also seed the fuzz target.
var bodies = map[string]struct {
	body   string
	name   string
	shape  []int64
	values []float64
}{
	"two rows":         {`{"tensor": [[1.0678324729342086, -2], [3e-7, 0.5]]}`, "tensor", []int64{2, 2}, []float64{1.0678324729342086, -2, 3e-7, 0.5}},
	"another key":      {`{"any name \"\u00e9\"":[[1]]}`, `any name "é"`, []int64{1, 1}, []float64{1}},
	"one dimension":    {`{"tensor":[1,2,3]}`, "tensor", []int64{3}, []float64{1, 2, 3}},
	"three dimensions": {`{"tensor":[[[1],[2]],[[3],[4]],[[5],[6]]]}`, "tensor", []int64{3, 2, 1}, []float64{1, 2, 3, 4, 5, 6}},
	"white space":      {" {\n\t\"tensor\" : [ [ 1 , 2 ] ] }\r\n", "tensor", []int64{1, 2}, []float64{1, 2}},
	"infinities":       {`{"tensor":[Infinity,-Infinity]}`, "tensor", []int64{2}, []float64{math.Inf(1), math.Inf(-1)}},
	"2^53":             {`{"tensor":[9007199254740992, 9007199254740994, 9007199254740993.0]}`, "tensor", []int64{3}, []float64{1 << 53, 1<<53 + 2, 1 << 53}},
}

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for name, c := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := ParseJSON([]byte(c.body))
			require.NoError(t, err)
			assert.Equal(t, Input{Name: c.name, Shape: c.shape, Values: c.values, Raw: json.RawMessage(c.body)}, in)
		})
	}
}

func TestParseJSONKeepsNaN(t *testing.T) {
	t.Parallel()
	in, err := ParseJSON([]byte(`{"tensor":[[NaN, 1]]}`))
	require.NoError(t, err)
	assert.True(t, math.IsNaN(in.Values[0]))
}

func TestParseJSONDoesNotKeepTheCallersBytes(t *testing.T) {
	t.Parallel()
	body := []byte(`{"tensor":[1]}`)
	in, err := ParseJSON(body)
	require.NoError(t, err)
	clear(body)
	assert.Equal(t, `{"tensor":[1]}`, string(in.Raw))
}

// broken are requests that are refused, and what is said.
var broken = map[string]struct{ body, want string }{
	"empty":              {"", "the body is empty; the tensor form is expected: "},
	"records":            {`[{"tensor": [1, 2]}]`, "the body is a list, as of records (pandas writes those); the tensor form is expected"},
	"a number":           {"5", "the body is a number; the tensor form is expected"},
	"no key":             {"{}", "the body has no key; the tensor form is expected"},
	"two keys":           {`{"a":[1],"b":[2]}`, `the body has more than the key "a"; the tensor form is expected`},
	"the same key twice": {`{"a":[1],"a":[2]}`, `the body has more than the key "a"`},
	"an unquoted key":    {`{tensor:[1]}`, "a key in double quotes is expected, not 't' (byte 1)"},
	"a broken key":       {`{"ten\qsor":[1]}`, "the key is not a JSON string (byte 1)"},
	"a key without end":  {`{"tensor`, "the key is not a JSON string"},
	"no colon":           {`{"tensor" [1]}`, "a colon is expected after the key, not a list (byte 10)"},
	"a lone number":      {`{"tensor": 5}`, "tensor is a number; the tensor form is expected"},
	"an object":          {`{"tensor": {"a": 1}}`, "tensor is an object; the tensor form is expected"},
	"empty batch":        {`{"tensor": []}`, "tensor is an empty list: there is nothing to infer (byte 12)"},
	"empty row":          {`{"tensor": [[]]}`, "tensor[0] is an empty list: there is nothing to infer (byte 13)"},
	"short row":          {`{"tensor": [[1,2],[3]]}`, "tensor[1] has 1 elements, the lists before it have 2"},
	"number among lists": {`{"tensor": [[1,2],3]}`, "tensor[1] is a number where the elements before it are lists"},
	"list among numbers": {`{"tensor": [[1,[2]]]}`, "tensor[0][1] is a list where the elements before it are numbers"},
	"deeper row":         {`{"tensor": [[1],[[2]]]}`, "tensor[1][0] is a list where the elements before it are numbers"},
	"shallower row":      {`{"tensor": [[[1]],[2]]}`, "tensor[1][0] is a number where the elements before it are lists"},
	"a string":           {`{"tensor": [[1,2],[3,"4"]]}`, "tensor[1][1] is a string, not a number (byte 21)"},
	"null":               {`{"tensor": [[null]]}`, "tensor[0][0] is null, not a number"},
	"a boolean":          {`{"tensor": [[true]]}`, "tensor[0][0] is a boolean, not a number"},
	"comma at the end":   {`{"tensor": [[1,]]}`, "tensor[0][1] is ']', not a number"},
	"no comma":           {`{"tensor": [[1 2]]}`, "a comma or a closing bracket is expected before tensor[0][1], not a number"},
	"cut":                {`{"tensor": [[1, 2`, "a comma or a closing bracket is expected before tensor[0][2], not the end of the text"},
	"no brace":           {`{"tensor": [[1]]`, "a closing brace is expected, not the end of the text"},
	"trailing bytes":     {`{"tensor": [[1]]} x`, "there is more after the closing brace (byte 18)"},
	"trailing NUL":       {"{\"tensor\": [[1]]}\x00", "there is more after the closing brace"},
	"hexadecimal":        {`{"tensor": [0x10]}`, "tensor[0]: 0x10 is not a number as JSON writes it"},
	"leading zero":       {`{"tensor": [[1, 01]]}`, "tensor[0][1]: 01 is not a number as JSON writes it"},
	"too large":          {`{"tensor": [-1e999]}`, "tensor[0]: -1e999 is too large for float64; write Infinity if that is meant"},
	"inexact integer":    {`{"tensor": [9007199254740993]}`, "tensor[0]: float64 cannot hold the integer 9007199254740993; write 9007199254740993.0 if the nearest float64 will do"},
	"endless literal":    {`{"tensor": [` + strings.Repeat("1x", 500), "…"},
	"too deep":           {`{"tensor": ` + strings.Repeat("[", 1<<20), "lists are nested more than 16 deep"},
}

func TestParseJSONRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseJSON([]byte(c.body))
			require.ErrorContains(t, err, c.want)
			assert.Less(t, len(err.Error()), 300)
		})
	}
}

func TestParseJSONCapsElements(t *testing.T) {
	t.Parallel()
	body := []byte(`{"tensor":[[1,2],[3,4]]}`)
	_, err := parse(body, 4)
	require.NoError(t, err)
	_, err = parse(body, 3)
	require.ErrorContains(t, err, "tensor[1][1] is one more than the 3 elements that a request may have; send it in parts")
}

func TestNumbersAreReadAsPythonDoes(t *testing.T) {
	t.Parallel()
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	literals := strings.Fields(`0 -0 -0.0 1 -1 0.1 1.0678324729342086 1e23 8.41e21 9.5e-310 4.9e-324 2e-324 1.7976931348623157e308
		2.2250738585072011e-308 123456789012345680.0 1E5 1e+5 1e-5 0e0 -0e-0 NaN Infinity -Infinity -NaN +1 .5 5. 01 -01 - 1e 1e+ 0x1 1_000
		inf nan Inf 1.e5 --1 00 9007199254740992 -9007199254740994 1e400x 1,`)
	cmd := exec.CommandContext(t.Context(), python, "testdata/numbers.py")
	cmd.Stdin = strings.NewReader(strings.Join(literals, "\n"))
	out, err := cmd.Output()
	require.NoError(t, err)
	answers := strings.Fields(string(out))
	require.Len(t, answers, len(literals))
	for i, literal := range literals {
		in, err := ParseJSON([]byte(`{"tensor": [` + literal + `]}`))
		if answers[i] == "error" {
			assert.Error(t, err, literal)
			continue
		}
		require.NoError(t, err, literal)
		if literal == "NaN" {
			assert.True(t, math.IsNaN(in.Values[0]))
			continue
		}
		assert.Equal(t, answers[i], fmt.Sprintf("%016x", math.Float64bits(in.Values[0])), literal)
	}
}

func TestTensor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values []float64
		typ    Type
		data   any
		fault  string
	}{
		"float32":        {values: []float64{0.1, math.Inf(-1)}, typ: Float32, data: []float32{0.1, float32(math.Inf(-1))}},
		"float64":        {values: []float64{0.1, 1e300}, typ: Float64, data: []float64{0.1, 1e300}},
		"int8":           {values: []float64{-128, 127}, typ: Int8, data: []int8{-128, 127}},
		"int16":          {values: []float64{-32768, 32767}, typ: Int16, data: []int16{-32768, 32767}},
		"int32":          {values: []float64{math.MinInt32, math.MaxInt32}, typ: Int32, data: []int32{math.MinInt32, math.MaxInt32}},
		"int64":          {values: []float64{-1 << 63, 1 << 53}, typ: Int64, data: []int64{math.MinInt64, 1 << 53}},
		"uint8":          {values: []float64{0, 255}, typ: Uint8, data: []uint8{0, 255}},
		"uint16":         {values: []float64{0, 65535}, typ: Uint16, data: []uint16{0, 65535}},
		"uint32":         {values: []float64{0, math.MaxUint32}, typ: Uint32, data: []uint32{0, math.MaxUint32}},
		"uint64":         {values: []float64{0, 1 << 63}, typ: Uint64, data: []uint64{0, 1 << 63}},
		"bool":           {values: []float64{0, 1}, typ: Bool, data: []bool{false, true}},
		"large float32":  {values: []float64{1, 1e39}, typ: Float32, fault: "tensor[0][1]: 1e+39 cannot become float32: it is out of range"},
		"fraction":       {values: []float64{1, 1.5}, typ: Int64, fault: "tensor[0][1]: 1.5 cannot become int64: it is not an integer"},
		"NaN":            {values: []float64{math.NaN(), 1}, typ: Int32, fault: "tensor[0][0]: NaN cannot become int32: it is not an integer"},
		"infinity":       {values: []float64{math.Inf(1), 1}, typ: Int32, fault: "tensor[0][0]: +Inf cannot become int32: it is out of range"},
		"2^63":           {values: []float64{1, 1 << 63}, typ: Int64, fault: "it is out of range"},
		"2^64":           {values: []float64{1, 1 << 64}, typ: Uint64, fault: "it is out of range"},
		"negative":       {values: []float64{1, -1}, typ: Uint8, fault: "tensor[0][1]: -1 cannot become uint8: it is out of range"},
		"two as a bool":  {values: []float64{1, 2}, typ: Bool, fault: "tensor[0][1]: 2 cannot become bool: only 0 and 1 stand for false and true"},
		"a string model": {values: []float64{1, 2}, typ: String, fault: "numbers cannot become a tensor of string"},
		"no type":        {values: []float64{1, 2}, typ: Undefined, fault: "numbers cannot become a tensor of undefined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Input{Name: "tensor", Shape: []int64{1, 2}, Values: c.values}.Tensor(c.typ)
			if c.fault != "" {
				require.ErrorContains(t, err, c.fault)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, Tensor{Type: c.typ, Shape: []int64{1, 2}, Data: c.data}, got)
			assert.NoError(t, got.Validate())
		})
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, c := range bodies {
		f.Add([]byte(c.body))
	}
	for name, c := range broken {
		if name != "too deep" {
			f.Add([]byte(c.body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := ParseJSON(body)
		if err != nil {
			return
		}
		n, err := Elements(in.Shape)
		require.NoError(t, err)
		require.Len(t, in.Values, n)
		require.Equal(t, string(body), string(in.Raw))
		var plain map[string]any
		if json.Unmarshal(body, &plain) != nil {
			require.Regexp(t, "NaN|Infinity", string(body), "only these are more than JSON")
			return
		}
		require.Equal(t, flatten(plain[in.Name]), in.Values)
	})
}

// flatten lists the numbers that encoding/json read.
func flatten(v any) []float64 {
	if number, ok := v.(float64); ok {
		return []float64{number}
	}
	var all []float64
	for _, e := range v.([]any) {
		all = append(all, flatten(e)...)
	}
	return all
}

func BenchmarkParseJSON(b *testing.B) {
	row := strings.TrimSuffix(strings.Repeat("1.0678324729342086,", 29), ",")
	body := []byte(`{"tensor":[` + strings.TrimSuffix(strings.Repeat("["+row+"],", 100), ",") + `]}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}
