package notebook_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/notebook"
)

// front records what it shows.
type front struct {
	mu    sync.Mutex
	shown []display.Bundle
	ids   map[string]bool
	fresh int
}

func (f *front) Show(b display.Bundle, id string, update bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids == nil {
		f.ids = map[string]bool{}
	}
	f.ids[id] = true
	if !update {
		f.fresh++
	}
	f.shown = append(f.shown, b)
}

func (*front) Clear(bool)                       {}
func (*front) NextInput(string, bool)           {}
func (*front) Ask(string, bool) (string, error) { return "", nil }

func (f *front) all() []display.Bundle {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.shown)
}

func (f *front) last() string {
	all := f.all()
	return all[len(all)-1].Data[display.Plain].(string)
}

func TestProgressUpdatesInPlaceTenTimesASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &front{}
		b := notebook.New(f).Progress(1000, "<load>")
		for range 1000 {
			time.Sleep(2 * time.Millisecond)
			b.Add(1)
		}
		assert.InDelta(t, 20, len(f.all()), 2)
		time.Sleep(time.Second)
		b.Done()
		b.Add(1)
		assert.Equal(t, "<load> 100% |██████████████████████████████| 1000/1000, 333/s, 3s", f.last())
		assert.Contains(t, f.all()[0].Data[display.HTML], "&lt;load&gt;")
		assert.Len(t, f.ids, 1)
		assert.Equal(t, 1, f.fresh)
	})
}

func TestProgressShowsTheLastStateWithoutDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &front{}
		b := notebook.New(f).Progress(4)
		time.Sleep(time.Second)
		b.Add(1)
		b.Set(2)
		time.Sleep(time.Second)
		assert.Equal(t, " 50% |███████████████               | 2/4, 1.82/s, 1.1s left", f.last())
	})
}

func TestProgressWritesHighRatesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &front{}
		b := notebook.New(f).Progress(300_000)
		time.Sleep(2 * time.Second)
		b.Add(300_000)
		b.Done()
		assert.Contains(t, f.last(), "300000/300000, 150000/s, 2s")
	})
}

func TestJSONIsADocument(t *testing.T) {
	t.Parallel()
	d := notebook.JSON(map[string]int{"a": 1})
	assert.Equal(t, map[string]any{display.Plain: `{"a":1}`, display.JSON: json.RawMessage(`{"a":1}`)}, display.Of(d).Data)
	assert.Equal(t, map[string]any{display.Plain: "not JSON: json: unsupported type: func()"}, display.Of(notebook.JSON(func() {})).Data)
}

// picture is the smallest PNG that image/png reads.
func picture(t *testing.T) notebook.PNG {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))))
	return b.Bytes()
}

func TestRichFormsHaveReadableText(t *testing.T) {
	t.Parallel()
	p := picture(t)
	for _, test := range []struct {
		value       any
		mime, plain string
		form        string
	}{
		{notebook.HTML("<b>a</b> &lt;<p>b"), display.HTML, "a <\nb", "<b>a</b> &lt;<p>b"},
		{notebook.Markdown("**a**"), display.Markdown, "**a**", "**a**"},
		{notebook.Latex("$x$"), display.Latex, "$x$", "$x$"},
		{notebook.SVG("<svg><title>A cat</title></svg>"), display.SVG, "SVG drawing, 31 bytes: A cat", "<svg><title>A cat</title></svg>"},
		{p, display.PNG, "PNG picture, 3 × 2", base64.StdEncoding.EncodeToString(p)},
	} {
		assert.Equal(t, map[string]any{display.Plain: test.plain, test.mime: test.form}, display.Of(test.value).Data)
	}
	assert.Equal(t, "not a PNG picture: png: invalid format: not a PNG file (8 bytes)", display.Of(notebook.PNG("no image")).Data[display.Plain])
	assert.Equal(t, "<b>a</b>", fmt.Sprint(notebook.HTML("<b>a</b>")), "programs put pieces together")
}

func TestAChartIsOneBundle(t *testing.T) {
	t.Parallel()
	spec := map[string]any{"data": []map[string]any{{"a": "x", "b": 1}}, "mark": "bar",
		"encoding": map[string]any{"x": map[string]any{"field": "a"}, "y": map[string]any{"field": "b", "type": "quantitative"}}}
	data := display.Of(notebook.VegaLite(spec)).Data
	assert.Equal(t, "Vega-Lite chart: bar of b over a, 1 rows", data[display.Plain])
	assert.Contains(t, string(data["application/vnd.vegalite.v5+json"].(json.RawMessage)), `"values":[{"a":"x","b":1}]`)
	raw, err := base64.StdEncoding.DecodeString(data[display.PNG].(string))
	require.NoError(t, err)
	_, err = png.DecodeConfig(bytes.NewReader(raw))
	require.NoError(t, err)

	spec["mark"] = "boxplot"
	data = display.Of(notebook.VegaLite(spec)).Data
	assert.NotContains(t, data, display.PNG)
	assert.Contains(t, data[display.Plain], `(no picture: the mark "boxplot" is not drawn here`)

	spec["mark"] = "<bars>"
	data = display.Of(notebook.VegaLite(spec)).Data
	assert.NotContains(t, data, "application/vnd.vegalite.v5+json")
	assert.Contains(t, data[display.Plain], `not a Vega-Lite chart: there is no mark "<bars>"`)
	assert.Contains(t, data[display.HTML], "&lt;bars&gt;")
}
