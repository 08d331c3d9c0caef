// Package symbols holds the tables through which cells reach compiled packages: the standard library of the Go that
// builds Joey, the SDK, Arrow's packages that make and read its records, and package notebook. It imports what it lists and nothing else of ours; a table is built when it is first asked for.
package symbols

import (
	"reflect"
	"sync"
)

//go:generate go run ./gen -prefix std std
//go:generate go run ../rt/template/gen ../rt/template
//go:generate go run ./gen -prefix sdk wallaroo=github.com/joey-go/joey/sdk github.com/joey-go/joey/cell/notebook github.com/apache/arrow/go/v17/arrow github.com/apache/arrow/go/v17/arrow/array github.com/apache/arrow/go/v17/arrow/float16 github.com/apache/arrow/go/v17/arrow/ipc github.com/apache/arrow/go/v17/arrow/memory

// Table holds a package's symbols by name: functions, variables by address, types as typed nil pointers, and under
// "_Name" a struct that carries a cell's value into compiled code as the interface Name.
type Table = map[string]reflect.Value

// Set answers for packages. Its zero value is ready; it builds each table once, on first use: all of them together
// would cost milliseconds and megabytes in every process that links them.
type Set struct {
	mu    sync.Mutex
	built map[string]Table
	// Override replaces symbols: import path, then name.
	Override map[string]Table
}

// Package returns the symbols of an import path, nil if there is no such package.
func (s *Set) Package(path string) Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.built[path]; ok {
		return t
	}
	t := s.build(path)
	if s.built == nil {
		s.built = map[string]Table{}
	}
	s.built[path] = t
	return t
}

func (s *Set) build(path string) Table {
	t := compiled(path)
	for name, v := range s.Override[path] {
		if t == nil {
			t = Table{}
		}
		t[name] = v
	}
	return t
}

func compiled(path string) Table {
	if make := stdTable(path); make != nil {
		return make()
	}
	if make := sdkTable(path); make != nil {
		return make()
	}
	return nil
}
