package vega_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/vega"
)

var update = flag.Bool("update", false, "draw the golden pictures anew")

const rows = `[{"a":"A","b":28,"s":"x"},{"a":"B","b":55,"s":"x"},{"a":"C","b":-13,"s":"x"},{"a":"A","b":10,"s":"y"},{"a":"B","b":5,"s":"y"},{"a":"C","b":-7,"s":"y"}]`

const times = `[{"t":"2026-01-01","v":1,"s":"x"},{"t":"2026-03-05","v":4,"s":"x"},{"t":"2026-06-01","v":2,"s":"x"},{"t":"2026-01-01","v":3,"s":"y"},{"t":"2026-03-05","v":1,"s":"y"},{"t":"2026-06-01","v":5,"s":"y"}]`

func chart(data, mark, encoding string) string {
	return fmt.Sprintf(`{"data":{"values":%s},"mark":%s,"encoding":{%s}}`, data, mark, encoding)
}

// drawn are charts that are drawn, by the name of their picture.
var drawn = map[string]string{
	"bar":       chart(rows, `"bar"`, `"x":{"field":"a","type":"nominal"},"y":{"aggregate":"sum","field":"b","type":"quantitative"}`),
	"stacked":   chart(rows, `"bar"`, `"y":{"field":"a","type":"nominal","sort":"-x"},"x":{"field":"b","type":"quantitative","title":"Umsätze"},"color":{"field":"s","type":"nominal"}`),
	"line":      chart(times, `{"type":"line","point":true}`, `"x":{"field":"t","type":"temporal"},"y":{"field":"v","type":"quantitative"},"color":{"field":"s","type":"nominal","title":"series"}`),
	"area":      chart(times, `"area"`, `"x":{"field":"t","type":"temporal"},"y":{"field":"v","type":"quantitative"},"color":{"field":"s","type":"nominal"}`),
	"point":     chart(`[{"x":1000,"y":0.5},{"x":1500,"y":0.25},{"x":1250,"y":null},{"x":1700,"y":0.75}]`, `"point"`, `"x":{"field":"x","type":"quantitative","scale":{"zero":false}},"y":{"field":"y","type":"quantitative"}`),
	"histogram": chart(`[{"x":1},{"x":1.5},{"x":2},{"x":7},{"x":7.5},{"x":12}]`, `"bar"`, `"x":{"field":"x","type":"quantitative","bin":true},"y":{"aggregate":"count","type":"quantitative"}`),
	"layers": `{"title":"Two <layers>","width":260,"height":150,"data":{"values":` + times + `},"encoding":{"x":{"field":"t","type":"temporal"}},
		"layer":[{"mark":{"type":"line","color":"firebrick"},"encoding":{"y":{"aggregate":"mean","field":"v","type":"quantitative"}}},{"mark":"circle","encoding":{"y":{"field":"v","type":"quantitative"}}}]}`,
	"long names": chart(`[{"a":"a rather long name","b":1},{"a":"another long name","b":2},{"a":"k","b":3}]`, `"bar"`, `"x":{"field":"a"},"y":{"field":"b","type":"quantitative"}`),
	"empty":      chart(`[]`, `"bar"`, `"x":{"field":"a"},"y":{"field":"b","type":"quantitative"}`),
}

// The pictures were looked at when they were made.
func TestCommonChartsAreDrawn(t *testing.T) {
	t.Parallel()
	for name, spec := range drawn {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := vega.Parse(spec)
			require.NoError(t, err)
			raw, err := c.PNG()
			require.NoError(t, err)
			path := filepath.Join("testdata", name+".png")
			if *update {
				require.NoError(t, os.WriteFile(path, raw, 0o600))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			a, err := png.Decode(bytes.NewReader(want))
			require.NoError(t, err)
			b, err := png.Decode(bytes.NewReader(raw))
			require.NoError(t, err)
			assert.Equal(t, a, b)
		})
	}
}

func TestLongLabelsEndWithinThePicture(t *testing.T) {
	t.Parallel()
	c, err := vega.Parse(chart(`[{"x":0,"y":1},{"x":250000,"y":2}]`, `"point"`, `"x":{"field":"x","type":"quantitative"},"y":{"field":"y","type":"quantitative"}`))
	require.NoError(t, err)
	raw, err := c.PNG()
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
	right := picture.Bounds().Max.X - 1
	for y := range picture.Bounds().Max.Y {
		require.Equal(t, picture.At(right, 0), picture.At(right, y), "at y %d", y)
	}
}

