package exports_test

import (
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/exports"
)

func TestDocsOfEveryImportablePackage(t *testing.T) {
	t.Parallel()
	m, err := exports.New(token.NewFileSet())
	require.NoError(t, err)
	for _, path := range m.Paths() {
		p, err := m.Import(path)
		require.NoError(t, err)
		d, err := exports.ReadDocs(p.Path())
		require.NoError(t, err, path)
		if !strings.HasPrefix(path, "github.com/apache/arrow/") { // not all of Arrow's have a comment
			assert.NotEmpty(t, d.Package(), path)
		}
	}
}

func TestDocsAreByName(t *testing.T) {
	t.Parallel()
	d, err := exports.ReadDocs("net/http")
	require.NoError(t, err)
	assert.Contains(t, d.Name("Get"), "Get issues a GET to the specified URL.")
	assert.Contains(t, d.Name("StatusTeapot"), "15.5.19")
	assert.Contains(t, d.Member("Client", "Do"), "Do sends an HTTP request")
	assert.Contains(t, d.Member("Client", "Timeout"), "Timeout specifies a time limit")
	assert.Contains(t, d.Member("ResponseWriter", "WriteHeader"), "WriteHeader sends an HTTP response header")
	assert.Empty(t, d.Name("noSuchName"))

	d, err = exports.ReadDocs(exports.Builtin)
	require.NoError(t, err)
	assert.Equal(t, "func append(slice []Type, elems ...Type) []Type", d.Signature("append"))
	assert.Contains(t, d.Name("error"), "The error built-in interface type")

	d, err = exports.ReadDocs(exports.SDK)
	require.NoError(t, err)
	assert.NotEmpty(t, d.Name("NewClient"))
	assert.NotEmpty(t, d.Member("Pipeline", "Deploy"))

	d, err = exports.ReadDocs("github.com/apache/arrow/go/v17/arrow/array")
	require.NoError(t, err)
	assert.NotEmpty(t, d.Name("NewRecordBuilder"))

	d, err = exports.ReadDocs("no/such/package")
	require.NoError(t, err)
	assert.Empty(t, d.Package())
}

func BenchmarkReadDocs(b *testing.B) {
	for b.Loop() {
		if _, err := exports.ReadDocs("net/http"); err != nil {
			b.Fatal(err)
		}
	}
}
