package render_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/sdk/render"
)

var update = flag.Bool("update", false, "write the golden files whose source is this package; the tutorial's stay")

// tutorial reads what the tutorial shows: these files were cut out of it and are never rewritten.
func tutorial(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(b)
}

// golden compares with a file that -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// record is the tutorial's transaction.
const record = `[[1.0678324729342086, 0.21778102664937624, -1.7115145261843976, 0.6822857209662413, 1.0138553066742804, ` +
	`-0.43350000129006655, 0.7395859436561657, -0.28828395953577357, -0.44726268795990787, 0.5146124987725894, ` +
	`0.3791316964287545, 0.5190619748123175, -0.4904593221655364, 1.1656456468728569, -0.9776307444180006, ` +
	`-0.6322198962519854, -0.6891477694494687, 0.17833178574255615, 0.1397992467197424, -0.35542206494183326, ` +
	`0.4394217876939808, 1.4588397511627804, -0.3886829614721505, 0.4353492889350186, 1.7420053483337177, ` +
	`-0.4434654615252943, -0.15157478906219238, -0.26684517248765616, -1.454961775612449]]`

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04:05.000000", s)
	require.NoError(t, err)
	return v
}

func TestPipelineTableIsTheTutorials(t *testing.T) {
	t.Parallel()
	require.Equal(t, tutorial(t, "pipeline.html"), render.PropertiesHTML([]render.Property{
		{Name: "name", Value: "cc-shadow"},
		{Name: "created", Value: render.StampTime(at(t, "2022-08-04T20:06:55.102203"))},
		{Name: "last_updated", Value: render.StampTime(at(t, "2022-08-04T20:16:57.680141"))},
		{Name: "deployed", Value: "False"}, {Name: "tags"}, {Name: "steps", Value: "ccfraud-lstm"},
	}))
}

var requests = []struct{ time, version, elapsed string }{
	{"2022-08-04T20:17:09.408000", "664913eb-383f-4165-838d-ada4f29a7d9b", "135.202µs"},
	{"2022-08-04T20:28:04.270000", "353ee0bb-ef11-44f0-be6c-145b23ad6c12", "145.402µs"},
	{"2022-08-04T20:12:21.092000", "107f33ae-bf52-45ce-a759-91d51a31fc6d", "141.201µs"},
}

func logRows(t *testing.T) []render.LogRow {
	var rows []render.LogRow
	for _, r := range requests {
		rows = append(rows,
			render.LogRow{Time: at(t, r.time), Model: "ccfraud-xgb", Output: "[array([[0.0005067]])]", Input: record},
			render.LogRow{Time: at(t, r.time), Model: "ccfraud-lstm", Output: "[array([[0.00149742]])]", Input: record})
	}
	return rows
}

func TestLogsAreTheTutorials(t *testing.T) {
	t.Parallel()
	require.Equal(t, tutorial(t, "logs.html"), render.LogsHTML(logRows(t)))
	golden(t, "logs.txt", render.LogsText(logRows(t)))
}

func shadowEntries(t *testing.T) []render.ShadowEntry {
	var entries []render.ShadowEntry
	for _, r := range requests {
		elapsed, err := time.ParseDuration(r.elapsed)
		require.NoError(t, err)
		out := render.Dict{{Key: "Float", Value: render.Dict{{Key: "v", Value: 1}, {Key: "dim", Value: []any{1, 1}},
			{Key: "data", Value: []any{0.0005066990852355957}}}}}
		entries = append(entries, render.ShadowEntry{
			Input: record,
			Champion: render.ShadowRow{Model: "ccfraud-lstm", Version: r.version, Time: at(t, r.time), Elapsed: elapsed,
				Output: "[" + render.NumpyArray([]int64{1, 1}, []float64{float64(float32(0.001497417688369751))}) + "]"},
			Challengers: []render.ShadowRow{{Model: "ccfraud-xgb", Output: "[" + render.Repr(out) + "]",
				Version: "7", Time: at(t, r.time), Elapsed: time.Microsecond}},
		})
	}
	return entries
}

func TestShadowLogsAreTheTutorials(t *testing.T) {
	t.Parallel()
	require.Equal(t, tutorial(t, "shadow-logs.html"), render.ShadowLogsHTML(shadowEntries(t)))
	golden(t, "shadow-logs-detailed.html", render.DetailedShadowLogsHTML(shadowEntries(t)))
	golden(t, "shadow-logs.txt", render.ShadowLogsText(shadowEntries(t)))
}

