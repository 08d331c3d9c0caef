// Package history keeps the cells that ran, beyond the end of their kernel: one SQLite file that all kernels of a user share.
// It imports kernel/session, whose History it is.
package history

import (
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"github.com/joey-go/joey/kernel/session"
)

// Store is a session.History in a file. Its methods may be called from any goroutine. What goes wrong is logged, and a store
// that cannot be opened is replaced by memory: a history is no reason to stop a kernel.
type Store struct {
	path string
	log  *slog.Logger
	jobs chan func()
	due  *time.Timer // of waiting
	done sync.WaitGroup

	mu      sync.Mutex
	waiting []session.Entry // that are not in the file yet

	// For the goroutine that runs the jobs only:
	opened  bool
	db      *sql.DB
	session int64           // of this kernel, in db
	memory  *session.Memory // instead of db
}

const (
	keptCells = 10_000
	maxText   = 1 << 20 // of an input or output that is kept whole
	// Cells are written together, a moment later: SQLite would take the processor from the cell's reply and from the next cell.
	moment     = 20 * time.Millisecond
	mostAtOnce = 1024
	// Other kernels write for microseconds at a time.
	busyMilliseconds = "2000"
)

const schema = `
CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS cells (
	id INTEGER PRIMARY KEY, session INTEGER NOT NULL, line INTEGER NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS by_session ON cells (session, line);`

// New makes a history in the file path. The file is opened when it is first needed, not while a kernel starts. Close must be called.
func New(path string, log *slog.Logger) *Store {
	s := &Store{path: path, log: log, jobs: make(chan func()), due: time.NewTimer(moment)}
	s.done.Go(func() {
		defer s.shut()
		for {
			select {
			case job, more := <-s.jobs:
				s.store()
				if !more {
					return
				}
				job()
			case <-s.due.C:
				s.store()
			}
		}
	})
	return s
}

// Close writes what is left and closes the file.
func (s *Store) Close() {
	close(s.jobs)
	s.done.Wait()
}

// Add keeps a cell. It waits for the disk only if a thousand cells already do.
func (s *Store) Add(e session.Entry) {
	s.mu.Lock()
	s.waiting = append(s.waiting, e)
	n := len(s.waiting)
	s.mu.Unlock()
	switch {
	case n == 1:
		s.due.Reset(moment)
	case n >= mostAtOnce:
		s.jobs <- func() {}
	}
}

// store writes the cells that wait.
func (s *Store) store() {
	s.mu.Lock()
	entries := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	if len(entries) == 0 {
		return
	}
	s.open()
	if s.memory != nil {
		for _, e := range entries {
			s.memory.Add(e)
		}
		return
	}
	s.note("add cells", s.insert(entries))
}

func (s *Store) insert(entries []session.Entry) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, e := range entries {
		_, err := tx.Exec(`INSERT INTO cells (session, line, input, output) VALUES (?, ?, ?, ?)`, s.session, e.Line, cut(e.Input), cut(e.Output))
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Tail is the last n cells of all kernels.
func (s *Store) Tail(n int) []session.Entry {
	return s.ask(func() []session.Entry {
		return s.rows(`SELECT * FROM (SELECT session, line, input, output, id FROM cells ORDER BY id DESC LIMIT ?) ORDER BY id`, max(n, 0))
	}, func(m *session.Memory) []session.Entry { return m.Tail(n) })
}

// Range is the lines from start to before stop of a session: 0 is this kernel's, -1 the one before, others go by their number.
func (s *Store) Range(number, start, stop int) []session.Entry {
	return s.ask(func() []session.Entry {
		id := int64(number)
		if number <= 0 {
			row := s.db.QueryRow(`SELECT id FROM sessions WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET ?`, s.session, -number)
			if row.Scan(&id) != nil {
				return nil // there were not so many
			}
		}
		return s.rows(`SELECT session, line, input, output, id FROM cells
			WHERE session = ? AND line >= ? AND (? < 0 OR line < ?) ORDER BY id`, id, start, stop, stop)
	}, func(m *session.Memory) []session.Entry { return m.Range(number, start, stop) })
}

// Search is the last n cells whose input matches a glob pattern; with unique only the last of those with equal inputs.
func (s *Store) Search(pattern string, n int, unique bool) []session.Entry {
	last := `SELECT session, line, input, output, id FROM cells WHERE input GLOB ?`
	if unique {
		last = `SELECT session, line, input, output, max(id) AS id FROM cells WHERE input GLOB ? GROUP BY input`
	}
	return s.ask(func() []session.Entry {
		return s.rows(`SELECT * FROM (`+last+` ORDER BY id DESC LIMIT ?) ORDER BY id`, pattern, max(n, 0))
	}, func(m *session.Memory) []session.Entry { return m.Search(pattern, n, unique) })
}

// ask runs a query behind all that was added before.
func (s *Store) ask(stored func() []session.Entry, remembered func(*session.Memory) []session.Entry) []session.Entry {
	found := make(chan []session.Entry, 1)
	s.jobs <- func() {
		s.open()
		if s.memory != nil {
			found <- remembered(s.memory)
			return
		}
		found <- stored()
	}
	return <-found
}

func (s *Store) rows(query string, args ...any) (entries []session.Entry) {
	rows, err := s.db.Query(query, args...)
	if err != nil {
		s.note("query", err)
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var e session.Entry
		var id int64
		if err := rows.Scan(&e.Session, &e.Line, &e.Input, &e.Output, &id); err != nil {
			s.note("query", err)
			return nil
		}
		entries = append(entries, e)
	}
	s.note("query", rows.Err())
	return entries
}

// open opens the file once, and gives this kernel its number in it.
func (s *Store) open() {
	if s.opened {
		return
	}
	s.opened = true
	if err := s.connect(); err != nil {
		s.log.Warn("the history is kept in memory only", "file", s.path, "error", err)
		s.shut()
		s.memory = session.NewMemory()
	}
}

func (s *Store) connect() (err error) {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	file := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(s.path), RawQuery: url.Values{
		"_busy_timeout": {busyMilliseconds}, "_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_txlock": {"immediate"},
	}.Encode()}
	if s.db, err = sql.Open("sqlite3", file.String()); err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	if _, err := s.db.Exec(schema); err != nil {
		return err
	}
	if err := os.Chmod(s.path, 0o600); err != nil { // cells may hold what others shall not read
		return err
	}
	if _, err := s.db.Exec(`DELETE FROM cells WHERE id <= (SELECT max(id) FROM cells) - ?`, keptCells); err != nil {
		return err
	}
	result, err := s.db.Exec(`INSERT INTO sessions DEFAULT VALUES`)
	if err != nil {
		return err
	}
	s.session, err = result.LastInsertId()
	return err
}

func (s *Store) shut() {
	if s.db != nil {
		s.note("close", s.db.Close())
		s.db = nil
	}
}

func (s *Store) note(doing string, err error) {
	if err != nil {
		s.log.Warn("history: "+doing, "file", s.path, "error", err)
	}
}

// cut keeps the file small: whoever pasted a megabyte into a cell does not look for it here.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:maxText], ""), len(text))
}
