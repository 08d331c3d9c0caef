package wallaroo_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// openIn opens a client of stores that the test closes.
func openIn(t *testing.T, stores *wallaroo.Stores, opts ...wallaroo.ClientOption) *wallaroo.Client {
	t.Helper()
	wl, err := stores.NewClient(append([]wallaroo.ClientOption{wallaroo.WithProgress(new(output))}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, wl.Close()) })
	return wl
}

func TestClientsOfOneStoreShareWhatIsOpen(t *testing.T) {
	t.Parallel()
	needsRuntime(t)
	home, stores := t.TempDir(), new(wallaroo.Stores)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(home, link))
	one := openIn(t, stores, wallaroo.Home(home))
	two := openIn(t, stores, wallaroo.Home(link))
	require.True(t, one.Shares(two), "whatever the path is called")
	require.False(t, one.Shares(openIn(t, stores, wallaroo.Home(t.TempDir()))))
	require.False(t, one.Shares(openIn(t, stores, wallaroo.Home(home), wallaroo.Library("/other/libonnxruntime.so"))), "with another library")
	require.False(t, one.Shares(openIn(t, new(wallaroo.Stores), wallaroo.Home(home))))

	w, err := one.CreateWorkspace("w")
	require.NoError(t, err)
	_, err = one.SetCurrentWorkspace(w)
	require.NoError(t, err)
	require.Equal(t, "default", two.CurrentWorkspace().Name(), "each client has a workspace of its own")

	p := deployShadow(t, two, "p")
	_, err = p.Infer(rows(1))
	require.NoError(t, err)
	require.NoError(t, one.Close())
	require.NoError(t, one.Close(), "a second Close does nothing")
	_, err = p.Infer(rows(1))
	require.NoError(t, err, "the other client goes on")
	require.NoError(t, stores.Flush(t.Context()))
	logs, err := p.Logs()
	require.NoError(t, err)
	require.Len(t, logs.Entries, 2)
	require.NoError(t, two.Close())
	_, err = p.Infer(rows(1))
	require.ErrorIs(t, err, os.ErrClosed, "the last client has closed the store")
	require.False(t, two.Shares(openIn(t, stores, wallaroo.Home(home))), "the next one opens it anew")
}

func TestAStoreThatWasDeletedIsNotShared(t *testing.T) {
	t.Parallel()
	home, stores := filepath.Join(t.TempDir(), "home"), new(wallaroo.Stores)
	old := openIn(t, stores, wallaroo.Home(home))
	_, err := old.CreateWorkspace("w")
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(home))
	open(t, home) // another process makes it again
	anew := openIn(t, stores, wallaroo.Home(home))
	require.False(t, old.Shares(anew))
	_, err = anew.CreateWorkspace("w")
	require.NoError(t, err)
}

func TestClientsComeAndGoTogether(t *testing.T) {
	t.Parallel()
	home, stores := t.TempDir(), new(wallaroo.Stores)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				wl, err := stores.NewClient(wallaroo.Home(home))
				if !assert.NoError(t, err) {
					return
				}
				_, err = wl.GetWorkspace("w", wallaroo.CreateIfNotExist)
				assert.NoError(t, err)
				assert.NoError(t, wl.Close())
			}
		})
	}
	wg.Wait()
	list, err := openIn(t, stores, wallaroo.Home(home)).ListWorkspaces()
	require.NoError(t, err)
	require.Len(t, list, 2)
	_, err = stores.NewClient(wallaroo.Home("/proc/joey"))
	require.ErrorContains(t, err, "/proc/joey")
}
