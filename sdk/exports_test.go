package wallaroo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

func TestExportLogs(t *testing.T) {
	home, dir := t.TempDir(), t.TempDir()
	t.Chdir(dir)
	wl, progress := open(t, home)
	warnings := new(output)
	wl.SetWarnings(warnings)
	p, err := wl.BuildPipeline("p")
	require.NoError(t, err)
	done, err := p.ExportLogs()
	require.NoError(t, err)
	require.Equal(t, "(no logs)", done.String())
	require.Equal(t, "Exporting logs to logs  ok\n", progress.take())
	require.NoDirExists(t, "logs")

	alone := request(0)
	alone.Shadow = nil
	logAll(t, home, wl.CurrentWorkspace().ID(), alone, request(1), batch(2, 2))
	done, err = p.ExportLogs()
	require.NoError(t, err)
	require.Equal(t, "Exporting logs to logs .. ok\n", progress.take())
	require.Empty(t, warnings.take())
	require.Equal(t, `file           requests  rows  bytes  columns
logs/p-1.json  2         3     325    time, in.tensor, out.y, anomaly.count, out_a.y, out_b.y
logs/p-2.json  1         1     77     time, in.tensor, out.y, anomaly.count`, done.String())
	require.Contains(t, done.HTML(), "<td>logs/p-1.json</td><td>2</td><td>3</td><td>325</td>")
	require.Equal(t, 3, done.Requests)
	require.Equal(t, []string{"time", "in.tensor", "out.y", "anomaly.count"}, done.Files[1].Columns)
	text, err := os.ReadFile("logs/p-1.json")
	require.NoError(t, err)
	require.Equal(t, `{"time":1659614400002,"in.tensor":[1.0,0.0],"out.y":[1.0],"anomaly.count":0,"out_a.y":[1.0],"out_b.y":null}
{"time":1659614400002,"in.tensor":[0.0,0.0],"out.y":[0.0],"anomaly.count":0,"out_a.y":[0.0],"out_b.y":null}
{"time":1659614400001,"in.tensor":[1.0,0.5],"out.y":[1.0],"anomaly.count":0,"out_a.y":[1.0],"out_b.y":[2.0]}
`, string(text))

	done, err = p.ExportLogs(wallaroo.Limit(1), wallaroo.Dataset("time"))
	require.NoError(t, err)
	require.True(t, done.More)
	require.Equal(t, "Warning: There are more logs available. Please set a larger limit.\n"+
		"Warning: Replaced what was there before: logs/p-1.json.\n"+
		"Warning: Not of this export, which has fewer files: logs/p-2.json. Remove them, or read this export's files by name.\n", warnings.take())

	for ends, as := range map[string]wallaroo.ExportOption{".arrow": wallaroo.AsArrow(), ".parquet": wallaroo.AsParquet()} {
		done, err = p.ExportLogs(as, wallaroo.Directory("here/and/there"), wallaroo.FilePrefix("mine"), wallaroo.DataSizeLimit("100 B"),
			wallaroo.Start(noon), wallaroo.End(noon.Add(1e9)))
		require.NoError(t, err)
		require.Equal(t, filepath.Join("here/and/there", "mine-1"+ends), done.Files[0].Path)
		require.Equal(t, 1, done.Requests)
		require.Contains(t, warnings.take(), "The export ended at its data size: please set a larger DataSizeLimit.")
	}
}

func TestBadExportOptions(t *testing.T) {
	t.Parallel()
	p, _ := logged(t, request(1))
	dir := t.TempDir()
	for says, opts := range map[string][]wallaroo.ExportOption{
		`data size limit "": it is a number above 0 and a unit, B, KB`: {wallaroo.DataSizeLimit("")},
		`data size limit "100"`:                  {wallaroo.DataSizeLimit("100")},
		`data size limit "0MB"`:                  {wallaroo.DataSizeLimit("0MB")},
		`data size limit "-1MB"`:                 {wallaroo.DataSizeLimit("-1MB")},
		`data size limit "1 PB"`:                 {wallaroo.DataSizeLimit("1 PB")},
		`data size limit "9999999999999TB"`:      {wallaroo.DataSizeLimit("9999999999999TB")},
		`the directory is "": "." is`:            {wallaroo.Directory("")},
		`"" is no beginning of a file's name`:    {wallaroo.FilePrefix("")},
		`"a/b" is no beginning of a file's`:      {wallaroo.FilePrefix("a/b")},
		`dataset "outs": there are`:              {wallaroo.Dataset("outs")},
		`dataset "out.z": no request`:            {wallaroo.Dataset("out.z")},
		"the limit is 0: it is at least 1":       {wallaroo.Limit(0)},
		"Start and End go together":              {wallaroo.End(noon)},
		"the bound of Disagree is -1":            {wallaroo.Disagree(-1)},
		"is before Start 2022-08-04 12:00:00":    {wallaroo.Start(noon), wallaroo.End(noon.Add(-1))},
		`"nowhere" is no place in a log`:         {wallaroo.After("nowhere")},
		"leaves no column of some requests":      {wallaroo.Dataset("time"), wallaroo.DatasetExclude("time")},
		"the bound of Disagree is -2: it is":     {wallaroo.Limit(-1), wallaroo.Disagree(-2)},
		"the limit is -7: it is at least 1\nthe": {wallaroo.Limit(-7), wallaroo.Disagree(-2)},
	} {
		_, err := p.ExportLogs(append([]wallaroo.ExportOption{wallaroo.Directory(dir)}, opts...)...)
		require.ErrorContains(t, err, says)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
	require.NoDirExists(t, "logs")

	_, err = p.ExportLogs(wallaroo.Directory("exports_test.go"))
	require.ErrorContains(t, err, "exports_test.go")
	require.False(t, strings.Contains(err.Error(), "\n"), err)
}
