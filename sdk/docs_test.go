package wallaroo_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exported are the names of the package's functions and methods, and those of its types and constants too.
func exported(t *testing.T) (calls, names map[string]bool) {
	t.Helper()
	calls, names = map[string]bool{}, map[string]bool{}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				calls[d.Name.Name], names[d.Name.Name] = true, true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return calls, names
}

// TestThePageForPythonUsersIsTrue wants each call that docs/from-python.md names to be there, each that it misses to be missing,
// and none of those that tutorials need to be left out.
func TestThePageForPythonUsersIsTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/from-python.md")
	require.NoError(t, err)
	there, missing, found := strings.Cut(string(text), "## Not there")
	require.True(t, found)
	calls, names := exported(t)
	code, name := regexp.MustCompile("`[^`]*`"), regexp.MustCompile(`(^|[^"\w])([A-Z]\w*[a-z]\w*)`)
	named := map[string]bool{}
	for _, line := range strings.Split(there, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.HasPrefix(cells[1], "---") {
			continue
		}
		for _, cell := range cells[2:] {
			for _, c := range code.FindAllString(cell, -1) {
				for _, n := range name.FindAllStringSubmatch(c, -1) {
					named[n[2]] = true
				}
			}
		}
	}
	require.Greater(t, len(named), 60, "the page was read")
	delete(named, "Time") // also of package time
	for n := range named {
		assert.True(t, names[n], "docs/from-python.md names %s, which the package does not have", n)
	}
	for _, line := range strings.Split(missing, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			for _, n := range name.FindAllStringSubmatch(cells[2], -1) {
				assert.False(t, names[n[2]], "%s is there: docs/from-python.md has it under \"Not there\"", n[2])
			}
		}
	}
	for n := range calls {
		for _, verb := range []string{"List", "Get", "Create", "Search", "Add", "Remove", "Replace", "Infer", "Export", "Upload", "Build"} {
			if strings.HasPrefix(n, verb) && ast.IsExported(n) {
				assert.True(t, named[n], "docs/from-python.md does not say which call of Python's %s is", n)
			}
		}
	}
}
