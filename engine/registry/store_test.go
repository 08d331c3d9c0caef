package registry

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childPath makes the test binary a process that changes this registry until it is killed.
const childPath = "JOEY_TEST_REGISTRY"

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		fmt.Fprintln(os.Stderr, changeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// changeForever prints the version of each pipeline version and model version that it has stored.
func changeForever(path string) error {
	ctx := context.Background()
	for {
		s, err := Open(ctx, path)
		if err != nil {
			return err
		}
		w, err := s.CreateWorkspace(ctx, fmt.Sprint(rand.Int()))
		if err != nil {
			return err
		}
		for range 3 {
			p, err := s.BuildPipeline(ctx, w.ID, "p")
			if err != nil {
				return err
			}
			fmt.Println("pipeline", p.ID, p.Version)
			if p, err = s.Deploy(ctx, p.ID, []byte(`[]`)); err != nil {
				return err
			}
			fmt.Println("pipeline", p.ID, p.Version)
			m, err := s.AddModelVersion(ctx, w.ID, "m", Model{SHA: "s", File: "f"})
			if err != nil {
				return err
			}
			fmt.Println("model", m.ID, m.Version)
		}
		if err := s.Close(); err != nil {
			return err
		}
	}
}

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func newStore(t testing.TB) *Store { return open(t, filepath.Join(t.TempDir(), "registry.db")) }

func TestKilledProcessesLeaveAStoreThatOpens(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "registry.db")
	for range 8 {
		var acked []string
		cmds := []*exec.Cmd{exec.Command(os.Args[0]), exec.Command(os.Args[0])}
		for _, cmd := range cmds {
			cmd.Env = append(os.Environ(), childPath+"="+path)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			lines := bufio.NewScanner(out)
			for range 1 + rand.IntN(10) {
				require.True(t, lines.Scan())
				acked = append(acked, lines.Text())
			}
		}
		for _, cmd := range cmds {
			require.NoError(t, cmd.Process.Kill())
			require.Error(t, cmd.Wait(), "killed")
		}
		s, err := Open(t.Context(), path)
		require.NoError(t, err)
		var verdict string
		require.NoError(t, s.db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
		require.Equal(t, "ok", verdict)
		for _, line := range acked {
			requireStored(t, s, line)
		}
		require.NoError(t, s.Close())
	}
}

// requireStored looks for what changeForever printed.
func requireStored(t *testing.T, s *Store, line string) {
	t.Helper()
	var kind, version string
	var id int64
	_, err := fmt.Sscan(line, &kind, &id, &version)
	require.NoError(t, err)
	if kind == "model" {
		_, err := s.ModelByVersion(t.Context(), version)
		require.NoError(t, err)
		return
	}
	versions, err := s.PipelineVersions(t.Context(), id)
	require.NoError(t, err)
	assert.Condition(t, func() bool {
		for _, v := range versions {
			if v.Version == version {
				return true
			}
		}
		return false
	}, version)
}

func TestManyOpenOneNewStoreAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "er", "registry.db")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), path)
			if !assert.NoError(t, err) {
				return
			}
			for j := range 5 {
				_, err = s.CreateWorkspace(t.Context(), fmt.Sprint(i, j))
				assert.NoError(t, err)
			}
			assert.NoError(t, s.Close())
		})
	}
	wg.Wait()
	all, err := open(t, path).Workspaces(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 40)
}

