package wallaroo_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/logs"
	wallaroo "github.com/joey-go/joey/sdk"
)

// What is in the files when Infer returns is what a kill or, with LogSyncAck, the power leaves.
func TestAnsweredRequestsAreInTheFiles(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	for name, option := range map[string]wallaroo.ClientOption{
		"off": wallaroo.LogSyncOff(), "interval": wallaroo.LogSyncInterval(), "ack": wallaroo.LogSyncAck(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home, left := t.TempDir(), t.TempDir()
			wl, err := wallaroo.NewClient(wallaroo.Home(home), wallaroo.WithProgress(new(output)), option)
			require.NoError(t, err)
			p := deployShadow(t, wl, "p")
			for range 3 {
				_, err := p.Infer(readRecord(t))
				require.NoError(t, err)
			}
			require.NoError(t, os.CopyFS(left, os.DirFS(filepath.Join(home, "logs"))))
			require.NoError(t, wl.Close())
			l, err := logs.Open(left, logs.Options{})
			require.NoError(t, err)
			page, err := l.Query(t.Context(), logs.Query{Workspace: 1, Pipeline: "p"})
			require.NoError(t, err)
			require.Len(t, page.Entries, 3)
			require.Empty(t, page.Warnings)
			require.NoError(t, l.Close())
		})
	}
}

func TestKeepLogsWantsNoNegativeBounds(t *testing.T) {
	t.Parallel()
	for _, o := range []wallaroo.ClientOption{wallaroo.KeepLogs(-time.Hour, 0), wallaroo.KeepLogs(0, -1)} {
		_, err := wallaroo.NewClient(wallaroo.Home(t.TempDir()), o)
		require.ErrorContains(t, err, "zero is no bound")
	}
}

func TestKeepLogsRemovesOldFiles(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	l, err := logs.Open(filepath.Join(home, "logs"), logs.Options{})
	require.NoError(t, err)
	require.NoError(t, l.Append(t.Context(), logs.Entry{Workspace: 1, Pipeline: "p", Time: time.Now().Add(-48 * time.Hour)}))
	require.NoError(t, l.Append(t.Context(), logs.Entry{Workspace: 1, Pipeline: "p", Time: time.Now()}))
	require.NoError(t, l.Compact(t.Context()))
	require.NoError(t, l.Close())
	files := func() int {
		found, err := filepath.Glob(filepath.Join(home, "logs", "parquet", "workspace=1", "pipeline=p", "date=*", "*.parquet"))
		require.NoError(t, err)
		return len(found)
	}
	require.Equal(t, 2, files())
	wl, err := wallaroo.NewClient(wallaroo.Home(home), wallaroo.KeepLogs(24*time.Hour, 0))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return files() == 1 }, time.Minute, 10*time.Millisecond)
	require.NoError(t, wl.Close())
	wl, err = wallaroo.NewClient(wallaroo.Home(home), wallaroo.KeepLogs(0, 1))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return files() == 0 }, time.Minute, 10*time.Millisecond)
	require.NoError(t, wl.Close())
}

// A file where the pipeline's folder should be is a disk that takes nothing.
func TestWhatCannotBeLoggedStopsOrNot(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	for name, options := range map[string][]wallaroo.ClientOption{"stops": nil, "goes on": {wallaroo.AnswerUnlogged()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			wl, err := wallaroo.NewClient(append(options, wallaroo.Home(home), wallaroo.WithProgress(new(output)))...)
			require.NoError(t, err)
			p := deployShadow(t, wl, "p")
			obstacle := filepath.Join(home, "logs", "1-p")
			require.NoError(t, os.WriteFile(obstacle, nil, 0o600))
			results, err := p.Infer(readRecord(t))
			require.Len(t, results, 1, "the answer comes in both cases")
			if name == "stops" {
				require.ErrorContains(t, err, "answered, but not logged")
				require.ErrorContains(t, err, obstacle)
			} else {
				require.NoError(t, err)
			}
			require.NoError(t, os.Remove(obstacle))
			_, err = p.Infer(readRecord(t))
			require.NoError(t, err)
			found, err := p.Logs()
			require.NoError(t, err)
			require.Len(t, found.Entries, 1)
			require.NoError(t, wl.Close())
		})
	}
}

// A client that asks for more than those that are open have gets an engine of its own.
func TestClientsShareWhatTheyAgreeOn(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	e, err := engine.Open(t.Context(), engine.Options{Home: home})
	require.NoError(t, err)
	require.True(t, e.Serves(engine.Options{Home: home}))
	require.False(t, e.Serves(engine.Options{Home: home, Durability: logs.SyncAck}))
	require.False(t, e.Serves(engine.Options{Home: home, GoOn: true}))
	require.NoError(t, e.Close())
}
