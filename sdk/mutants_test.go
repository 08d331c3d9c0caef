package wallaroo_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// TestMutatedInputsAreRefusedOrAnswered sends texts, files and Go values that were changed at random, JOEY_MUTANTS of them, in a process of its
// own, so that one which ends it is named. An answer has to have the rows of its input, be the same when that is asked again, and be logged.
func TestMutatedInputsAreRefusedOrAnswered(t *testing.T) {
	const inside = "JOEY_TEST_MUTANTS"
	needsRuntime(t)
	if os.Getenv(inside) != "" {
		askMutants(t)
		return
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out[max(0, len(out)-10_000):])
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	t.Logf("%s", out)
}

func askMutants(t *testing.T) {
	count := 150
	if text := os.Getenv("JOEY_MUTANTS"); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	houses, mixed := deployHouses(t), deployConfigured(t, "mixed")
	files := map[string][]byte{".csv": []byte("a,b,c,d,e,f,g,h\n3,2,102,497,1,30,2,28.5\n2,1,106,253,1,47,0,22.25\n")}
	for _, kind := range []string{".arrow", ".parquet", ".json"} {
		body, err := os.ReadFile("../models/houses" + kind)
		require.NoError(t, err)
		files[kind] = body
	}
	answers := map[*wallaroo.Pipeline]int{}
	for i := range count {
		fmt.Println("mutant", i) // the last one is what ended the process
		m := inputMutator{rand.New(rand.NewPCG(uint64(i), 21))}
		p, ask := houses, houses.Infer
		var in any
		switch kind := m.IntN(9); kind {
		case 0:
			in = m.text([]byte(`{"tensor": [[3, 2, 102, 497, 1, 30, 2, 28.5], [2, 1, 106, 253, 1, 47, 0, 22.25]]}`))
		case 1, 2, 3, 4:
			name := []string{".arrow", ".parquet", ".json", ".csv"}[kind-1]
			file := filepath.Join(t.TempDir(), "houses"+name)
			body := m.bytes(files[name])
			if kind > 2 {
				body = []byte(m.text(files[name]))
			}
			require.NoError(t, os.WriteFile(file, body, 0o600))
			in, ask = file, func(path any) (wallaroo.InferenceResults, error) { return houses.InferFromFile(path.(string)) }
		case 5:
			in = m.value(map[string]any{"tensor": [][]float64{{3, 2, 102, 497, 1, 30, 2, 28.5}, {2, 1, 106, 253, 1, 47, 0, 22.25}}})
		case 6:
			p, ask = mixed, mixed.Infer
			in = m.text([]byte(`[{"n": 9007199254740993, "s": "a", "ok": true, "x": [0.5, 1], "id": 1.5}, {"n": -1, "s": "é", "ok": false, "x": [2, 3], "id": 2}]`))
		case 7:
			p, ask = mixed, mixed.Infer
			in = m.value(map[string]any{"n": []int64{1, 2}, "s": [][]string{{"a"}, {"b"}}, "ok": []bool{true, false}, "x": [][]float32{{0.5, 1}, {2, 3}}})
		case 8:
			in = m.record()
		}
		results, err := ask(in)
		if err != nil {
			require.Nil(t, results, err)
			continue
		}
		answers[p] += 2
		requireSound(t, p, results)
	}
	for p, answered := range answers {
		logs, err := p.Logs(wallaroo.Limit(2 * count))
		require.NoError(t, err)
		require.Len(t, logs.Entries, answered)
		require.Positive(t, answered)
	}
	fmt.Println(answers[houses]/2, "and", answers[mixed]/2, "of", count, "were answered")
}

func deployHouses(t *testing.T) *wallaroo.Pipeline {
	t.Helper()
	wl, _ := open(t, t.TempDir())
	p, err := wl.BuildPipeline("houses")
	require.NoError(t, err)
	var models []*wallaroo.Model
	for _, name := range []string{"linear", "boosted", "forest"} {
		m, err := wl.UploadModel(name, filepath.Join(ownModels, "house_"+name+".onnx"))
		require.NoError(t, err)
		m, err = m.Configure(wallaroo.TensorFields("tensor"))
		require.NoError(t, err)
		models = append(models, m)
	}
	_, err = p.AddShadowDeploy(models[0], models[1:]...)
	require.NoError(t, err)
	_, err = p.Deploy(wallaroo.ChallengerTimeout(60_000_000_000))
	require.NoError(t, err)
	return p
}

