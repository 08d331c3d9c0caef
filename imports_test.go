package main_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/joey-go/joey"

// mayImport says for each package which of our packages it may import. A trailing /... allows the folders below it too.
// A package that is missing here fails the test: a new one states its place first.
var mayImport = map[string][]string{
	".":                         {"kernel", "kernel/batch", "kernel/supervise", "kernel/worker", "install", "engine", "engine/onnx"},
	"kernel":                    {"kernel/message", "kernel/wire", "kernel/session", "kernel/history", "kernel/supervise", "kernel/pipe", "kernel/footprint"},
	"kernel/footprint":          {},
	"kernel/message":            {},
	"kernel/pipe":               {},
	"kernel/wire":               {"kernel/message"},
	"kernel/session":            {"kernel/message", "kernel/pipe"},
	"kernel/history":            {"kernel/session"},
	"kernel/session/echo":       {"kernel/pipe"},
	"kernel/supervise":          {"kernel/pipe"},
	"kernel/batch":              {"kernel/pipe"},
	"kernel/worker":             {"kernel/pipe", "kernel/footprint", "cell", "cell/complete", "cell/display", "cell/notebook", "cell/program", "cell/source", "sdk"},
	"cell":                      {"cell/..."},
	"cell/source":               {},
	"cell/locals":               {"cell/source"},
	"cell/split":                {"cell/source"},
	"cell/exports":              {},
	"cell/exports/pack":         {},
	"cell/chunk":                {},
	"cell/random":               {},
	"cell/exports/overlay/iter": {},
	"cell/exports/overlay/maps": {},
	"cell/check":                {"cell/locals", "cell/source", "cell/split", "cell/exports"},
	"cell/complete":             {"cell/source", "cell/split", "cell/check", "cell/exports"},
	"cell/lower":                {"cell/locals", "cell/source", "cell/check"},
	"cell/rt":                   {"cell/locals", "cell/source", "cell/rt/context", "cell/rt/reflect", "cell/rt/template"},
	"cell/rt/template":          {"cell/rt/reflect"},
	"cell/rt/template/gen":      {},
	"cell/rt/context":           {},
	"cell/rt/reflect":           {},
	"cell/interp":               {"cell/source", "cell/lower", "cell/rt"},
	"cell/interp/facts":         {"cell/locals", "cell/rt"},
	"cell/interp/closure":       {"cell/source", "cell/lower", "cell/rt", "cell/interp", "cell/interp/facts"},
	"cell/interp/yaegi":         {"cell/source", "cell/lower", "cell/rt", "cell/interp", "cell/interp/facts"},
	"cell/program":              {"cell/source", "cell/split", "cell/check", "cell/exports"},
	"cell/symbols":              {"sdk", "cell/notebook", "cell/display"},
	"cell/notebook":             {"cell/display", "cell/vega"},
	"cell/vega":                 {},
	"cell/symbols/gen":          {},
	"cell/display":              {},
	"sdk":                       {"sdk/render", "engine/..."},
	"sdk/render":                {},
	"engine":                    {"engine/..."},
	"engine/tensor":             {},
	"engine/table":              {"engine/tensor"},
	"engine/onnx":               {"engine/tensor"},
	"engine/registry":           {},
	"engine/drift":              {},
	"engine/logs":               {"engine/tensor"},
	"engine/pipeline":           {"engine/tensor", "engine/onnx", "engine/logs"},
	"install":                   {"engine/onnx"},
	"docs/examples/shadow":      {"sdk"},
}

// onlyImporter names for some libraries the only folders that may know them.
var onlyImporter = map[string][]string{
	"github.com/traefik/yaegi/":          {"cell/interp/yaegi"},
	"github.com/yalue/onnxruntime_go":    {"engine/onnx"},
	"github.com/go-zeromq/zmq4":          {"kernel/wire"},
	"github.com/mattn/go-sqlite3":        {"engine/registry", "kernel/history"},
	"github.com/expr-lang/expr":          {"engine/pipeline"},
	"github.com/apache/arrow/go/v17/":    {"engine/logs", "engine/table", "sdk", "cell/symbols"},
	"github.com/parquet-go/parquet-go":   {"engine/logs", "engine/table"},
	"golang.org/x/image/":                {"cell/vega"},
	"google.golang.org/protobuf/":        {"engine/onnx"},
	"golang.org/x/tools/go/ssa":          {"cell/lower", "cell/interp/facts", "cell/interp/closure", "cell/interp/yaegi"},
	"plugin":                             {}, // exports.Plugin says what it costs
	"golang.org/x/tools/go/gcexportdata": {"cell/exports", "cell/exports/pack", "cell/symbols/gen"},
}

// TestImports holds every file's imports against the two tables: dependencies point one way.
func TestImports(t *testing.T) {
	files := 0
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files++
			checkFile(t, path)
		}
		return nil
	}))
	assert.Greater(t, files, 30, "the walk has found the sources")
}

func checkFile(t *testing.T, path string) {
	src, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
	require.NoError(t, err)
	pkg := filepath.ToSlash(filepath.Dir(path))
	allowed, known := mayImport[pkg]
	if !assert.True(t, known, "%s: package %s has no line in mayImport", path, pkg) {
		return
	}
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		if ours, ok := strings.CutPrefix(name, module+"/"); ok {
			assert.True(t, matches(allowed, ours), "%s: %s may not import %s", path, pkg, ours)
			continue
		}
		for lib, owners := range onlyImporter {
			if name == lib || strings.HasPrefix(name, lib) {
				assert.True(t, matches(owners, pkg), "%s: only %v may import %s", path, owners, name)
			}
		}
	}
}

func matches(patterns []string, pkg string) bool {
	for _, p := range patterns {
		if base, deep := strings.CutSuffix(p, "/..."); p == pkg || deep && (pkg == base || strings.HasPrefix(pkg, base+"/")) {
			return true
		}
	}
	return false
}
