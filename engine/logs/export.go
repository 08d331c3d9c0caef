package logs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Format is a form of exported files.
type Format string

// The formats, by the ends of the files' names. A value comes back from each as it is in the log, but for JSON: it has
// floats as float64, which holds each float32; whole numbers in all their digits; NaN, Infinity and -Infinity as Python
// writes them, which not all readers take (Polars refuses the file); and strings that are not UTF-8 as base64.
const (
	JSON    Format = "json"    // an object on a line for each row
	Arrow   Format = "arrow"   // the file form of Arrow IPC
	Parquet Format = "parquet" // compressed by Snappy
)

// Export says what is written where. Files are named Prefix-1.json, Prefix-2.json, …: one for each set of columns, and
// 1 has the newest request. A file has the columns that some of its requests have something for, and those of challengers that
// took part in one. Limit 0 is no limit.
type Export struct {
	Query
	Dataset  Dataset
	Dir      string // made if it is missing
	Prefix   string
	Format   Format
	MaxBytes int64             // about how large the files may be in all, before compression, but for one request; no limit if zero
	Progress func(bytes int64) // called after each request, with its size
}

// Exported is what an export has written.
type Exported struct {
	Files    []ExportedFile // as they are numbered
	Requests int
	More     bool     // requests were left out, because of the limit or the size
	Full     bool     // because of the size
	Replaced []string // files that were there before
	Stale    []string // files that go by the next numbers, and are not of this export
	Warnings []string // what could not be read
}

// ExportedFile is one file.
type ExportedFile struct {
	Path     string
	Requests int
	Rows     int
	Bytes    int64
	Columns  []string
}

// series is the file of one set of columns, on its way.
type series struct {
	layout layout
	checks []string
	seen   map[column]bool // that some request has

	fields []field
	writer rowWriter
	file   *os.File
	newest place
	path   string // once it has its name
	old    string // where what had that name before waits until all have theirs
	done   ExportedFile
}

// Export writes the entries of a query to files, in the query's order, in the memory of a few batches. The files
// appear under their names when all of them are whole; if that fails nothing is left of them, and those that they replace
// are there as before.
func (l *Log) Export(ctx context.Context, x Export) (done Exported, err error) {
	if err := x.check(); err != nil {
		return done, fmt.Errorf("export the log of %s: %w", x.Pipeline, err)
	}
	x.Without = Raw
	s, err := l.Scan(ctx, x.Query)
	if err != nil {
		return done, err
	}
	run := &export{Export: x, series: map[string]*series{}, placed: map[string]*series{}, used: map[string]bool{}}
	defer func() { err = errors.Join(err, run.tidy(err != nil)) }()
	err = run.write(ctx, s)
	run.done.Warnings = s.Warnings()
	if err != nil {
		return done, fmt.Errorf("export the log of %s: %w", x.Pipeline, err)
	}
	return run.done, nil
}

func (x *Export) check() error {
	if x.Prefix == "" || x.Prefix != filepath.Base(x.Prefix) || x.Prefix == "." || x.Prefix == ".." {
		return fmt.Errorf("%q is no beginning of a file's name: the directory goes apart", x.Prefix)
	}
	if !slices.Contains([]Format{JSON, Arrow, Parquet}, x.Format) {
		return fmt.Errorf("format %q: there are %s, %s and %s", string(x.Format), JSON, Arrow, Parquet)
	}
	return x.Dataset.Check()
}

// export is an Export at work.
type export struct {
	Export
	series map[string]*series // by layout
	placed map[string]*series // by segment, which has one layout
	used   map[string]bool    // names of the dataset
	size   int64
	done   Exported
}

