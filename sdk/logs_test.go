package wallaroo_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/tensor"
	wallaroo "github.com/joey-go/joey/sdk"
)

// noon is when the first of logged requests came.
var noon = time.Date(2022, 8, 4, 12, 0, 0, 0, time.UTC)

// request is a logged request of one row, n milliseconds after noon: the champion says n, challenger a says n too,
// and challenger b is n off.
func request(n int) logs.Entry {
	out := func(v int) []tensor.Named {
		return []tensor.Named{{Name: "y", Tensor: tensor.Tensor{Type: tensor.Float32, Shape: []int64{1, 1}, Data: []float32{float32(v)}}}}
	}
	return logs.Entry{
		Time: noon.Add(time.Duration(n) * time.Millisecond), Pipeline: "p", PipelineVersion: "pv",
		Model: logs.ModelRef{Name: "champion", Version: "c1", SHA: "c0"}, Elapsed: time.Duration(n),
		Input: tensor.Input{Fields: []tensor.Named{{Name: "tensor", Tensor: tensor.Tensor{
			Type: tensor.Float64, Shape: []int64{1, 2}, Data: []float64{float64(n), 0.5}}}}},
		Outputs: out(n),
		Shadow: []logs.Shadow{
			{Model: logs.ModelRef{Name: "a", Version: "a1", SHA: "a0"}, Elapsed: 1, Outputs: out(n)},
			{Model: logs.ModelRef{Name: "b", Version: "b1", SHA: "b0"}, Elapsed: 2, Outputs: out(2 * n)},
		},
	}
}

// logged is pipeline p of a new store, with these requests in its log as another process would have logged them.
func logged(t testing.TB, entries ...logs.Entry) (*wallaroo.Pipeline, *output) {
	t.Helper()
	_, p, warnings := loggedBy(t, entries...)
	return p, warnings
}

func loggedBy(t testing.TB, entries ...logs.Entry) (*wallaroo.Client, *wallaroo.Pipeline, *output) {
	t.Helper()
	home := t.TempDir()
	wl, _ := open(t, home)
	warnings := new(output)
	wl.SetWarnings(warnings)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	logAll(t, home, wl.CurrentWorkspace().ID(), entries...)
	return wl, p, warnings
}

func logAll(t testing.TB, home string, workspace int64, entries ...logs.Entry) {
	t.Helper()
	l, err := logs.Open(filepath.Join(home, "logs"), logs.Options{})
	require.NoError(t, err)
	for _, e := range entries {
		e.Workspace = workspace
		require.NoError(t, l.Append(t.Context(), e))
	}
	require.NoError(t, l.Close())
}

// numbersOf are the requests' own numbers.
func numbersOf(t testing.TB, entries []wallaroo.LogEntry) []int {
	t.Helper()
	all := []int{}
	for _, e := range entries {
		all = append(all, int(score(t, e.Champion.Outputs)))
	}
	return all
}

func TestLogOptions(t *testing.T) {
	t.Parallel()
	var entries []logs.Entry
	for n := range 10 {
		e := request(n)
		if n%4 == 1 {
			e.Failures = []string{"too high"}
		}
		if n == 6 {
			e.Shadow[0].Outputs, e.Shadow[0].Err = nil, "out of range"
		}
		if n >= 8 {
			e.Shadow[1].Model.Version = "b2"
		}
		entries = append(entries, e)
	}
	wl, p, warnings := loggedBy(t, entries...)
	uploadOne(t, wl, "known")
	warnings.take()
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Millisecond) }
	const more = "Warning: There are more logs available. Please set a larger limit or request a file using export_logs.\n"
	const unknown = `Warning: No request was found: model "z" not found in workspace "default": upload it, or list the models to see what there is.` + "\n"
	tests := map[string]struct {
		opts []wallaroo.LogOption
		want []int
		says string
	}{
		"all":                  {nil, []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, ""},
		"limit":                {[]wallaroo.LogOption{wallaroo.Limit(3)}, []int{9, 8, 7}, more},
		"exact limit":          {[]wallaroo.LogOption{wallaroo.Limit(10)}, []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, ""},
		"bounds":               {[]wallaroo.LogOption{wallaroo.Start(at(3)), wallaroo.End(at(5))}, []int{3, 4, 5}, ""},
		"bounds and limit":     {[]wallaroo.LogOption{wallaroo.Start(at(3)), wallaroo.End(at(7)), wallaroo.Limit(2)}, []int{3, 4}, more},
		"bounds, newest first": {[]wallaroo.LogOption{wallaroo.NewestFirst(), wallaroo.Start(at(3)), wallaroo.End(at(7)), wallaroo.Limit(2)}, []int{7, 6}, more},
		"one instant":          {[]wallaroo.LogOption{wallaroo.Start(at(3)), wallaroo.End(at(3))}, []int{3}, ""},
		"oldest first":         {[]wallaroo.LogOption{wallaroo.OldestFirst(), wallaroo.Limit(2)}, []int{0, 1}, more},
		"failures":             {[]wallaroo.LogOption{wallaroo.Valid(false)}, []int{9, 5, 1}, ""},
		"no failures":          {[]wallaroo.LogOption{wallaroo.Valid(true), wallaroo.Limit(4)}, []int{8, 7, 6, 4}, more},
		"a model":              {[]wallaroo.LogOption{wallaroo.ModelName("b"), wallaroo.Limit(1)}, []int{9}, more},
		"no such model":        {[]wallaroo.LogOption{wallaroo.ModelName("z")}, []int{}, unknown},
		"a version":            {[]wallaroo.LogOption{wallaroo.ModelVersion("b2")}, []int{9, 8}, ""},
		"of another model":     {[]wallaroo.LogOption{wallaroo.ModelVersion("b2"), wallaroo.ModelName("known")}, []int{}, ""},
		"disagreement":         {[]wallaroo.LogOption{wallaroo.Disagree(7)}, []int{9, 8, 6}, ""},
		"the last one counts":  {[]wallaroo.LogOption{wallaroo.Limit(1), wallaroo.Limit(2)}, []int{9, 8}, more},
	}
	for name, test := range tests {
		got, err := p.Logs(test.opts...)
		require.NoError(t, err, name)
		require.Equal(t, test.want, numbersOf(t, got.Entries), name)
		require.Equal(t, test.says, warnings.take(), name)
		require.Equal(t, test.says == more, got.More, name)
		shadow, err := p.LogsShadowDeploy(test.opts...)
		require.NoError(t, err, name)
		require.Equal(t, got.Entries, shadow.Entries, name)
		require.Equal(t, got.Next, shadow.Next, name)
		warnings.take()
	}
}

