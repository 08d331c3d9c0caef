package exports_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/exports"
)

func check(t *testing.T, src string) (*types.Package, *exports.Importer, error) {
	t.Helper()
	fset := token.NewFileSet()
	m, err := exports.New(fset)
	require.NoError(t, err)
	f, err := parser.ParseFile(fset, "t.go", src, 0)
	require.NoError(t, err)
	p, err := (&types.Config{Importer: m}).Check("main", fset, []*ast.File{f}, nil)
	return p, m, err
}

func TestPackagesOfTheStandardLibraryAreThere(t *testing.T) {
	t.Parallel()
	m, err := exports.New(token.NewFileSet())
	require.NoError(t, err)
	paths := m.Paths()
	assert.Greater(t, len(paths), 150)
	assert.Contains(t, paths, "wallaroo")
	for _, path := range paths {
		p, err := m.Import(path)
		if assert.NoError(t, err, path) {
			assert.True(t, p.Complete(), path)
		}
	}
}

func TestTheEnvironmentIsNotNeeded(t *testing.T) {
	for _, name := range []string{"GOROOT", "GOPATH", "HOME", "PATH", "GOCACHE"} {
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name))
	}
	_, _, err := check(t, `package main; import ("slices"; "net/http"); var _ = slices.Max([]int{1}); var _ http.Handler`)
	require.NoError(t, err)
}

func TestTypesOfSourceAndExportDataAreTheSame(t *testing.T) {
	t.Parallel()
	_, m, err := check(t, `package main; import ("strings"; "slices"); var _ []string = slices.Collect(strings.SplitSeq("a b", " "))`)
	require.NoError(t, err)
	var order []string
	for _, s := range m.Sources() {
		order = append(order, s.Pkg.Path())
	}
	assert.Equal(t, []string{"cmp", "iter", "slices"}, order, "dependencies come first")
}

func TestWallarooIsTheSDK(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	m, err := exports.New(fset)
	require.NoError(t, err)
	p, err := m.Import("wallaroo")
	require.NoError(t, err)
	assert.Equal(t, exports.SDK, p.Path())
	q, err := m.Import(exports.SDK)
	require.NoError(t, err)
	assert.Same(t, p, q)
	assert.NotNil(t, p.Scope().Lookup("NewClient"))
}

// What a cell names is what the SDK takes, whichever is imported first.
func TestArrowsTypesAreTheSDKs(t *testing.T) {
	t.Parallel()
	for _, imports := range []string{`"wallaroo"; "github.com/apache/arrow/go/v17/arrow"`, `"github.com/apache/arrow/go/v17/arrow"; "wallaroo"`} {
		_, _, err := check(t, `package main; import (`+imports+`); var t wallaroo.Table; var r arrow.Record = t.Record(); var _ arrow.DataType = r.Column(0).DataType()`)
		assert.NoError(t, err)
	}
}

func TestUnknownPackage(t *testing.T) {
	t.Parallel()
	_, _, err := check(t, `package main; import _ "github.com/nobody/nothing"`)
	assert.ErrorContains(t, err, "package github.com/nobody/nothing is not in the standard library")
}

func TestNoPlugins(t *testing.T) {
	t.Parallel()
	_, m, err := check(t, `package main; import _ "plugin"`)
	assert.ErrorContains(t, err, "package plugin is not supported: a plugin fits only the program that it was built with")
	assert.NotContains(t, m.Paths(), "plugin")
}

func TestDeclaredPackage(t *testing.T) {
	t.Parallel()
	m, err := exports.New(token.NewFileSet())
	require.NoError(t, err)
	require.NoError(t, m.Declare("joey/builtin", "package builtin\nfunc Show(v ...any)\n"))
	p, err := m.Import("joey/builtin")
	require.NoError(t, err)
	assert.NotNil(t, p.Scope().Lookup("Show"))
}