func TestWhatIsNotDrawnIsSaid(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		chart(rows, `"arc"`, `"theta":{"field":"b"}`):                                                        `the mark "arc"`,
		chart(rows, `"bar"`, `"x":{"field":"a"},"y":{"field":"b","type":"quantitative","timeUnit":"year"}`):  `"timeUnit" of the y channel`,
		chart(rows, `"bar"`, `"x":{"field":"a"},"y":{"field":"b","type":"quantitative"},"size":{"value":3}`): `the channel "size"`,
		`{"data":{"url":"x.csv"},"mark":"bar","encoding":{"x":{"field":"a"},"y":{"field":"b"}}}`:             "data from a url",
		`{"data":` + rows + `,"transform":[{"filter":"datum.b > 3"}],"mark":"bar"}`:                          `"transform" of the chart`,
		chart(rows, `{"type":"bar","orient":"horizontal"}`, ""):                                              `"orient" of the mark`,
		`{"hconcat":[]}`: `"hconcat" of the chart`,
		chart(rows, `"point"`, `"x":{"field":"a"},"y":{"field":"b","type":"quantitative","scale":{"type":"log"}}`):             `a scale of type "log"`,
		chart(rows, `"point"`, `"x":{"field":"a"}`):                                                                            "a chart without y",
		chart(`[{"t":"soon","v":1}]`, `"line"`, `"x":{"field":"t","type":"temporal"},"y":{"field":"v","type":"quantitative"}`): `the time "soon"`,
	} {
		c, err := vega.Parse(spec)
		require.NoError(t, err, spec)
		_, err = c.PNG()
		require.ErrorContains(t, err, want)
		assert.Contains(t, c.Text(err), "(no picture: "+err.Error())
	}
}

func TestWhatIsNoChartIsAnError(t *testing.T) {
	t.Parallel()
	type row struct{ a int }
	for _, test := range []struct {
		document any
		want     string
	}{
		{"{\n\"mark\": }", "the text is not JSON: invalid character '}' looking for beginning of value (line 2)"},
		{"[]", "a chart is a JSON object, not a list"},
		{nil, "not null"},
		{func() {}, "the chart cannot be encoded: json: unsupported type: func()"},
		{map[string]any{}, `the chart has no "mark"`},
		{map[string]any{"mark": "bar"}, `the chart has no "data"`},
		{chart(rows, `"bars"`, ``), `there is no mark "bars", but arc, area, bar`},
		{chart(rows, `{"color":"red"}`, ``), `a mark is a name, such as "bar", or an object with a "type"`},
		{chart(rows, `"bar"`, `"X":{"field":"a"}`), `encoding has no channel "X"`},
		{chart(rows, `"bar"`, `"x":{"field":"A"}`), `encoding.x: no row has a field "A", but a, b, s`},
		{chart(rows, `"bar"`, `"x":{"field":"a","type":"number"}`), `encoding.x: there is no type "number", but geojson, nominal`},
		{map[string]any{"data": []row{{1}}, "mark": "bar", "encoding": map[string]any{"x": map[string]string{"field": "a"}}}, "only exported fields of structs are seen"},
		{map[string]any{"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "mark": "bar"}, "front ends draw Vega-Lite 5"},
		{`{"layer":[{"mark":"dot","data":[]}]}`, `there is no mark "dot"`},
		{`{"mark":"bar","data":5}`, "data is rows, or an object"},
		{`{"mark":"bar","data":[],"encoding":[]}`, `"encoding" is of the JSON type array here`},
	} {
		_, err := vega.Parse(test.document)
		require.ErrorContains(t, err, test.want)
	}
}

func TestRowsOfStructsAreData(t *testing.T) {
	t.Parallel()
	type row struct {
		A string `json:"a"`
		B float64
	}
	c, err := vega.Parse(map[string]any{"data": []row{{"x", 1}, {"y", 2}}, "mark": "bar",
		"encoding": map[string]any{"x": map[string]string{"field": "a"}, "y": map[string]string{"field": "B", "type": "quantitative"}}})
	require.NoError(t, err)
	var spec map[string]any
	require.NoError(t, json.Unmarshal(c.Spec(), &spec))
	assert.Equal(t, map[string]any{"values": []any{map[string]any{"a": "x", "B": 1.0}, map[string]any{"a": "y", "B": 2.0}}}, spec["data"])
	assert.Equal(t, "https://vega.github.io/schema/vega-lite/v5.json", spec["$schema"])
	_, err = c.PNG()
	require.NoError(t, err)
	assert.Equal(t, "Vega-Lite chart: bar of B over a, 2 rows", c.Text(nil))
}

func FuzzParse(f *testing.F) {
	for _, spec := range drawn {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		c, err := vega.Parse(spec)
		if err != nil {
			return
		}
		assert.True(t, json.Valid(c.Spec()))
		raw, err := c.PNG()
		assert.NotEmpty(t, c.Text(err))
		if err == nil {
			_, err = png.DecodeConfig(bytes.NewReader(raw))
			assert.NoError(t, err)
		}
	})
}

func TestManyRowsAreDrawnInTime(t *testing.T) {
	t.Parallel()
	type row struct{ X, Y int }
	rows := make([]row, 20_000)
	for i := range rows {
		rows[i] = row{i, i * i % 1009}
	}
	for _, mark := range []string{"point", "line", "bar"} {
		channel := func(f string) map[string]string { return map[string]string{"field": f, "type": "quantitative"} }
		x := channel("X")
		if mark == "bar" {
			x["type"] = "temporal"
		}
		c, err := vega.Parse(map[string]any{"data": rows, "mark": mark, "encoding": map[string]any{"x": x, "y": channel("Y")}})
		require.NoError(t, err)
		start := time.Now()
		_, err = c.PNG()
		require.NoError(t, err)
		t.Logf("%s: %v", mark, time.Since(start))
	}
}
