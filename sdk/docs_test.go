package wallaroo_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
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

// goName is a name of Go's in a line of code.
var goName = regexp.MustCompile(`(^|[^"\w])([A-Z]\w*[a-z]\w*)`)

// pageForPythonUsers gives the Go names of docs/from-python.md, and what it has under "Not there".
func pageForPythonUsers(t *testing.T) (named map[string]bool, missing string) {
	t.Helper()
	text, err := os.ReadFile("../docs/from-python.md")
	require.NoError(t, err)
	there, missing, found := strings.Cut(string(text), "## Not there")
	require.True(t, found)
	code := regexp.MustCompile("`[^`]*`")
	named = map[string]bool{}
	for _, line := range strings.Split(there, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || strings.HasPrefix(cells[1], "---") {
			continue
		}
		for _, cell := range cells[2:] {
			for _, c := range code.FindAllString(cell, -1) {
				for _, n := range goName.FindAllStringSubmatch(c, -1) {
					named[n[2]] = true
				}
			}
		}
	}
	require.Greater(t, len(named), 60, "the page was read")
	return named, missing
}

// TestThePageForPythonUsersIsTrue wants each call that docs/from-python.md names to be there, each that it misses to be missing,
// and none of those that tutorials need to be left out.
func TestThePageForPythonUsersIsTrue(t *testing.T) {
	t.Parallel()
	named, missing := pageForPythonUsers(t)
	calls, names := exported(t)
	delete(named, "Time") // also of package time
	for n := range named {
		assert.True(t, names[n], "docs/from-python.md names %s, which the package does not have", n)
	}
	for _, line := range strings.Split(missing, "\n") {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			for _, n := range goName.FindAllStringSubmatch(cells[2], -1) {
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

// TestCallsHaveExamples wants each name of docs/from-python.md in an example, an example for each call that has something to do, and
// each of them to run.
func TestCallsHaveExamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var tests []*ast.File
	methods, used, run := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		if strings.HasSuffix(path, "_test.go") {
			tests = append(tests, f)
			continue
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv != nil {
				of, _, _ := strings.Cut(strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*"), "[")
				methods[of+"_"+d.Name.Name] = true
			}
		}
	}
	examples := map[string]*doc.Example{}
	for _, e := range doc.Examples(tests...) {
		examples[e.Name] = e
	}
	for _, f := range tests {
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if d.Name.Name == "TestExamples" {
				ast.Inspect(d, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						run[id.Name] = true
					}
					return true
				})
			}
			if strings.HasPrefix(d.Name.Name, "Example") {
				ast.Inspect(d, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok {
						used[s.Sel.Name] = true
					}
					return true
				})
			}
		}
	}
	require.Greater(t, len(examples), 40)
	named, _ := pageForPythonUsers(t)
	for n := range named {
		assert.True(t, used[n], "no example uses %s, which docs/from-python.md names", n)
	}
	call := regexp.MustCompile(`^(Client|Pipeline|Model|Tag)_(List|Get|Create|Search|Set|Add|Remove|Replace|Infer|Parallel|Export|Upload|Build|Deploy|Undeploy|Clear|Log|Status|Versions|Configure|Pixels)`)
	for m := range methods {
		if call.MatchString(m) && !strings.HasSuffix(m, "_Created") {
			assert.True(t, examples[m] != nil, "%s has no example", m)
		}
	}
	for n, e := range examples {
		if e.Output == "" {
			assert.True(t, run["Example"+n], "TestExamples does not run Example%s, and nothing else runs an example without an output", n)
		}
	}
}

// TestExportedNamesAreDocumented wants a comment for each function and type, and one for each constant and field or for its group.
func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	found := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*"))) {
					found++
					assert.NotEmpty(t, d.Doc.Text(), "%s: %s", e.Name(), d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						found++
						assert.True(t, !spec.Name.IsExported() || d.Doc.Text()+spec.Doc.Text() != "", "%s: %s", e.Name(), spec.Name)
					case *ast.ValueSpec:
						assert.True(t, !spec.Names[0].IsExported() || d.Doc.Text()+spec.Doc.Text()+spec.Comment.Text() != "", "%s: %s", e.Name(), spec.Names[0])
					}
				}
			}
		}
	}
	assert.Greater(t, found, 150)
}
