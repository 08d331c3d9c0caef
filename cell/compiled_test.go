package cell_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/chunk"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// What the comments in files of cells expect is what compiled Go does: each file is also one Go program, without the cells that say why
// they are none.
func TestChunksExpectWhatCompiledGoDoes(t *testing.T) {
	t.Parallel()
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err, "the go command that runs the tests is what they compare with")
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		switch filepath.Base(file) {
		case "programs.txt": // its test compares all it prints
			continue
		case "redefine.txt", "later.txt": // Go declares a name once, and no method after the fact
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cells, err := chunk.Read(file)
			require.NoError(t, err)
			cells = slices.DeleteFunc(cells, func(c chunk.Cell) bool { return c.Notebook != "" || len(c.Wants) > 0 })
			require.NotEmpty(t, cells)
			program := compiledSession(t, cells)
			main := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(main, program, 0o600))
			out := goRun(t.Context(), t, goCommand, main)
			parts := strings.Split(out, cellMark)
			require.Len(t, parts, len(cells)+1, "%s\n%s", out, program)
			for i, c := range cells {
				expectCompiled(t, c, parts[i+1])
			}
		})
	}
}

func goRun(ctx context.Context, t *testing.T, goCommand, main string) string {
	t.Helper()
	cmd := exec.CommandContext(ctx, goCommand, "run", main)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "a cell that is no Go says so: // notebook \"the reason\"\n%s", &stderr)
	return string(out)
}

func expectCompiled(t *testing.T, c chunk.Cell, part string) {
	t.Helper()
	out, stop, stopped := strings.Cut(part, stopMark)
	out, result, hasResult := strings.Cut(out, resultMark)
	assert.Equal(t, c.Out, out, "%s: output", c.Name)
	if c.HasResult && assert.True(t, hasResult, c.Name) {
		assert.Equal(t, c.Result, result, "%s: result", c.Name)
	}
	if assert.Equal(t, c.Stop != nil, stopped, "%s: %s", c.Name, stop) && stopped {
		assert.Regexp(t, c.Stop.Match, stop, c.Name)
	}
}

// What the program prints before each cell, its result, and the panic that ended it.
const (
	cellMark   = "\x01cell\n"
	resultMark = "\x01result\n"
	stopMark   = "\x01stop\n"
)

// compiler writes cells as one program: what needs none of the session's variables is declared by the package, the rest in blocks, each
// within that of the cell before, so that later cells see it and may declare it anew.
type compiler struct {
	set     *source.Set
	imports map[string]string // paths by name
	top     bytes.Buffer
	body    bytes.Buffer
	global  map[string]bool
	local   map[string]bool
}

func compiledSession(t *testing.T, cells []chunk.Cell) []byte {
	t.Helper()
	c := &compiler{set: source.NewSet(), imports: map[string]string{}, global: map[string]bool{}, local: map[string]bool{}}
	used := map[string]bool{}
	for _, cell := range cells {
		parsed, err := split.Parse(c.set, source.NewText(cell.Name, cell.Source))
		require.NoError(t, err)
		for _, n := range []ast.Node{parsed.File, parsed.Body} {
			ast.Inspect(n, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if id, ok := s.X.(*ast.Ident); ok {
						used[id.Name] = true
					}
				}
				return true
			})
		}
		fmt.Fprintf(&c.body, "{\nfmt.Print(%q)\n", cellMark)
		c.cell(t, cell, parsed)
	}
	var b bytes.Buffer
	b.WriteString("package main\n")
	c.imports["fmt"], c.imports["runtime"] = `"fmt"`, `"runtime"`
	used["fmt"], used["runtime"] = true, true
	for name, path := range maps.All(c.imports) {
		if used[name] {
			fmt.Fprintf(&b, "import %s\n", path)
		}
	}
	fmt.Fprintf(&b, preamble, resultMark, stopMark)
	b.Write(c.top.Bytes())
	b.WriteString("func main() {\n")
	b.Write(c.body.Bytes())
	b.WriteString(strings.Repeat("}\n", len(cells)) + "}\n")
	return b.Bytes()
}

const preamble = `
func show__(values ...any) {
	if n := len(values); n > 1 && values[n-1] == nil {
		values = values[:n-1] // the error that the cell takes
	}
	fmt.Print(%q)
	for i, v := range values {
		if i > 0 {
			fmt.Print(", ")
		}
		switch v := v.(type) {
		case nil:
			fmt.Print("nil")
		case error, fmt.Stringer:
			fmt.Print(v)
		default:
			fmt.Printf("%%#v", v)
		}
	}
}

func stopped__() {
	switch r := recover().(type) {
	case nil:
	case runtime.Error:
		fmt.Print(%[2]q, r)
	default:
		fmt.Print(%[2]q, "panic: ", r)
	}
}
`