// requireSound holds an answer against the rows of its input, and asks that again.
func requireSound(t *testing.T, p *wallaroo.Pipeline, results wallaroo.InferenceResults) {
	t.Helper()
	require.Len(t, results, 1)
	r := results[0]
	table, err := r.Table()
	require.NoError(t, err)
	require.Positive(t, table.Len())
	require.Empty(t, r.ShadowErrors())
	all := r.ShadowData()
	all["champion"] = r.Data()
	for name, arrays := range all {
		for _, a := range arrays {
			if len(all) > 1 { // the fields of the other model may have different numbers of rows
				require.Equal(t, int64(table.Len()), a.Shape()[0], "%s %s", name, a.Name())
			}
			elements := 1
			for _, d := range a.Shape() {
				elements *= int(d)
			}
			require.Equal(t, elements, a.Len())
		}
	}
	again, err := p.Infer(r.InputData())
	require.NoError(t, err, r.InputData())
	require.Len(t, again, 1)
	require.Equal(t, r.Data(), again[0].Data())
	require.Equal(t, r.ShadowData(), again[0].ShadowData())
}

// inputMutator changes requests.
type inputMutator struct{ *rand.Rand }

// bytes are flipped, cut, and overwritten by large numbers.
func (m inputMutator) bytes(body []byte) []byte {
	body = bytes.Clone(body)
	for range 1 + m.IntN(3)*m.IntN(2) {
		at := m.IntN(len(body) - 8)
		switch m.IntN(5) {
		case 0:
			body[at] ^= byte(1 + m.IntN(255))
		case 1:
			binary.LittleEndian.PutUint32(body[at:], m.Uint32()>>m.IntN(32))
		case 2:
			copy(body[at:], "\xff\xff\xff\x7f\xff\xff\xff\x7f")
		case 3:
			end := max(0, len(body)-1000) // where formats have what leads to the rest
			body[end+m.IntN(len(body)-end)] ^= byte(1 + m.IntN(255))
		case 4:
			if body = body[:at]; len(body) < 9 {
				return body
			}
		}
	}
	return body
}

var snippets = []string{
	"null", "NaN", "-Infinity", "1e999", "1e-400", "-0", "99999999999999999999999", "9007199254740993", "true", `"a"`, `"\ud800"`, "\x00", "\xff\xfe", "[", "]", "{", "}", ",", ":", `"`,
	"[]", "{}", `{"a": 1}`, strings.Repeat("[", 10_000), strings.Repeat("7", 5_000), "1.", ".5", "0x1", "tensor", " ", "\n", "id",
}

// text has other bytes, is cut, or has something else in places.
func (m inputMutator) text(body []byte) string {
	text := string(body)
	for range 1 + m.IntN(3)*m.IntN(2) {
		at := m.IntN(len(text) + 1)
		to := min(len(text), at+m.IntN(6))
		snippet := snippets[m.IntN(len(snippets))]
		switch m.IntN(8) {
		case 0:
			text = text[:at]
		case 1:
			text = text[:at] + string([]byte{byte(m.Uint32())}) + text[to:]
		case 2, 3:
			text = text[:at] + snippet + text[at:]
		case 4:
			text = text[:at] + text[to:]
		case 5:
			text = text[:at] + text[m.IntN(at+1):]
		default: // in the place of a number, most of which stay requests
			from := strings.IndexAny(text[at:], "0123456789")
			if from < 0 {
				continue
			}
			rest := strings.TrimLeft(text[at+from:], "0123456789.")
			number := strconv.FormatFloat(m.NormFloat64()*math.Pow(10, float64(m.IntN(12))), 'g', 1+m.IntN(17), 64)
			if m.IntN(3) == 0 {
				number = snippet
			}
			text = text[:at+from] + number + rest
		}
	}
	return text
}