func TestResultIsTheTutorials(t *testing.T) {
	t.Parallel()
	var rows [][]float64
	require.NoError(t, json.Unmarshal([]byte(record), &rows))
	output := func(v float64) []any {
		return []any{render.Dict{{Key: "Float", Value: render.Dict{{Key: "v", Value: 1}, {Key: "dim", Value: []any{1, 1}},
			{Key: "data", Value: []any{v}}}}}}
	}
	got := render.PythonList("InferenceResult", []render.Dict{{
		{Key: "time", Value: int64(1659644884270)},
		{Key: "check_failures", Value: []any{}},
		{Key: "elapsed", Value: int64(145402)},
		{Key: "model_name", Value: "ccfraud-lstm"},
		{Key: "model_version", Value: "353ee0bb-ef11-44f0-be6c-145b23ad6c12"},
		{Key: "original_data", Value: render.Dict{{Key: "tensor", Value: []any{anys(rows[0])}}}},
		{Key: "outputs", Value: output(0.001497417688369751)},
		{Key: "pipeline_name", Value: "cc-shadow"},
		{Key: "shadow_data", Value: render.Dict{{Key: "ccfraud-xgb", Value: output(0.0005066990852355957)}}},
	}})
	require.Equal(t, tutorial(t, "result.txt"), got)
}

func TestUserTextIsEscaped(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert("x")</script>&`
	entry := render.ShadowRow{Model: evil, Output: evil, Version: evil}
	for name, got := range map[string]string{
		"properties": render.PropertiesHTML([]render.Property{{Name: evil, Value: evil}}),
		"list":       render.Table{Header: []string{evil}, Rows: [][]string{{evil}}}.HTML(),
		"empty list": render.Table{Empty: evil}.HTML(),
		"logs":       render.LogsHTML([]render.LogRow{{Output: evil, Input: evil}}),
		"shadow logs": render.ShadowLogsHTML([]render.ShadowEntry{
			{Input: evil, Champion: entry, Challengers: []render.ShadowRow{entry}}}),
		"detailed shadow logs": render.DetailedShadowLogsHTML([]render.ShadowEntry{
			{Input: evil, Champion: entry, Challengers: []render.ShadowRow{entry}}}),
	} {
		require.NotContains(t, got, "<script", name)
		require.Contains(t, got, "&lt;script&gt;", name)
		require.Contains(t, got, "&lt;/script&gt;&amp;", name)
	}
}

func TestFailedValidationIsRed(t *testing.T) {
	t.Parallel()
	got := render.LogsHTML([]render.LogRow{{Anomalies: 2}})
	require.Contains(t, got, `<tr style="color: red;">`)
	require.Contains(t, got, "<td>2</td>")
}

func TestTextTables(t *testing.T) {
	t.Parallel()
	table := render.Table{Header: []string{"name", "deployed"}, Empty: "(no pipelines)"}
	require.Equal(t, "(no pipelines)", table.Text())
	require.Equal(t, "(no pipelines)", table.HTML())
	table.Rows = [][]string{{"a\nb", "True"}, {"é", ""}}
	require.Equal(t, "name  deployed\na\\nb  True\né", table.Text())
	require.Equal(t, "name     x\ncreated", render.PropertiesText([]render.Property{{"name", "x"}, {"created", ""}}))
}

func TestLongInputsAreCut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 50)
	rows := []render.LogRow{{Input: long}}
	require.Contains(t, render.LogsHTML(rows), long, "a record is whole in HTML")
	require.Contains(t, render.LogsText(rows), " … 437 characters … ")

	batch := strings.Repeat(long, 10_000)
	entry := render.ShadowRow{Output: batch}
	for _, got := range []string{
		render.LogsHTML([]render.LogRow{{Input: batch, Output: batch}}),
		render.ShadowLogsHTML([]render.ShadowEntry{{Input: batch, Champion: entry, Challengers: []render.ShadowRow{entry}}}),
	} {
		require.Contains(t, got, " … 4983617 characters … ")
		require.Less(t, len(got), 60_000)
	}
}

func TestStampTimeIsPythons(t *testing.T) {
	t.Parallel()
	require.Equal(t, "2022-08-04 20:06:55+00:00", render.StampTime(time.Date(2022, 8, 4, 20, 6, 55, 0, time.UTC)))
	require.Equal(t, "2022-08-04 20:06:55.000010+00:00", render.StampTime(time.Date(2022, 8, 4, 20, 6, 55, 10000, time.UTC)))
}
