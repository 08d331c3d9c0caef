package worker

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	wallaroo "github.com/joey-go/joey/sdk"
)

// Not parallel: it counts goroutines.
func TestCellsThatMakeClientsAgainOpenTheStoreOnce(t *testing.T) {
	home, c := wallaroo.Home(t.TempDir()), newClients()
	first, err := c.newClient(home)
	require.NoError(t, err)
	open := runtime.NumGoroutine()
	clients := []*wallaroo.Client{first}
	for range 20 {
		wl, err := c.newClient(home)
		require.NoError(t, err)
		clients = append(clients, wl)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), open)
	c.flush(os.Stderr)
	for _, wl := range clients {
		require.NoError(t, wl.Close())
	}
}
