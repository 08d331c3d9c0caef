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
	fields []Named
}{
	"two rows":         {`{"tensor": [[1.0678324729342086, -2], [3e-7, 0.5]]}`, []Named{field("tensor", []float64{1.0678324729342086, -2, 3e-7, 0.5}, 2, 2)}},
	"another key":      {`{"any name \"\u00e9\"":[[1]]}`, []Named{field(`any name "é"`, []int64{1}, 1, 1)}},
	"one dimension":    {`{"tensor":[1,2,-0]}`, []Named{field("tensor", []int64{1, 2, 0}, 3)}},
	"three dimensions": {`{"tensor":[[[1],[2]],[[3],[4]],[[5],[6]]]}`, []Named{field("tensor", []int64{1, 2, 3, 4, 5, 6}, 3, 2, 1)}},
	"white space":      {" {\n\t\"tensor\" : [ [ 1 , 2.0 ] ] }\r\n", []Named{field("tensor", []float64{1, 2}, 1, 2)}},
	"infinities":       {`{"tensor":[Infinity,-Infinity]}`, []Named{field("tensor", []float64{math.Inf(1), math.Inf(-1)}, 2)}},
	"beyond 2^53":      {`{"n":[9007199254740993, -9223372036854775808]}`, []Named{field("n", []int64{1<<53 + 1, math.MinInt64}, 2)}},
	"2^53 in float64":  {`{"n":[9007199254740992, 9007199254740994, 9007199254740993.0]}`, []Named{field("n", []float64{1 << 53, 1<<53 + 2, 1 << 53}, 3)}},
	"2^63":             {`{"n":[1, 9223372036854775808, 2]}`, []Named{field("n", []float64{1, 1 << 63, 2}, 3)}},
	"strings":          {`{"s":[["a", "\u00e9\n"]]}`, []Named{field("s", []string{"a", "é\n"}, 1, 2)}},
	"booleans":         {`{"b":[true,false ]}`, []Named{field("b", []bool{true, false}, 2)}},
	"several inputs":   {`{"x":[[0.5]],"n":[7],"user":"a","ok":true}`, []Named{field("x", []float64{0.5}, 1, 1), field("n", []int64{7}, 1), field("user", []string{"a"}), field("ok", []bool{true})}},
	"records":          {`[{"t": [1, 2.5], "id": 1, "s": "a"}, {"id": 2, "t": [3, 4], "s": "b"}]`, []Named{field("t", []float64{1, 2.5, 3, 4}, 2, 2), field("id", []int64{1, 2}, 2), field("s", []string{"a", "b"}, 2)}},
	"one record":       {` [ {"t":[[true],[false]]} ] `, []Named{field("t", []bool{true, false}, 1, 2, 1)}},
}

// field is a named tensor of data.
func field(name string, data any, shape ...int64) Named {
	typ, _ := describe(data)
	return Named{name, Tensor{Type: typ, Shape: shape, Data: data}}
}

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for name, c := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := ParseJSON([]byte(c.body))
			require.NoError(t, err)
			assert.Equal(t, Input{Fields: c.fields, Table: strings.Contains(name, "record"), Raw: json.RawMessage(c.body)}, in)
		})
	}
}