// write goes through the scan twice: the validations of a file's requests are its columns, and known at their end only.
func (x *export) write(ctx context.Context, s *Scan) error {
	if err := x.findSeries(ctx, s.again(^Parts(0))); err != nil {
		return err
	}
	for s.Next(ctx) {
		if x.done.Requests > 0 && x.MaxBytes > 0 && x.size+s.entry.size() > x.MaxBytes {
			x.done.Full, x.done.More = true, true
			return x.finish()
		}
		if err := x.entry(s); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if x.Limit > 0 && x.done.Requests == x.Limit {
		x.done.More = s.more(ctx)
	}
	return x.finish()
}

func (x *export) findSeries(ctx context.Context, s *Scan) error {
	for s.Next(ctx) {
		one := x.seriesOf(s)
		for _, name := range s.entry.Failures {
			if at, found := slices.BinarySearch(one.checks, name); !found {
				one.checks = slices.Insert(one.checks, at, name)
			}
		}
		for i, c := range s.layout {
			if !one.seen[c] && s.has(i) {
				one.seen[c] = true
			}
		}
	}
	x.prune()
	var there []string
	empty := false
	for _, one := range x.series {
		one.fields = one.layout.fields(one.checks, x.Dataset, x.used)
		all := Dataset{Include: []string{groupTime, groupIn, groupOut, groupAnomaly, groupMetadata}}
		there = append(there, names(one.layout.fields(one.checks, all, map[string]bool{}))...)
		empty = empty || len(one.fields) == 0
	}
	if s.Err() != nil || len(x.series) == 0 {
		return s.Err()
	}
	slices.Sort(there)
	if err := x.Dataset.checkUsed(x.used, slices.Compact(there)); err != nil || !empty {
		return err
	}
	return fmt.Errorf("the dataset %q without %q leaves no column of some requests: add time", x.Dataset.Include, x.Dataset.Exclude)
}

// prune drops columns that no request has, since a segment keeps those of earlier requests, and those that the dataset does not show.
// Files that are left with the same ones become one.
func (x *export) prune() {
	clear(x.series)
	metadata := slices.ContainsFunc(x.Dataset.Include, func(name string) bool { return strings.HasPrefix(name, groupMetadata) })
	for _, segment := range slices.Backward(slices.Sorted(maps.Keys(x.placed))) { // the newest first, whose order of columns stays
		one := x.placed[segment]
		one.layout = slices.DeleteFunc(one.layout, func(c column) bool {
			if !metadata && (c.field == fieldShape || c.part == partShadow && c.field != fieldValues) {
				return true
			}
			owner := column{part: partShadow, model: c.model, nth: c.nth, field: fieldVersion}
			return !one.seen[c] && (c.part != partShadow || !one.seen[owner])
		})
		columns := make([]string, len(one.layout))
		for i, c := range one.layout {
			columns[i] = fmt.Sprintf("%#v", c)
		}
		slices.Sort(columns)
		key := strings.Join(columns, "\n")
		kept := x.series[key]
		if kept == nil {
			x.series[key] = one
			continue
		}
		kept.checks = slices.Compact(slices.Sorted(slices.Values(append(kept.checks, one.checks...))))
		x.placed[segment] = kept
	}
}

// seriesOf gives the series of an entry; layouts that differ in what no table shows have one.
func (x *export) seriesOf(s *Scan) *series {
	if one := x.placed[s.at.segment]; one != nil {
		return one
	}
	shown := slices.DeleteFunc(slices.Clone(s.layout), func(c column) bool {
		return c.field == fieldForm || c.field == fieldRaw || c.part == partMeta && c.field == fieldElapsed
	})
	key := fmt.Sprintf("%#v", shown)
	if x.series[key] == nil {
		x.series[key] = &series{layout: shown, seen: map[column]bool{}}
	}
	x.placed[s.at.segment] = x.series[key]
	return x.series[key]
}

func (x *export) entry(s *Scan) error {
	one := x.seriesOf(s)
	if one.writer == nil {
		if err := x.open(one); err != nil {
			return err
		}
	}
	rows := s.entry.rows()
	size, err := one.writer.write(&s.entry, x.Order == NewestFirst)
	if err != nil {
		return err
	}
	if one.done.Requests == 0 || one.newest.compare(s.at) < 0 {
		one.newest = s.at
	}
	one.done.Requests++
	one.done.Rows += rows
	x.done.Requests++
	x.size += size
	if x.Progress != nil {
		x.Progress(size)
	}
	return nil
}

// open begins the series' file, under another name.
func (x *export) open(one *series) (err error) {
	if err := os.MkdirAll(x.Dir, 0o755); err != nil {
		return err
	}
	if one.file, err = os.CreateTemp(x.Dir, "."+x.Prefix+"-*.tmp"); err != nil {
		return err
	}
	writers := map[Format]func(*os.File, []field) (rowWriter, error){JSON: newJSONWriter, Arrow: newArrowWriter, Parquet: newParquetWriter}
	one.writer, err = writers[x.Format](one.file, one.fields)
	return err
}

// finish completes the files and gives them their names.
func (x *export) finish() error {
	var all []*series
	for _, one := range x.series {
		if one.writer != nil {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b *series) int { return b.newest.compare(a.newest) })
	for _, one := range all {
		if err := one.complete(); err != nil {
			return err
		}
	}
	for i, one := range all {
		path := x.path(i + 1)
		if err := one.name(path); err != nil {
			return err
		}
		if one.old != "" {
			x.done.Replaced = append(x.done.Replaced, path)
		}
		one.done.Path, one.done.Columns = path, names(one.fields)
		x.done.Files = append(x.done.Files, one.done)
	}
	for n := len(all) + 1; ; n++ {
		if _, err := os.Lstat(x.path(n)); err != nil {
			break
		}
		x.done.Stale = append(x.done.Stale, x.path(n))
	}
	return nil
}

func (x *export) path(n int) string {
	return filepath.Join(x.Dir, x.Prefix+"-"+strconv.Itoa(n)+"."+string(x.Format))
}

// complete ends the file and waits until it is on the disk, so that its name never stands for half of it.
func (s *series) complete() error {
	if err := s.writer.close(); err != nil {
		return err
	}
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	s.done.Bytes = info.Size()
	if err := s.file.Chmod(0o644); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	return s.file.Close()
}

// name gives the file its name, and keeps what had it.
func (s *series) name(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory: export into another one, or with another prefix", path)
	default:
		s.old = s.file.Name() + ".old"
		if os.Link(path, s.old) == nil { // so that the name is never without a file
			break
		}
		if err := os.Rename(path, s.old); err != nil {
			s.old = ""
			return err
		}
	}
	s.path = path
	return os.Rename(s.file.Name(), path)
}

// tidy removes what the export has put there for the time being; if it failed also its files, and puts those back that they replaced.
func (x *export) tidy(failed bool) error {
	var all []error
	remove := func(path string) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	for _, one := range x.series {
		if one.file == nil {
			continue
		}
		_ = one.file.Close() // it may be closed
		remove(one.file.Name())
		switch {
		case failed && one.old != "":
			all = append(all, os.Rename(one.old, one.path))
		case failed && one.path != "":
			remove(one.path)
		}
		if one.old != "" {
			remove(one.old) // two names of one file stay two when one is to become the other
		}
	}
	return errors.Join(all...)
}