func TestLogPages(t *testing.T) {
	t.Parallel()
	var entries []logs.Entry
	for n := range 7 {
		entries = append(entries, request(n))
	}
	p, _ := logged(t, entries...)
	all := []int{}
	page, err := p.Logs(wallaroo.Limit(3))
	for {
		require.NoError(t, err)
		all = append(all, numbersOf(t, page.Entries)...)
		if !page.More {
			break
		}
		page, err = p.Logs(wallaroo.Limit(3), wallaroo.After(page.Next))
	}
	require.Equal(t, []int{6, 5, 4, 3, 2, 1, 0}, all)
	require.NotEmpty(t, page.Next)
	page, err = p.Logs(wallaroo.After(""))
	require.NoError(t, err)
	require.Len(t, page.Entries, 7, "from the beginning")
}

func TestBadLogOptions(t *testing.T) {
	t.Parallel()
	p, _ := logged(t)
	for says, opts := range map[string][]wallaroo.LogOption{
		"the limit is 0: it is at least 1":                                         {wallaroo.Limit(0)},
		"the limit is -1: it is at least 1":                                        {wallaroo.Limit(-1)},
		"Start and End go together":                                                {wallaroo.Start(noon)},
		"the bound of Disagree is -1: it is at least 0\nStart and End go together": {wallaroo.End(noon), wallaroo.Disagree(-1)},
		"End 2022-08-04 11:59:59 +0000 UTC is before Start":                        {wallaroo.Start(noon), wallaroo.End(noon.Add(-time.Second))},
		"the bound of Disagree is -0.5: it is at least 0":                          {wallaroo.Disagree(-0.5)},
		"the bound of Disagree is NaN: it is at least 0":                           {wallaroo.Disagree(math.NaN())},
		"ModelName is empty: it takes the name of a model":                         {wallaroo.ModelName("")},
		"ModelVersion is empty: it takes the version of a model":                   {wallaroo.ModelVersion("")},
		`"yesterday" is no place in a log`:                                         {wallaroo.After("yesterday")},
	} {
		_, err := p.Logs(opts...)
		require.ErrorContains(t, err, says)
		_, err = p.LogsShadowDeploy(opts...)
		require.ErrorContains(t, err, says)
	}
}

func TestDetailedShadowLogs(t *testing.T) {
	t.Parallel()
	e := request(3)
	e.Shadow[0].Outputs, e.Shadow[0].Err = nil, "out of <range>"
	p, _ := logged(t, e)
	plain, err := p.LogsShadowDeploy()
	require.NoError(t, err)
	details := fmt.Sprintf("<td>%s</td>", "b1")
	require.NotContains(t, plain.HTML(), details, "as in the tutorial")
	require.Contains(t, plain.HTML(), "[{'Error': 'out of &lt;range&gt;'}]")
	detailed := plain.Detailed()
	require.Contains(t, detailed.HTML(), details)
	require.Contains(t, detailed.HTML(), "[{'Error': 'out of &lt;range&gt;'}]")
	require.Equal(t, plain.String(), detailed.String())
	require.NotContains(t, plain.HTML(), details, "it is unchanged")
}
