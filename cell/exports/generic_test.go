package exports_test

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/exports"
)

// TestGenericNames lists what is generic in the standard library and in Arrow, so that a new version of Go shows what it adds: each needs a
// package that runs from source, an operation of the runtime, or a refusal.
func TestGenericNames(t *testing.T) {
	t.Parallel()
	m, err := exports.New(token.NewFileSet())
	require.NoError(t, err)
	var names []string
	for _, path := range m.Paths() {
		p, err := m.Import(path)
		require.NoError(t, err)
		if slices.ContainsFunc(m.Sources(), func(s *exports.Source) bool { return s.Pkg == p }) {
			continue
		}
		for _, name := range p.Scope().Names() {
			if obj := p.Scope().Lookup(name); obj.Exported() && isGeneric(obj) {
				names = append(names, path+"."+name)
			}
		}
	}
	assert.Equal(t, strings.Fields(`
		crypto/hkdf.Expand crypto/hkdf.Extract crypto/hkdf.Key crypto/pbkdf2.Key database/sql.Null errors.AsType
		github.com/apache/arrow/go/v17/arrow.GetBytes github.com/apache/arrow/go/v17/arrow.GetData github.com/apache/arrow/go/v17/arrow.GetDataType
		github.com/apache/arrow/go/v17/arrow.GetOffsets github.com/apache/arrow/go/v17/arrow.GetType github.com/apache/arrow/go/v17/arrow.GetValues
		hash/maphash.Comparable hash/maphash.WriteComparable math/rand/v2.N reflect.TypeAssert reflect.TypeFor runtime.AddCleanup
		sync.OnceValue sync.OnceValues sync/atomic.Pointer unique.Handle unique.Make weak.Make weak.Pointer
	`), names)
}

func isGeneric(obj types.Object) bool {
	switch t := obj.Type().(type) {
	case *types.Signature:
		return t.TypeParams().Len() > 0
	case *types.Named:
		return t.TypeParams().Len() > 0
	case *types.Alias:
		return t.TypeParams().Len() > 0
	}
	return false
}
