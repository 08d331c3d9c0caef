package worker

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"

	wallaroo "github.com/joey-go/joey/sdk"
)

// clients makes the SDK clients of cells, which share what they have open of a store. They get the context of the cell that
// runs, and what they logged is written when a cell ends, or the process by os.Exit.
type clients struct {
	stores wallaroo.Stores
	mu     sync.Mutex
	ctx    context.Context
}

func newClients() *clients { return &clients{ctx: context.Background()} }

// override puts our functions in the place of those that cells name.
func (c *clients) override() map[string]map[string]reflect.Value {
	ours := map[string]reflect.Value{"NewClient": reflect.ValueOf(c.newClient)}
	return map[string]map[string]reflect.Value{
		"wallaroo": ours, "github.com/joey-go/joey/sdk": ours, // a package of two paths
		"os": {"Exit": reflect.ValueOf(c.exit)},
	}
}

func (c *clients) newClient(opts ...wallaroo.ClientOption) (*wallaroo.Client, error) {
	return c.stores.NewClient(append([]wallaroo.ClientOption{wallaroo.WithContext(c.current)}, opts...)...)
}

func (c *clients) exit(code int) {
	c.leave()
	c.flush(os.Stderr)
	os.Exit(code)
}

func (c *clients) current() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ctx
}

func (c *clients) enter(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ctx = ctx
}

// leave lets the calls of goroutines that outlive their cell go on.
func (c *clients) leave() { c.enter(context.Background()) }

// flush writes the logs, and to w what could not be written.
func (c *clients) flush(w io.Writer) {
	if err := c.stores.Flush(context.Background()); err != nil {
		fmt.Fprintf(w, "The inference log could not be written: %v\n", err)
	}
}
