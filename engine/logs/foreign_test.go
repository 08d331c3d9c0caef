package logs

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/tensor"
)

// foreign is a segment of one empty row that some other program might have written, with checksums that hold.
func foreign(t *testing.T, s *arrow.Schema, change func(*record)) (data, index []byte) {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, s)
	for i := range s.NumFields() {
		if i == fixedTime && s.Field(i).Nullable {
			b.Field(i).AppendNull()
		} else {
			b.Field(i).AppendEmptyValue()
		}
	}
	var head, stream bytes.Buffer
	require.NoError(t, ipc.NewWriter(&head, ipc.WithSchema(s)).Close())
	size := head.Len() - 8 // without its end mark
	require.NoError(t, ipc.NewWriter(&stream, ipc.WithSchema(s)).Write(b.NewRecord()))
	data = stream.Bytes()
	r := record{
		HeadSize: uint32(size), HeadSum: checksum(data[:size]), Rows: 1,
		Offset: uint64(size), Size: uint64(len(data) - size), Sum: checksum(data[size:]),
	}
	change(&r)
	return data, r.encode()
}

func TestSegmentsOfAnotherMakeAreSetAside(t *testing.T) {
	t.Parallel()
	ours := layout{
		{part: partInput, field: fieldValues, tensor: "x", elem: tensor.Float64},
		{part: partShadow, model: "a", field: fieldVersion},
	}.schema(pipeline{1, "cc-shadow"})
	with := func(change func(fields []arrow.Field, meta map[string]string) []arrow.Field) *arrow.Schema {
		meta := map[string]string{metaFormat: "1", metaWorkspace: "1", metaPipeline: "cc-shadow"}
		fields := change(ours.Fields(), meta)
		m := arrow.MetadataFrom(meta)
		return arrow.NewSchema(fields, &m)
	}
	only := func(c column, typ arrow.DataType) *arrow.Schema {
		return with(func(f []arrow.Field, _ map[string]string) []arrow.Field {
			return append(f[:fixedCount:fixedCount], arrow.Field{Name: "c", Type: typ, Metadata: c.metadata()})
		})
	}
	keep := func(*record) {}
	tests := map[string]struct {
		schema *arrow.Schema
		change func(*record)
		want   string
	}{
		"a newer format": {with(func(f []arrow.Field, meta map[string]string) []arrow.Field {
			meta[metaFormat] = "3"
			return f
		}), keep, `log format "3", this Joey reads 1 and 2: update it`},
		"no workspace": {with(func(f []arrow.Field, meta map[string]string) []arrow.Field {
			delete(meta, metaWorkspace)
			return f
		}), keep, "workspace"},
		"too few columns": {with(func(f []arrow.Field, _ map[string]string) []arrow.Field { return f[:2] }), keep, "2 columns"},
		"times in another unit": {with(func(f []arrow.Field, _ map[string]string) []arrow.Field {
			f[0].Type = arrow.FixedWidthTypes.Timestamp_s
			return f
		}), keep, "column 0 is time timestamp[s"},
		"no time": {with(func(f []arrow.Field, _ map[string]string) []arrow.Field {
			f[0].Nullable = true
			return f
		}), keep, "entries without a time"},
		"a column without metadata": {with(func(f []arrow.Field, _ map[string]string) []arrow.Field {
			f[fixedCount].Metadata = arrow.Metadata{}
			return f
		}), keep, "column in.x"},
		"a type that no tensor has":  {only(column{part: partOutput, field: fieldValues}, arrow.ListOf(arrow.FixedWidthTypes.Date32)), keep, "has the type list"},
		"a version that is a list":   {only(column{part: partShadow, field: fieldVersion}, arrow.ListOf(arrow.PrimitiveTypes.Int64)), keep, "has the type list"},
		"another part":               {only(column{part: "bystander", field: fieldSHA}, arrow.BinaryTypes.String), keep, `unknown part "bystander"`},
		"a shape before its values":  {only(column{part: partOutput, field: fieldShape}, arrow.ListOf(arrow.PrimitiveTypes.Int64)), keep, "a shape without values"},
		"values without their shape": {ours, keep, "needs 1 elements"},
		"a challenger's error only":  {only(column{part: partShadow, field: fieldError}, arrow.BinaryTypes.String), keep, "a challenger without a version"},
		"an unknown field":           {only(column{part: partOutput, field: "mood"}, arrow.BinaryTypes.String), keep, `unknown field "mood"`},
		"an unknown fact":            {only(column{part: partMeta, field: "mood"}, arrow.BinaryTypes.String), keep, `unknown field "mood"`},
		"other rows than its index":  {ours, func(r *record) { r.Rows = 2 }, "it has 1 entries, its index says 2"},
		"a head that is cut":         {ours, func(r *record) { r.HeadSize, r.HeadSum = 0, 0 }, "batch 0"},
		"another program's index":    {ours, func(r *record) { r.Sequence = 1 }, "1 index records"},
		"times that end early":       {ours, func(r *record) { r.Min = 1 }, "1 index records"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, index := foreign(t, test.schema, test.change)
			page := newDamagedLog(t).query(t, data, index)
			assert.Empty(t, page.Entries)
			require.Len(t, page.Warnings, 1)
			assert.Contains(t, page.Warnings[0], test.want)
		})
	}
	data, index := foreign(t, only(column{part: partShadow, field: fieldVersion}, arrow.BinaryTypes.String), keep)
	require.Len(t, newDamagedLog(t).query(t, data, index).Entries, 1, "so that the cases fail for their own reasons")
}

func TestSegmentOfAnotherPipelineInTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir, Options{})
	e := shadowEntry(1)
	e.Pipeline = "CC-shadow" // the same folder, where the file system does not tell upper from lower case
	appendAll(t, l, shadowEntry(0), e)
	require.NoError(t, l.Flush(t.Context()))
	for _, suffix := range []string{dataSuffix, indexSuffix} {
		files, err := filepath.Glob(filepath.Join(dir, pipeline{1, "CC-shadow"}.folder(), "*"+suffix))
		require.NoError(t, err)
		require.Len(t, files, 1)
		require.NoError(t, os.Rename(files[0], filepath.Join(dir, pipeline{1, "cc-shadow"}.folder(), filepath.Base(files[0]))))
	}
	assert.Equal(t, exactAll([]Entry{shadowEntry(0)}), exactAll(all(t, l)))
}

// A checksum says only that somebody wrote these bytes: shapes that lie would send readers beyond the values.
func TestShapesThatDoNotFitTheirValuesAreSetAside(t *testing.T) {
	t.Parallel()
	l := openLog(t, t.TempDir(), Options{})
	appendAll(t, l, shadowEntry(0))
	e := shadowEntry(1)
	cells, size, err := cellsOf(e)
	require.NoError(t, err)
	for i, c := range cells {
		if c.part == partOutput && c.field == fieldShape {
			cells[i].shape = []int64{1 << 40, 1}
		}
	}
	s := l.segments[pipeline{e.Workspace, e.Pipeline}]
	require.True(t, s.layout.fits(cells))
	require.NoError(t, s.appendLarge(&e, cells, size, held{}))
	bound := 0.0
	for _, q := range []Query{{}, {Disagree: &bound}} {
		q.Workspace, q.Pipeline = e.Workspace, e.Pipeline
		page, err := l.Query(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, exactAll([]Entry{shadowEntry(0)}), exactAll(page.Entries))
		require.Len(t, page.Warnings, 1)
		require.Contains(t, page.Warnings[0], "batch 1, of 1 entries: row 0: ")
	}
}