func (c *compiler) cell(t *testing.T, cell chunk.Cell, parsed *split.Cell) {
	t.Helper()
	var later []*ast.FuncDecl
	calls := ""
	for _, d := range parsed.File.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if name == "main" || name == "init" {
				calls += "\t" + name + "__()\n"
				d.Name.Name += "__"
				c.function(t, d)
				continue
			}
			if d.Recv == nil && d.Type.TypeParams == nil && (c.global[name] || c.mentionsLocal(d)) {
				later = append(later, d)
				c.local[name] = true
				continue
			}
			c.global[name] = c.global[name] || d.Recv == nil
			c.top.WriteString(c.text(t, d) + "\n")
		case *ast.GenDecl:
			c.declare(t, d)
		}
	}
	for _, d := range later {
		fmt.Fprintf(&c.body, "\tvar %s %s\n", d.Name.Name, c.text(t, d.Type))
	}
	for _, d := range later {
		c.function(t, d)
	}
	c.statements(t, cell, parsed.Body.List)
	c.body.WriteString(calls)
}

// function writes a function as a variable, of a name that may have been declared.
func (c *compiler) function(t *testing.T, d *ast.FuncDecl) {
	t.Helper()
	assign := "="
	if strings.HasSuffix(d.Name.Name, "__") {
		assign = ":="
	}
	fmt.Fprintf(&c.body, "\t%s %s %s\n\t_ = %[1]s\n", d.Name.Name, assign, c.text(t, &ast.FuncLit{Type: d.Type, Body: d.Body}))
	c.local[d.Name.Name] = true
}

func (c *compiler) declare(t *testing.T, d *ast.GenDecl) {
	t.Helper()
	if d.Tok == token.IMPORT {
		for _, s := range d.Specs {
			s := s.(*ast.ImportSpec)
			path := strings.Trim(s.Path.Value, `"`)
			c.imports[path[strings.LastIndexByte(path, '/')+1:]] = s.Path.Value
		}
		return
	}
	to := &c.top
	for _, s := range d.Specs {
		for _, n := range declared(s) {
			if c.global[n] || c.mentionsLocal(s) {
				to = &c.body
			}
		}
	}
	for _, s := range d.Specs {
		for _, n := range declared(s) {
			if to == &c.top {
				c.global[n] = true
			} else {
				c.local[n] = true
			}
		}
	}
	to.WriteString(c.text(t, d) + "\n")
}

func declared(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// mentionsLocal looks at names alone, which is enough for tests.
func (c *compiler) mentionsLocal(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && c.local[id.Name] {
			found = true
		}
		return !found
	})
	return found
}

func (c *compiler) statements(t *testing.T, cell chunk.Cell, list []ast.Stmt) {
	t.Helper()
	wrapped := cell.Stop != nil || slices.ContainsFunc(list, endsCell)
	if wrapped {
		c.body.WriteString("func() {\ndefer stopped__()\n")
	}
	for i, s := range list {
		if d, ok := s.(*ast.DeclStmt); ok {
			if g := d.Decl.(*ast.GenDecl); g.Tok == token.VAR && !wrapped {
				c.declare(t, g)
				continue
			}
		}
		e, expression := s.(*ast.ExprStmt)
		call := false
		if expression {
			_, call = e.X.(*ast.CallExpr)
		}
		switch {
		case expression && i == len(list)-1 && cell.HasResult:
			fmt.Fprintf(&c.body, "show__(%s)\n", c.text(t, e.X))
		case expression && !call:
			if u, receive := e.X.(*ast.UnaryExpr); !receive || u.Op != token.ARROW {
				c.body.WriteString("_ = ")
			}
			c.body.WriteString(c.text(t, e.X) + "\n")
		default:
			c.body.WriteString(c.text(t, s) + "\n")
		}
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				n := l.(*ast.Ident).Name
				c.local[n] = true
				fmt.Fprintf(&c.body, "_ = %s\n", n)
			}
		}
	}
	if wrapped {
		c.body.WriteString("}()\n")
	}
}

// endsCell reports what runs, or returns, at the end of a cell.
func endsCell(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ReturnStmt, *ast.DeferStmt, *ast.LabeledStmt:
		return true
	}
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		_, ok := n.(*ast.DeferStmt)
		found = found || ok
		return !found
	})
	return found
}

func (c *compiler) text(t *testing.T, n ast.Node) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, format.Node(&b, c.set.Fset, n))
	return b.String()
}
