package logs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
// 1 has the newest request. Limit 0 is no limit.
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

	fields []field
	writer rowWriter
	file   *os.File
	newest place
	done   ExportedFile
}

// Export writes the entries of a query to files, in the query's order, in the memory of a few batches. The files
// appear under their names when all of them are whole; if that fails nothing is left of them.
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
	defer func() { err = errors.Join(err, run.discard()) }()
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
	}
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
		x.series[key] = &series{layout: shown}
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
		if _, err := os.Lstat(path); err == nil {
			x.done.Replaced = append(x.done.Replaced, path)
		}
		if err := os.Rename(one.file.Name(), path); err != nil {
			return err
		}
		one.file = nil
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

// discard removes the files that have not got their names.
func (x *export) discard() error {
	var all []error
	for _, one := range x.series {
		if one.file != nil {
			_ = one.file.Close() // it may be closed
			if err := os.Remove(one.file.Name()); !errors.Is(err, fs.ErrNotExist) {
				all = append(all, err)
			}
		}
	}
	return errors.Join(all...)
}
