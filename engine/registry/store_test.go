package registry

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
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
		if err := changeUntilStopped(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// changeUntilStopped prints a line for all that it has stored, with a dot at its end by which a whole line is known.
func changeUntilStopped(path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for ctx.Err() == nil {
		if err := changeStore(path); err != nil {
			return err
		}
	}
	return nil
}

func changeStore(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, path)
	if err != nil {
		return err
	}
	if _, err := s.EnsureWorkspace(ctx, "shared"); err != nil {
		return err
	}
	w, err := s.CreateWorkspace(ctx, fmt.Sprint(rand.Int()))
	if err != nil {
		return err
	}
	for range 3 {
		// The first workspace is everyone's, so that all processes add versions to one pipeline and one model.
		for _, workspace := range []int64{1, w.ID} {
			p, err := s.BuildPipeline(ctx, workspace, "p")
			if err != nil {
				return err
			}
			fmt.Println("pipeline", p.Version, ".")
			if p, err = s.Deploy(ctx, p.ID, []byte(`[]`)); err != nil {
				return err
			}
			fmt.Println("pipeline", p.Version, ".")
			m, err := s.AddModelVersion(ctx, workspace, "m", Model{SHA: "s", File: "f"})
			if err != nil {
				return err
			}
			fmt.Println("model", m.Version, ".")
			tag, err := s.CreateTag(ctx, fmt.Sprint(rand.Int()))
			if err != nil {
				return err
			}
			fmt.Println("tag", tag.Text, ".")
			if _, _, err := s.TagModel(ctx, tag.ID, m.ID); err != nil {
				return err
			}
			fmt.Println("tagged", m.Version+tag.Text, ".")
		}
	}
	return s.Close()
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
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	for round := range 30 {
		where := fmt.Sprintf("seed %d, round %d", seed, round)
		var acked []string
		var children [2]*child
		for i := range children {
			children[i] = startChild(t, path)
		}
		for _, c := range children {
			for range 1 + r.IntN(12) {
				require.True(t, c.lines.Scan(), where)
				acked = append(acked, c.lines.Text())
			}
		}
		// What follows a line is a few hundred microseconds of the next call; the kill falls anywhere in it.
		time.Sleep(time.Duration(r.IntN(1500)) * time.Microsecond)
		for _, c := range children {
			require.NoError(t, c.cmd.Process.Kill())
			for c.lines.Scan() {
				if strings.HasSuffix(c.lines.Text(), " .") {
					acked = append(acked, c.lines.Text())
				}
			}
			require.Error(t, c.cmd.Wait(), "killed")
		}
		s, err := Open(t.Context(), path)
		require.NoError(t, err, where)
		var verdict string
		require.NoError(t, s.db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
		require.Equal(t, "ok", verdict, where)
		requireStored(t, s, acked, where)
		requireWhole(t, s, where)
		require.NoError(t, s.Close())
	}
}

// child is a process that changes a registry.
type child struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner // what it has stored
}

func startChild(t *testing.T, path string) *child {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childPath+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return &child{cmd, bufio.NewScanner(out)}
}

// requireStored looks for what children printed.
func requireStored(t *testing.T, s *Store, acked []string, where string) {
	t.Helper()
	stored := map[string]bool{}
	for _, query := range []string{"SELECT version FROM model_versions", "SELECT version FROM pipeline_versions", "SELECT text FROM tags",
		"SELECT v.version || t.text FROM model_tags x JOIN tags t ON t.id = x.tag JOIN model_versions v ON v.id = x.model_version"} {
		all, err := collect(t.Context(), s.reads, func(rows *sql.Rows) (v string, err error) { return v, rows.Scan(&v) }, query)
		require.NoError(t, err)
		for _, v := range all {
			require.False(t, stored[v], "%s: %s is there twice", where, v)
			stored[v] = true
		}
	}
	for _, line := range acked {
		require.True(t, stored[strings.Fields(line)[1]], "%s: %q was acknowledged", where, line)
	}
}

// requireWhole wants no half call: each name has a version, and nothing points nowhere.
func requireWhole(t *testing.T, s *Store, where string) {
	t.Helper()
	for _, query := range []string{
		"SELECT name FROM models m WHERE NOT EXISTS (SELECT 1 FROM model_versions WHERE model = m.id)",
		"SELECT name FROM pipelines p WHERE NOT EXISTS (SELECT 1 FROM pipeline_versions WHERE pipeline = p.id)",
		`SELECT name FROM pipelines p WHERE last_updated <> (SELECT max(created) FROM pipeline_versions WHERE pipeline = p.id)`,
		`SELECT "table" FROM pragma_foreign_key_check`,
	} {
		half, err := collect(t.Context(), s.reads, func(rows *sql.Rows) (v string, err error) { return v, rows.Scan(&v) }, query)
		require.NoError(t, err)
		require.Empty(t, half, "%s: %s", where, query)
	}
}

func TestSeveralProcessesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "registry.db")
	children := make([]*child, 4)
	for i := range children {
		children[i] = startChild(t, path)
	}
	var acked []string
	for _, c := range children {
		for range 60 {
			require.True(t, c.lines.Scan())
			acked = append(acked, c.lines.Text())
		}
	}
	for _, c := range children {
		require.NoError(t, c.cmd.Process.Signal(os.Interrupt)) // it ends behind its call
		for c.lines.Scan() {
			acked = append(acked, c.lines.Text())
		}
		require.NoError(t, c.cmd.Wait())
	}
	s := open(t, path)
	requireStored(t, s, acked, "")
	requireWhole(t, s, "")
	kinds := map[string]int{}
	for _, line := range acked {
		kinds[strings.Fields(line)[0]]++
	}
	for kind, query := range map[string]string{
		"model": "SELECT count(*) FROM model_versions", "pipeline": "SELECT count(*) FROM pipeline_versions",
		"tag": "SELECT count(*) FROM tags", "tagged": "SELECT count(*) FROM model_tags",
		"shared": "SELECT count(*) FROM workspaces WHERE name = 'shared'",
	} {
		var n int
		require.NoError(t, s.reads.QueryRowContext(t.Context(), query).Scan(&n))
		want := kinds[kind]
		if kind == "shared" {
			want = 1 // which all of them ask for
		}
		assert.Equal(t, want, n, kind)
	}
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

// oldStore is a registry as the Joey of its schema left it; the files hold what that Joey ran, word for word.
func oldStore(t *testing.T, schema int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("schema%d.sql", schema)))
	require.NoError(t, err)
	return sqliteFile(t, string(text))
}

func TestAStoreOfAnOlderJoeyOpensWithAllItHas(t *testing.T) {
	t.Parallel()
	path := oldStore(t, 1)
	var wg sync.WaitGroup
	for range 4 { // kernels that start at the same time
		wg.Go(func() {
			s, err := Open(t.Context(), path)
			if assert.NoError(t, err) {
				assert.NoError(t, s.Close())
			}
		})
	}
	wg.Wait()
	s := open(t, path)
	at := func(second int) time.Time { return time.Date(2022, 8, 4, 20, 17, second, 408000000, time.UTC) }
	v, err := s.Model(t.Context(), 1, "m")
	require.NoError(t, err)
	require.Equal(t, ModelVersion{ID: 2, Workspace: 1, Name: "m", Version: "b2", SHA: "sha2", File: "models/sha2.onnx", Created: at(11)}, v)
	v, err = s.ModelVersion(t.Context(), 1, "m", "a1")
	require.NoError(t, err)
	require.Equal(t, ModelVersion{ID: 1, Workspace: 1, Name: "m", Version: "a1", SHA: "sha1", File: "models/sha1.onnx",
		Config: json.RawMessage(`{"tensor_fields":["x"]}`), Created: at(10)}, v)
	p, err := s.Pipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	require.Equal(t, Pipeline{ID: 1, Workspace: 1, Name: "p", Created: at(12), LastUpdated: at(13), Deployed: Yes, Version: "d4",
		Definition: json.RawMessage(`[]`)}, p)

	tag, err := s.CreateTag(t.Context(), "new")
	require.NoError(t, err)
	_, v, err = s.TagModel(t.Context(), tag.ID, v.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"new"}, v.Tags)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "25", "user_version": "4"} {
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
	s.patience = 0
	_, err = s.CreateWorkspace(t.Context(), "w")
	requireHint(t, s, err, hintBusy)
	assert.True(t, isBusy(err))
	_, err = s.Workspaces(t.Context())
	require.NoError(t, err, "readers do not wait for writers")
}

func TestReadersWaitForNobodyAndWritersWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	holder := open(t, s.path)
	tx, err := holder.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	interrupted, waited := make(chan error), make(chan error)
	go func() { _, err := s.CreateWorkspace(ctx, "interrupted"); interrupted <- err }()
	for s.db.Stats().InUse == 0 { // until it waits with this process's only connection that writes
		runtime.Gosched()
	}
	_, err = s.Workspaces(t.Context())
	require.NoError(t, err)
	w, err := open(t, s.path).Workspaces(t.Context())
	require.NoError(t, err, "nor does a store that opens wait")
	require.Empty(t, w)
	cancel()
	require.ErrorIs(t, <-interrupted, context.Canceled, "who waits is interrupted long before his patience ends")

	go func() { _, err := s.CreateWorkspace(t.Context(), "waited"); waited <- err }()
	for s.db.Stats().InUse == 0 {
		runtime.Gosched()
	}
	require.NoError(t, tx.Rollback())
	require.NoError(t, <-waited)
	w, err = s.Workspaces(t.Context())
	require.NoError(t, err)
	require.Len(t, w, 1)
	require.Equal(t, "waited", w[0].Name)

	own, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = s.Workspaces(ctx)
	require.NoError(t, err, "nor do readers wait for a writer of their own process")
	require.NoError(t, own.Rollback())
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
