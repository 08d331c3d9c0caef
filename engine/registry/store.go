// Package registry keeps workspaces, models and pipelines with their versions and tags in one SQLite file.
// It imports nothing of ours: what a model's config or a pipeline's definition means is for its callers.
package registry

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"
)

// patience is how long a call waits for other processes on the same store. A call's transaction takes
// a few milliseconds, so whoever waits this long waits for a process that is stuck.
const patience = 10 * time.Second

// busyTimeout is how long SQLite waits by itself, deaf to the caller's context; then begin asks again.
const busyTimeout = 25 * time.Millisecond

// Store is an open registry. It may be used from several goroutines, and by several processes at once:
// each call is one transaction, writers wait for each other, and readers wait for nobody.
type Store struct {
	path     string
	db       *sql.DB // writes: one connection, since SQLite has one writer anyway and waiting in Go obeys the caller's context
	reads    *sql.DB // reads the last commit, whoever is writing
	patience time.Duration
	now      func() time.Time
}

// Open opens the registry in the file path, and makes the file and its directory if they are missing.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, &StoreError{Path: path, Hint: hintWritable, Err: err}
	}
	// Transactions take the write lock when they begin: one that read first could not be retried.
	db, err := sql.Open("sqlite3", dataSource(path, busyTimeout, url.Values{"_foreign_keys": {"on"}, "_txlock": {"immediate"}}))
	if err != nil {
		return nil, &StoreError{Path: path, Hint: hintWritable, Err: err}
	}
	db.SetMaxOpenConns(1)
	// Who reads waits only while somebody puts a killed process's log in order.
	reads, err := sql.Open("sqlite3", dataSource(path, patience, url.Values{"_query_only": {"on"}}))
	if err != nil {
		return nil, errors.Join(&StoreError{Path: path, Hint: hintWritable, Err: err}, db.Close())
	}
	reads.SetMaxOpenConns(4)
	s := &Store{path: path, db: db, reads: reads, patience: patience, now: time.Now}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, reads.Close(), db.Close())
	}
	return s, nil
}

// Close closes the store.
func (s *Store) Close() error {
	return s.fail("close", errors.Join(s.reads.Close(), s.db.Close()))
}

// dataSource is path as a URI, because SQLite takes what follows a bare path's '?' for options.
func dataSource(path string, wait time.Duration, options url.Values) string {
	options.Set("_busy_timeout", fmt.Sprint(wait.Milliseconds()))
	file := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	if !filepath.IsAbs(path) {
		file.Path, file.Opaque = "", (&url.URL{Path: file.Path}).EscapedPath()
	}
	return file.String()
}

// prepare checks whose file this is, brings its schema up to date and switches it to the write-ahead log.
func (s *Store) prepare(ctx context.Context) error {
	// A store that is up to date opens without the lock of writers.
	if done, err := migrated(ctx, s.db); err != nil || done < len(migrations) {
		if err := s.update(ctx, "open", migrate); err != nil {
			return err
		}
	}
	// SQLite does not wait for its busy timeout here, so several processes that make one store at the
	// same time would fail (https://www.sqlite.org/wal.html, "database is locked").
	return s.fail("open", s.whileBusy(ctx, func() error {
		_, err := s.db.ExecContext(ctx, "PRAGMA journal_mode = WAL")
		return err
	}))
}

// whileBusy tries again for as long as other processes hold the store, the context lasts and patience does.
func (s *Store) whileBusy(ctx context.Context, try func() error) error {
	deadline := time.Now().Add(s.patience)
	for {
		err := try()
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// update runs one writing transaction.
func (s *Store) update(ctx context.Context, what string, body func(context.Context, *sql.Tx) error) error {
	var tx *sql.Tx
	err := s.whileBusy(ctx, func() (err error) {
		tx, err = s.db.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return s.fail(what, err)
	}
	if err := body(ctx, tx); err != nil {
		return s.fail(what, errors.Join(err, rollback(tx)))
	}
	return s.fail(what, tx.Commit())
}

// rollback undoes tx; a transaction that SQLite or the context has undone already is no error.
func rollback(tx *sql.Tx) error {
	err := tx.Rollback()
	if errors.Is(err, sql.ErrTxDone) || errors.As(err, new(sqlite3.Error)) {
		return nil
	}
	return err
}

// stamp is now in the resolution of the store.
func (s *Store) stamp() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// querier is what a read needs of a transaction or of the database.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collect reads every row of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, one)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

// one reads the only row of a query, or says what was not found.
func one[T any](ctx context.Context, q querier, missing *NotFoundError, scan func(*sql.Rows) (T, error), query string, args ...any) (T, error) {
	all, err := collect(ctx, q, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = missing
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// micros and fromMicros convert times to what the tables hold.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
