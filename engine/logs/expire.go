package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Retention says how long entries are kept. They go by whole Parquet files, which have a day or less, the oldest first; what is not
// compacted yet stays, at most some days. The zero value keeps everything.
type Retention struct {
	Age   time.Duration // a file goes when its youngest entry is older; no limit if zero
	Bytes int64         // the oldest files go while the log of all pipelines has more, without segments that are damaged and stay; no limit if zero
}

// kept is a file that may go.
type kept struct {
	dir string
	in  *compaction
	*compacted
}

// expire removes what is not to be kept.
func (l *Log) expire(ctx context.Context) error {
	keep := l.options.Keep
	if keep == (Retention{}) {
		return nil
	}
	folders, err := os.ReadDir(l.dir)
	if err != nil {
		return fmt.Errorf("inference log %s: %w", l.dir, err)
	}
	var all []kept
	total := int64(0)
	for _, f := range folders {
		if _, ok := pipelineOf(f.Name()); ok {
			dir := filepath.Join(l.dir, f.Name())
			compactions, _, err := l.compactions(dir)
			if err != nil {
				return fmt.Errorf("inference log %s: %w", dir, err)
			}
			for _, c := range compactions {
				for _, file := range c.Files {
					all = append(all, kept{dir, c, file})
					total += file.Size
				}
			}
			total += segmentsSize(dir)
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Compare(a.max(), b.max()) })
	oldest := time.Now().Add(-keep.Age).UnixMilli()
	for _, k := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if aged := keep.Age > 0 && k.max() < oldest; !aged && (keep.Bytes <= 0 || total <= keep.Bytes) {
			continue
		}
		if err := l.drop(k); err != nil {
			return fmt.Errorf("inference log %s: remove what is not to be kept: %w", k.path(), err)
		}
		total -= k.Size
	}
	return nil
}

// damagedAge is how old a segment is of which it is sure that no compaction takes it. The others are not to go for it.
const damagedAge = 2 * compactAge

func segmentsSize(dir string) (total int64) {
	files, _ := os.ReadDir(dir) // what cannot be read has no size that is known
	for _, f := range files {
		if info, err := f.Info(); err == nil && strings.HasSuffix(f.Name(), dataSuffix) && time.Since(info.ModTime()) < damagedAge {
			total += info.Size()
		}
	}
	return total
}

// drop takes the file from its list first, so that nobody misses it.
func (l *Log) drop(k kept) (err error) {
	lock, err := lockFolder(k.dir)
	if lock == nil {
		return err // another process is at it
	}
	defer func() { err = errors.Join(err, release(lock)) }()
	now, err := l.compaction(k.in.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := l.settle(k.dir, now); err != nil {
		return err
	}
	left := &compaction{Segments: now.Segments, path: now.path}
	for _, f := range now.Files {
		if f.Path != k.Path {
			left.Files = append(left.Files, f)
		}
	}
	if len(left.Files) > 0 {
		err = left.save()
	} else {
		err = os.Remove(left.path) // its segments are gone
	}
	if err != nil {
		return err
	}
	if err := os.Remove(k.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = os.Remove(filepath.Dir(k.path())) // the day's folder, if it is empty
	return nil
}