func TestParseJSONKeepsNaN(t *testing.T) {
	t.Parallel()
	in, err := ParseJSON([]byte(`{"tensor":[[NaN, 1]]}`))
	require.NoError(t, err)
	assert.True(t, math.IsNaN(in.Fields[0].Tensor.Data.([]float64)[0]))
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
	"empty":               {"", "the body is empty; the tensor form is expected: "},
	"a list of lists":     {`[[1, 2]]`, "record 0 is a list; records are expected: "},
	"no records":          {`[ ]`, "the body is an empty list: there is nothing to infer"},
	"empty record":        {`[{}]`, "record 0 has no keys; records are expected"},
	"record lacks":        {`[{"a":1,"b":2},{"a":1}]`, `record 1 lacks the key "b", which the records before it have`},
	"record has more":     {`[{"a":1},{"a":1,"b":2}]`, `record 1 has the key "b", which the records before it do not have`},
	"record has twice":    {`[{"a":1},{"a":1,"a":2}]`, `record 1 has the key "a" twice`},
	"records differ":      {`[{"a":[1]},{"a":2}]`, `a[1] is a number where the elements before it are lists`},
	"ragged records":      {`[{"a":[1]},{"a":[2,3]}]`, `a[1] has 2 elements, the lists before it have 1`},
	"null in a record":    {`[{"a":1},{"a":null}]`, `a[1] is null, not a number, a string or a boolean`},
	"records without end": {`[{"a":1}`, `a comma or a closing bracket is expected after record 0, not the end of the text`},
	"a number":            {"5", "the body is a number; the tensor form is expected"},
	"no key":              {"{}", "the body has no key; the tensor form is expected"},
	"the same key twice":  {`{"a":[1],"a":[2]}`, `the body has the key "a" twice`},
	"too many keys":       {manyKeys(), `is one more than the 1024 keys that a request may have`},
	"an unquoted key":     {`{tensor:[1]}`, "a key in double quotes is expected, not 't' (byte 1)"},
	"a broken key":        {`{"ten\qsor":[1]}`, "the key is not a JSON string (byte 1)"},
	"a key without end":   {`{"tensor`, "the key is not a JSON string"},
	"no colon":            {`{"tensor" [1]}`, "a colon is expected after the key, not a list (byte 10)"},
	"a lone number":       {`{"tensor": 5}`, "tensor has no lists; the tensor form is expected"},
	"an object":           {`{"tensor": {"a": 1}}`, "tensor is an object; the tensor form is expected"},
	"empty batch":         {`{"tensor": []}`, "tensor is an empty list: there is nothing to infer (byte 12)"},
	"empty row":           {`{"tensor": [[]]}`, "tensor[0] is an empty list: there is nothing to infer (byte 13)"},
	"short row":           {`{"tensor": [[1,2],[3]]}`, "tensor[1] has 1 elements, the lists before it have 2"},
	"number among lists":  {`{"tensor": [[1,2],3]}`, "tensor[1] is a number where the elements before it are lists"},
	"list among numbers":  {`{"tensor": [[1,[2]]]}`, "tensor[0][1] is a list where the elements before it are numbers"},
	"deeper row":          {`{"tensor": [[1],[[2]]]}`, "tensor[1][0] is a list where the elements before it are numbers"},
	"shallower row":       {`{"tensor": [[[1]],[2]]}`, "tensor[1][0] is a number where the elements before it are lists"},
	"a string":            {`{"tensor": [[1,2],[3,"4"]]}`, "tensor[1][1] is a string where the elements before it are numbers (byte 21)"},
	"null":                {`{"tensor": [[null]]}`, "tensor[0][0] is null, not a number, a string or a boolean"},
	"a boolean":           {`{"tensor": [[1.5, true]]}`, "tensor[0][1] is a boolean where the elements before it are numbers"},
	"a broken boolean":    {`{"tensor": [truth]}`, "tensor[0]: truth is not a boolean as JSON writes it"},
	"a broken string":     {`{"tensor": ["\q"]}`, "tensor[0] is not a JSON string"},
	"a string's no end":   {`{"tensor": ["a`, "tensor[0] is not a JSON string"},
	"comma at the end":    {`{"tensor": [[1,]]}`, "tensor[0][1] is ']', not a number, a string or a boolean"},
	"no comma":            {`{"tensor": [[1 2]]}`, "a comma or a closing bracket is expected before tensor[0][1], not a number"},
	"cut":                 {`{"tensor": [[1, 2`, "a comma or a closing bracket is expected before tensor[0][2], not the end of the text"},
	"no brace":            {`{"tensor": [[1]]`, "a comma or a closing brace is expected after tensor, not the end of the text"},
	"trailing bytes":      {`{"tensor": [[1]]} x`, "there is more after the end of the request (byte 18)"},
	"trailing NUL":        {"{\"tensor\": [[1]]}\x00", "there is more after the end of the request"},
	"hexadecimal":         {`{"tensor": [0x10]}`, "tensor[0]: 0x10 is not a number as JSON writes it"},
	"leading zero":        {`{"tensor": [[1, 01]]}`, "tensor[0][1]: 01 is not a number as JSON writes it"},
	"too large":           {`{"tensor": [-1e999]}`, "tensor[0]: -1e999 is too large for float64; write Infinity if that is meant"},
	"inexact integer":     {`{"tensor": [0.5, 9007199254740993]}`, "tensor[1]: float64 cannot hold the integer 9007199254740993; write 9007199254740993.0 if the nearest float64 will do"},
	"integer then float":  {`{"tensor": [9007199254740993, 0.5]}`, "tensor[1]: float64 cannot hold the integer 9007199254740993; write 9007199254740993.0 if the nearest float64 will do"},
	"beyond int64":        {`{"tensor": [18446744073709551615]}`, "tensor[0]: float64 cannot hold the integer 18446744073709551615"},
	"endless literal":     {`{"tensor": [` + strings.Repeat("1x", 500), "…"},
	"too deep":            {`{"tensor": ` + strings.Repeat("[", 1<<20), "lists are nested more than 16 deep"},
}

func manyKeys() string {
	var b strings.Builder
	for i := range maxFields + 1 {
		fmt.Fprintf(&b, `,"%d":[1]`, i)
	}
	return "{" + b.String()[1:] + "}"
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
			assert.True(t, math.IsNaN(in.Fields[0].Tensor.Data.([]float64)[0]))
			continue
		}
		number, err := in.Fields[0].As(Float64)
		require.NoError(t, err, literal)
		assert.Equal(t, answers[i], fmt.Sprintf("%016x", math.Float64bits(number.Data.([]float64)[0])), literal)
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
		require.NotEmpty(t, in.Fields)
		for _, field := range in.Fields {
			require.NoError(t, field.Tensor.Validate())
		}
		require.Equal(t, string(body), string(in.Raw))
		var plain any
		if json.Unmarshal(body, &plain) != nil {
			require.Regexp(t, "NaN|Infinity", string(body), "only these are more than JSON")
			return
		}
		for _, field := range in.Fields {
			var value any
			if in.Table {
				var column []any
				for _, record := range plain.([]any) {
					column = append(column, record.(map[string]any)[field.Name])
				}
				value = column
			} else {
				value = plain.(map[string]any)[field.Name]
			}
			require.Equal(t, flatten(value), wide(field.Tensor.Data))
		}
	})
}

// flatten lists what encoding/json read.
func flatten(v any) []any {
	list, ok := v.([]any)
	if !ok {
		return []any{v}
	}
	var all []any
	for _, e := range list {
		all = append(all, flatten(e)...)
	}
	return all
}

// wide lists a tensor's data, numbers as encoding/json has them.
func wide(data any) (all []any) {
	switch data := data.(type) {
	case []int64:
		for _, v := range data {
			all = append(all, float64(v))
		}
	case []float64:
		for _, v := range data {
			all = append(all, v)
		}
	case []bool:
		for _, v := range data {
			all = append(all, v)
		}
	case []string:
		for _, v := range data {
			all = append(all, v)
		}
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
