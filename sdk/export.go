package wallaroo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/sdk/render"
)

// ExportOption is what [Pipeline.ExportLogs] takes: each [TableOption], [Directory], [FilePrefix], [DataSizeLimit],
// [AsArrow] and [AsParquet].
type ExportOption interface {
	export(*exportQuery)
}

// exportQuery is what the options ask for.
type exportQuery struct {
	tableQuery
	to logs.Export
}

type exportOption func(*exportQuery)

func (o exportOption) export(q *exportQuery) { o(q) }

// Directory sets where files are written, "logs" by default. It is made if it is missing.
func Directory(path string) ExportOption {
	return exportOption(func(q *exportQuery) {
		if q.to.Dir = path; path == "" {
			q.fault(`the directory is "": "." is the present one`)
		}
	})
}

// FilePrefix sets how the names of the files begin, by default with the pipeline's name.
func FilePrefix(prefix string) ExportOption {
	return exportOption(func(q *exportQuery) { q.to.Prefix = prefix })
}

// DataSizeLimit sets about how large the files may be in all, before compression: "100MB", which is the default, "1.5 GiB", "2000B".
// The export ends before the request that would go beyond it, but has one at least.
func DataSizeLimit(size string) ExportOption {
	return exportOption(func(q *exportQuery) {
		bytes, err := parseSize(size)
		if q.to.MaxBytes = bytes; err != nil {
			q.faults = append(q.faults, err)
		}
	})
}

// AsArrow writes Arrow files, which are mapped into memory as they are. Each value is the log's to the bit.
func AsArrow() ExportOption { return as(logs.Arrow) }

// AsParquet writes Parquet files, compressed by Snappy. Each value is the log's to the bit.
func AsParquet() ExportOption { return as(logs.Parquet) }

func as(f logs.Format) ExportOption {
	return exportOption(func(q *exportQuery) { q.to.Format = f })
}

// units are what sizes are counted in.
var units = map[string]float64{
	"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

var sizeForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)$`)

// parseSize reads "100MB" and the like.
func parseSize(text string) (int64, error) {
	if parts := sizeForm.FindStringSubmatch(strings.TrimSpace(text)); parts != nil {
		number, err := strconv.ParseFloat(parts[1], 64)
		bytes := number * units[strings.ToUpper(parts[2])]
		if err == nil && bytes >= 1 && bytes < 1<<62 {
			return int64(bytes), nil
		}
	}
	return 0, fmt.Errorf("data size limit %q: it is a number above 0 and a unit, B, KB, MB, GB, TB, KiB, MiB, GiB or TiB", text)
}

// ExportLogs writes the pipeline's requests to files, as the rows and columns of a [Table], and says which: logs/<pipeline>-1.json, -2, …, one for
// each set of columns and their types, which changes with models, challengers and inputs; 1 has the newest request. A challenger that has not answered
// yet has no columns. Without a limit it takes all requests up to the data size. The order is that of [Pipeline.LogTable]. It
// holds little of them at a time, prints a progress line, a dot for each 4 MB and each file, and warns when it ends at a limit.
//
// By default it writes lines of JSON, with times in milliseconds since 1970. Integers have all their digits, floats those
// that read back as the same float64, and a point or an exponent; what JSON cannot have, NaN and infinities, is written
// as Python does, which pandas, pyarrow and DuckDB read and Polars refuses; strings that are not UTF-8 are in base64. [AsArrow] and
// [AsParquet] keep everything, with its type.
//
// Files get their names when all are whole. A file of that name is replaced, and one that an earlier export with more files left is
// kept; a warning tells.
func (p *Pipeline) ExportLogs(opts ...ExportOption) (*Export, error) {
	q := exportQuery{tableQuery: tableQuery{logQuery: p.logQuery()}}
	q.Limit = 0
	q.to = logs.Export{Dir: "logs", Prefix: p.Name(), Format: logs.JSON, MaxBytes: 100e6}
	for _, o := range opts {
		o.export(&q)
	}
	if err := q.check(); err != nil {
		return nil, fmt.Errorf("export logs of pipeline %q: %w", p.Name(), err)
	}
	q.to.Query, q.to.Dataset = q.Query, q.dataset
	var done logs.Exported
	err := p.client.working("Exporting logs to "+q.to.Dir, func(dot func()) (err error) {
		left := int64(dotBytes)
		q.to.Progress = func(bytes int64) {
			for left -= bytes; left <= 0; left += dotBytes {
				dot()
			}
		}
		done, err = p.client.engine.Log().Export(p.client.context(), q.to)
		for range done.Files {
			dot()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p.client.tellExport(done)
	if done.Requests == 0 {
		p.tellUnknown(q.logQuery)
	}
	return newExport(done), nil
}

// dotBytes is how much an export writes for a dot.
const dotBytes = 4 << 20

// tellExport warns of what is not in the files, and of what became of other files.
func (c *Client) tellExport(done logs.Exported) {
	for _, w := range done.Warnings {
		c.warn("%s", w)
	}
	switch {
	case done.Full:
		c.warn("There are more logs available. The export ended at its data size: please set a larger DataSizeLimit.")
	case done.More:
		c.warn("There are more logs available. Please set a larger limit.")
	}
	if len(done.Replaced) > 0 {
		c.warn("Replaced what was there before: %s.", strings.Join(done.Replaced, ", "))
	}
	if len(done.Stale) > 0 {
		c.warn("Not of this export, which has fewer files: %s. Remove them, or read this export's files by name.", strings.Join(done.Stale, ", "))
	}
}

// Export says what ExportLogs has written.
type Export struct {
	Files    []ExportedFile
	Requests int
	More     bool // the limit or the data size left some out
}

// ExportedFile is one file of an export.
type ExportedFile struct {
	Path     string
	Requests int
	Rows     int
	Bytes    int64
	Columns  []string
}

func newExport(done logs.Exported) *Export {
	e := &Export{Requests: done.Requests, More: done.More}
	for _, f := range done.Files {
		e.Files = append(e.Files, ExportedFile(f))
	}
	return e
}

// HTML returns a row per file.
func (e *Export) HTML() string { return e.table().HTML() }

// String returns a line per file.
func (e *Export) String() string { return e.table().Text() }

func (e *Export) table() render.Table {
	t := render.Table{Header: []string{"file", "requests", "rows", "bytes", "columns"}, Empty: "(no logs)"}
	for _, f := range e.Files {
		t.Rows = append(t.Rows, []string{f.Path, strconv.Itoa(f.Requests), strconv.Itoa(f.Rows), strconv.FormatInt(f.Bytes, 10), strings.Join(f.Columns, ", ")})
	}
	return t
}