func TestPathsThatLookLikeOptions(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, path := range []string{"a?mode=memory", "b#c", "d%41", "e f", "ü", filepath.Join(dir, "g?h%20#i")} {
		s := open(t, path)
		_, err := s.CreateWorkspace(t.Context(), path)
		require.NoError(t, err)
		require.FileExists(t, path)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000", "user_version": "1"} {
		var got string
		require.NoError(t, s.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		assert.Equal(t, want, got, pragma)
	}
}

func TestStoresThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("this is no database. ", 500)), 0o600))
	tests := map[string]struct {
		path, want string
	}{
		"the directory is a file":      {filepath.Join(file, "registry.db"), hintWritable},
		"the file is a directory":      {dir, hintWritable},
		"the directory takes no files": {"/proc/registry.db", hintWritable},
		"not a database":               {file, hintDamaged},
		"damaged":                      {damagedStore(t), hintDamaged},
		"of another program":           {sqliteFile(t, "CREATE TABLE t (x)"), hintForeign},
		"of a newer Joey":              {sqliteFile(t, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = 99", applicationID)), hintNewer},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat("/proc/self"); err != nil && strings.HasPrefix(test.path, "/proc") {
				t.Skip("this system has no /proc, the directory in which not even root can make files")
			}
			_, err := Open(t.Context(), test.path)
			failure := new(StoreError)
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.path, failure.Path)
			assert.Equal(t, test.want, failure.Hint)
			assert.ErrorContains(t, err, "registry "+test.path)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// sqliteFile is a database that somebody else made.
func sqliteFile(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite3", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), text)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return path
}

// damagedStore is a registry whose schema page was overwritten behind its header.
func damagedStore(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "registry.db")
	s, err := Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 100; i < len(b); i++ {
		b[i] = 0xff
	}
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func TestFullStoreNamesTheFileAndKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	w, err := s.CreateWorkspace(t.Context(), "w")
	require.NoError(t, err)
	_, err = s.db.ExecContext(t.Context(), "PRAGMA max_page_count = 20")
	require.NoError(t, err)

	stored := 0
	for ; err == nil; stored++ {
		_, err = s.AddModelVersion(t.Context(), w.ID, "m", Model{SHA: strings.Repeat("x", 1000)})
	}
	requireHint(t, s, err, hintFull)

	_, err = s.db.ExecContext(t.Context(), "PRAGMA max_page_count = 1000000")
	require.NoError(t, err)
	versions, err := s.ModelVersions(t.Context(), w.ID, "m")
	require.NoError(t, err)
	require.Len(t, versions, stored-1)
	_, err = s.AddModelVersion(t.Context(), w.ID, "m", Model{})
	require.NoError(t, err)
}

func TestReadOnlyStoreNamesTheFile(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	// chmod would not stop root; SQLite gives the same code for a file that it may only read.
	_, err := s.db.ExecContext(t.Context(), "PRAGMA query_only = on")
	require.NoError(t, err)
	_, err = s.CreateWorkspace(t.Context(), "w")
	requireHint(t, s, err, hintWritable)
	_, err = s.Workspaces(t.Context())
	require.NoError(t, err)
}

func requireHint(t *testing.T, s *Store, err error, hint string) {
	t.Helper()
	failure := new(StoreError)
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, hint, failure.Hint)
	assert.Equal(t, s.path, failure.Path)
}

func TestBusyStoreIsToldAsSuch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	holder := open(t, s.path)
	tx, err := holder.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { assert.NoError(t, tx.Rollback()) }()
	_, err = s.db.ExecContext(t.Context(), "PRAGMA busy_timeout = 1")
	require.NoError(t, err)
	_, err = s.CreateWorkspace(t.Context(), "w")
	requireHint(t, s, err, hintBusy)
	assert.True(t, isBusy(err))
	_, err = s.Workspaces(t.Context())
	require.NoError(t, err, "readers do not wait for writers")
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.CreateWorkspace(ctx, "w")
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.Workspaces(ctx)
	require.ErrorIs(t, err, context.Canceled)
	_, err = Open(ctx, s.path)
	require.ErrorIs(t, err, context.Canceled)
}

func TestDriverErrorsStayReachable(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.CreateWorkspace(t.Context(), "")
	failure := sqlite3.Error{}
	require.ErrorAs(t, err, &failure)
	assert.ErrorContains(t, err, `create workspace ""`)
}

func BenchmarkDeploy(b *testing.B) {
	s := newStore(b)
	w, err := s.CreateWorkspace(b.Context(), "w")
	require.NoError(b, err)
	p, err := s.BuildPipeline(b.Context(), w.ID, "p")
	require.NoError(b, err)
	for b.Loop() {
		if _, err := s.Deploy(b.Context(), p.ID, []byte(`[{"ModelInference": {}}]`)); err != nil {
			b.Fatal(err)
		}
	}
}

// clock gives a time that never moves forward by itself, and sometimes back, as clocks do.
func clock(r *rand.Rand) func() time.Time {
	base := time.Date(2022, 8, 4, 20, 17, 9, 408123456, time.UTC)
	return func() time.Time { return base.Add(time.Duration(r.IntN(100)-50) * time.Second) }
}
