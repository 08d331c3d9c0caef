package wallaroo

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	columns "github.com/apache/arrow/go/v17/arrow/array"

	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/sdk/render"
)

// TableOption is what [Pipeline.LogTable] takes: each [LogOption], [Dataset] and [DatasetExclude].
type TableOption interface {
	ExportOption
	table(*tableQuery)
}

// tableQuery is what the options ask for.
type tableQuery struct {
	logQuery
	dataset logs.Dataset
}

func (o LogOption) table(q *tableQuery)   { o.set(&q.logQuery) }
func (o LogOption) export(q *exportQuery) { o.set(&q.logQuery) }

// DatasetOption picks columns: [Dataset], [DatasetExclude].
type DatasetOption struct {
	set func(*logs.Dataset)
}

func (o DatasetOption) table(q *tableQuery)   { o.set(&q.dataset) }
func (o DatasetOption) export(q *exportQuery) { o.set(&q.dataset) }

// Dataset picks columns by their names, such as "out.dense_1" or "anomaly.count", and by groups of them: "time", "in", "out",
// "anomaly", which are the default, and "metadata". "out_challenger" is what a challenger of that name has.
// What no column has is an error.
func Dataset(names ...string) DatasetOption {
	return DatasetOption{func(d *logs.Dataset) { d.Include = names }}
}

// DatasetExclude drops columns of the dataset, by the same names.
func DatasetExclude(names ...string) DatasetOption {
	return DatasetOption{func(d *logs.Dataset) { d.Exclude = names }}
}

// Table is requests as rows and columns: a row for each row of each request's batch. Its columns are
//
//	time                     when the request came, UTC; the same in all rows of a request
//	in.<input>               the row's elements, a list in row-major order
//	out.<output>             what the model answered that was asked
//	out._model_split         which model a split chose, as JSON; a list, because there may be several splits
//	anomaly.count            how many validations failed in the row
//	anomaly.<name>           whether that one did; null where the pipeline did not have it
//	out_<challenger>.<output>  what a challenger answered; null if it failed
//
// and, with Dataset("metadata"), what else the log has: metadata.last_model, metadata.pipeline_version, metadata.elapsed in
// nanoseconds, metadata.out_<challenger>.version, .elapsed and .error, metadata.out.<output>.shape of the whole request, and others. A
// request whose inputs and outputs do not have one number of rows is one row.
type Table struct {
	More bool   // the limit left requests out
	Next string // where these end: After(Next) continues

	record arrow.Record
	notes  []string // what is to be said below
}

// LogTable returns what [Pipeline.Logs] returns, as a table. The limit counts requests. Newest first, the rows of each
// batch go backwards too.
func (p *Pipeline) LogTable(opts ...TableOption) (*Table, error) {
	q := tableQuery{logQuery: p.logQuery()}
	for _, o := range opts {
		o.table(&q)
	}
	if err := q.dataset.Check(); err != nil {
		q.faults = append(q.faults, err)
	}
	q.Without = logs.Raw
	page, err := p.query(q.logQuery)
	if err != nil {
		return nil, err
	}
	record, err := logs.Table(page.Entries, q.dataset, page.Order == logs.NewestFirst)
	if err != nil {
		return nil, fmt.Errorf("logs of pipeline %q: %w", p.Name(), err)
	}
	return &Table{More: page.More, Next: string(page.Next), record: record}, nil
}

// Record returns the table as Arrow: times as timestamp[ms], tensors as lists of their own element type, anomaly.count
// as uint32. [Table.Column] has columns as slices.
func (t *Table) Record() arrow.Record { return t.record }

// Len returns the number of rows.
func (t *Table) Len() int { return int(t.record.NumRows()) }

// Columns returns the columns' names in their order.
func (t *Table) Columns() []string {
	names := make([]string, t.record.NumCols())
	for i := range names {
		names[i] = t.record.ColumnName(i)
	}
	return names
}

// Column returns a column as a slice with an element for each row: []time.Time of "time", []uint32 of "anomaly.count", []bool,
// []int64 or []string, and of a tensor [][]float32 or what else its elements are. A null list is nil, and not empty; another
// null is the zero value: Record tells them apart. A name that no column has is an error.
func (t *Table) Column(name string) (any, error) {
	at := t.record.Schema().FieldIndices(name)
	if len(at) == 0 {
		return nil, fmt.Errorf("the table has no column %q, it has %s", name, strings.Join(t.Columns(), ", "))
	}
	switch column := t.record.Column(at[0]).(type) {
	case *columns.Timestamp:
		return gather(column, func(i int) time.Time { return time.UnixMilli(int64(column.Value(i))).UTC() }), nil
	case *columns.Uint32:
		return gather(column, column.Value), nil
	case *columns.Int64:
		return gather(column, column.Value), nil
	case *columns.Boolean:
		return gather(column, column.Value), nil
	case *columns.String:
		return gather(column, func(i int) string { return strings.Clone(column.Value(i)) }), nil
	case *columns.List:
		return logs.Lists(column), nil
	default:
		return nil, fmt.Errorf("column %q has the type %s, which has no form in Go", name, column.DataType())
	}
}

func gather[T any](column arrow.Array, value func(i int) T) []T {
	all := make([]T, column.Len())
	for i := range all {
		if column.IsValid(i) {
			all[i] = value(i)
		}
	}
	return all
}

// How much of a table is shown: so many rows of its beginning and of its end, and elements of a list.
const (
	shownRows     = 30
	shownElements = 8
)

// HTML returns the table; the middle of a long one, or of a long list, is left out, with the number of what is missing.
func (t *Table) HTML() string { return t.shown().HTML() }

// String returns the same as aligned text.
func (t *Table) String() string { return t.shown().Text() }

func (t *Table) shown() render.Table {
	shown := render.Table{Header: t.Columns(), Empty: "(no logs)"}
	rows := t.Len()
	for i := 0; i < rows; i++ {
		if i == shownRows && rows > 2*shownRows {
			left := rows - 2*shownRows
			gap := make([]string, len(shown.Header))
			if len(gap) > 0 {
				gap[0] = fmt.Sprintf("… %d rows …", left)
			}
			shown.Rows = append(shown.Rows, gap)
			i += left
		}
		row := make([]string, len(shown.Header))
		for j := range row {
			row[j] = cellText(t.record.Column(j), i)
		}
		shown.Rows = append(shown.Rows, row)
	}
	if rows > 0 {
		size := fmt.Sprintf("%d rows × %d columns", rows, len(shown.Header))
		shown.Note = strings.Join(append([]string{size}, t.notes...), "; ")
	}
	return shown
}

// cellText is a value as Python shows it.
func cellText(column arrow.Array, row int) string {
	if column.IsNull(row) {
		return "None"
	}
	switch column := column.(type) {
	case *columns.Timestamp:
		return time.UnixMilli(int64(column.Value(row))).UTC().Format("2006-01-02 15:04:05.000")
	case *columns.Boolean:
		return render.Repr(column.Value(row))
	case *columns.List:
		list := reflect.ValueOf(logs.ListAt(column, row))
		return render.Elements(list.Len(), shownElements, func(i int) any { return list.Index(i).Interface() })
	}
	return column.ValueStr(row)
}
