package cell

import (
	"reflect"
	"sync"

	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/symbols"
)

// builtins are the functions through which the prelude reaches its session.
type builtins struct {
	mu     sync.Mutex
	shown  *display.Bundle
	marked int
}

// table holds what check.Builtin declares.
func (b *builtins) table() symbols.Table {
	return symbols.Table{
		"Stop": reflect.ValueOf(stop),
		"Show": reflect.ValueOf(b.show),
		"Mark": reflect.ValueOf(b.mark),
	}
}

func stop(err error) { panic(rt.Stop{Err: err}) }

// begin forgets the last cell.
func (b *builtins) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown, b.marked = nil, 0
}

// end is what the cell showed, and how many of its variables it set.
func (b *builtins) end() (*display.Bundle, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown, b.marked
}

// show makes the forms of a result at once, while an interrupt can still stop the methods of its type.
func (b *builtins) show(values ...any) {
	bundle := display.All(values)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = &bundle
}

func (b *builtins) mark(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.marked = n
}