// value changes something in nested Go values.
func (m inputMutator) value(v any) any {
	strange := []any{
		nil, "text", 7, -1.5, true, math.NaN(), math.Inf(1), 1e300, uint64(math.MaxUint64), []any{}, []float64(nil), [][]float64{{1}, {1, 2}}, []any{1, "a"}, map[string]any{},
		map[int]int{1: 2}, struct{}{}, complex(1, 1), make(chan int), func() {}, new(float64), (*float64)(nil), [8]float32{}, [2][8]int8{}, make([][]float64, 3), []string{"", "\x00", "\xff"},
		make([]float64, 1<<21), errForm{}, []byte("{}"), []any{[]any{[]any{1}}},
	}
	if m.IntN(4) == 0 {
		return strange[m.IntN(len(strange))]
	}
	of := reflect.ValueOf(v)
	switch {
	case of.Kind() == reflect.Map && of.Len() > 0:
		changed := map[string]any{}
		at, i := m.IntN(of.Len()), 0
		for _, name := range []string{"tensor", "n", "s", "ok", "x"} {
			inner := of.MapIndex(reflect.ValueOf(name))
			if !inner.IsValid() {
				continue
			}
			changed[name] = inner.Interface()
			if i == at && m.IntN(8) == 0 {
				delete(changed, name)
			} else if i == at {
				changed[name] = m.value(inner.Interface())
			}
			i++
		}
		return changed
	case of.Kind() == reflect.Slice && of.Len() > 0:
		changed := make([]any, of.Len())
		for i := range changed {
			changed[i] = of.Index(i).Interface()
		}
		at := m.IntN(of.Len())
		switch m.IntN(4) {
		case 0:
			return changed[:at]
		case 1:
			return append(changed, changed[at])
		default:
			changed[at] = m.value(changed[at])
			return changed
		}
	case of.Kind() == reflect.Float64 || of.Kind() == reflect.Float32:
		return []any{m.NormFloat64() * 100, float32(m.NormFloat64()), m.IntN(1000), uint8(m.IntN(256)), math.MaxFloat64, math.SmallestNonzeroFloat64}[m.IntN(6)]
	default:
		return strange[m.IntN(len(strange))]
	}
}

// errForm says that it has no JSON.
type errForm struct{}

func (errForm) MarshalJSON() ([]byte, error) { return []byte(`{"tensor": [[`), nil }

// record is a column of one of many types, of lists of a length or of several, with or without nulls.
func (m inputMutator) record() arrow.Record {
	types := []arrow.DataType{
		arrow.PrimitiveTypes.Float32, arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Uint64, arrow.FixedWidthTypes.Float16,
		arrow.FixedWidthTypes.Boolean, arrow.BinaryTypes.String, arrow.BinaryTypes.Binary, arrow.FixedWidthTypes.Date32, arrow.Null,
	}
	typ := types[m.IntN(len(types)*2)%len(types)]
	if m.IntN(2) == 0 {
		typ = types[m.IntN(2)]
	}
	width := 8
	if m.IntN(4) == 0 {
		width = m.IntN(10)
	}
	var of arrow.DataType = arrow.ListOf(typ)
	switch m.IntN(6) {
	case 0:
		of = arrow.FixedSizeListOf(int32(max(width, 1)), typ)
	case 1:
		of = arrow.LargeListOf(typ)
	case 2:
		of = []arrow.DataType{typ, arrow.ListOf(arrow.ListOf(typ)), arrow.StructOf(arrow.Field{Name: "a", Type: typ})}[m.IntN(3)]
	}
	b := array.NewBuilder(memory.DefaultAllocator, of)
	for range m.IntN(6) {
		m.appendTo(b, width)
	}
	values := b.NewArray()
	record := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "tensor", Type: of, Nullable: true}}, nil), []arrow.Array{values}, int64(values.Len()))
	if n := record.NumRows(); n > 1 && m.IntN(3) == 0 {
		return record.NewSlice(1, n)
	}
	return record
}

func (m inputMutator) appendTo(b array.Builder, width int) {
	list, ok := b.(array.ListLikeBuilder)
	switch {
	case m.IntN(60) == 0:
		b.AppendNull()
	case ok:
		list.Append(true)
		if m.IntN(30) == 0 && b.Type().ID() != arrow.FIXED_SIZE_LIST {
			width++
		}
		for range width {
			m.appendTo(list.ValueBuilder(), width)
		}
	case b.Type().ID() == arrow.FLOAT32:
		b.(*array.Float32Builder).Append(float32(m.NormFloat64() * 100))
	case b.Type().ID() == arrow.FLOAT64:
		b.(*array.Float64Builder).Append([]float64{m.NormFloat64() * 100, 0.1, 1e39, math.NaN(), 1}[m.IntN(5)*m.IntN(2)*m.IntN(2)])
	default:
		b.AppendEmptyValue()
	}
}
