// Package conformance runs the programs that Go's own repository keeps to test its compiler ($GOROOT/test) with
// joey run, and holds what they do against a committed table. It has tests only and imports nothing of ours: it sees
// Joey from outside, as a binary.
package conformance

import (
	"flag"
	"fmt"
	"go/build"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the table of the engine; the reasons of programs that still differ are kept")

const (
	programsFile = "testdata/programs.txt"
	tableFile    = "testdata/table.tsv"
	// closureFile has the programs that become something else with the engine closure than what tableFile says, which is with yaegi; the reason is
	// why they do.
	closureFile = "testdata/closure.tsv"
	// long is said of a program that passed and took longer than timeLimit.
	long = "computes for long"
	// stride picks the sample: prime, so that it meets every folder of the sorted list.
	stride = 17
)

// TestPrograms runs the whole list: minutes, so only make conformance asks for it.
func TestPrograms(t *testing.T) {
	if os.Getenv("JOEY_CONFORMANCE") == "" {
		t.Skip("the whole list takes ten minutes, and an hour more for what computes for long: run make conformance")
	}
	r := newRunner(t)
	known := knownTable(t)
	seen := runAll(t, r, r.suited(t, programs(t)), func(name string) time.Duration {
		if known[name].Kind == differs { // it may wait for what does not come, as a finalizer
			return timeLimit
		}
		return patience
	})
	if *update {
		known = known.merge(seen)
		keep(t, known)
	}
	report(t, known.objections(seen))
	t.Log(summary(known.merge(seen)))
}

// TestSample runs every 17th program of the list, but for those that take longer than timeLimit and those whose difference is an open
// defect: make conformance fails on these until they are mended.
func TestSample(t *testing.T) {
	r := newRunner(t)
	known := knownTable(t)
	var sample []string
	for i, name := range r.suited(t, programs(t)) {
		if o := known[name]; i%stride == 0 && o.Kind != slow && o.Reason != long && !o.open() {
			sample = append(sample, name)
		}
	}
	report(t, known.objections(runAll(t, r, sample, func(string) time.Duration { return timeLimit })))
}

func report(t *testing.T, objections []string) {
	for _, o := range objections {
		t.Error(o)
	}
}

func TestTableIsOfTheList(t *testing.T) {
	t.Parallel()
	known, err := readTable(tableFile)
	require.NoError(t, err)
	list := programs(t)
	assert.True(t, slices.IsSorted(list))
	for name := range known {
		assert.Contains(t, list, name)
	}
}

// TestDifferencesOfEnginesHaveReasons holds the programs of closureFile to the list.
func TestDifferencesOfEnginesHaveReasons(t *testing.T) {
	t.Parallel()
	own, err := readTable(closureFile)
	require.NoError(t, err)
	list := programs(t)
	for name, o := range own {
		assert.Contains(t, list, name)
		assert.NotEmpty(t, o.Reason, name)
	}
}

func closureRuns() bool { return os.Getenv("JOEY_ENGINE") == "closure" }

// knownTable is what is known of the programs with the engine that runs.
func knownTable(t *testing.T) table {
	known, err := readTable(tableFile)
	require.NoError(t, err)
	if closureRuns() {
		own, err := readTable(closureFile)
		require.NoError(t, err)
		maps.Copy(known, own)
	}
	return known
}

// keep writes what is known to the table of the engine that runs.
func keep(t *testing.T, known table) {
	if !closureRuns() {
		require.NoError(t, known.write(tableFile))
		return
	}
	base, err := readTable(tableFile)
	require.NoError(t, err)
	before, err := readTable(closureFile)
	require.NoError(t, err)
	require.NoError(t, known.beyond(base, before).write(closureFile))
}

func programs(t *testing.T) []string {
	b, err := os.ReadFile(programsFile)
	require.NoError(t, err)
	return strings.Fields(string(b))
}

func newRunner(t *testing.T) runner {
	joey := os.Getenv("JOEY_BIN")
	if joey == "" {
		joey = filepath.Join(t.TempDir(), "joey")
		out, err := exec.Command("go", "build", "-o", joey, "github.com/joey-go/joey").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	joey, err := filepath.Abs(joey)
	require.NoError(t, err)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	dir := filepath.Join(strings.TrimSpace(string(root)), "test")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("this Go came without its tests: %v", err)
	}
	return runner{joey: joey, dir: dir, importcfg: importcfg(t)}
}

// importcfg is the file that Go's driver gives its programs, for those that run the compiler: where the standard
// library's export data are.
func importcfg(t *testing.T) string {
	cmd := exec.Command("go", "list", "-export", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "std")
	b, err := cmd.Output()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "importcfg")
	require.NoError(t, os.WriteFile(path, b, 0o644))
	return path
}

// suited leaves out the programs that are for other systems, as Go's driver does.
func (r runner) suited(t *testing.T, names []string) (list []string) {
	for _, name := range names {
		ok, err := build.Default.MatchFile(filepath.Split(filepath.Join(r.dir, filepath.FromSlash(name))))
		require.NoError(t, err)
		if ok {
			list = append(list, name)
		}
	}
	return list
}

// runAll runs the programs over the cores. One that was slow in company is tried once more alone, for as long as limit says.
func runAll(t *testing.T, r runner, names []string, limit func(name string) time.Duration) table {
	seen := table{}
	var mu sync.Mutex
	t.Run("run", func(t *testing.T) {
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				o := r.run(t.Context(), name, timeLimit)
				mu.Lock()
				defer mu.Unlock()
				seen[name] = o
			})
		}
	})
	for name, o := range seen {
		if o.Kind == slow {
			limit := limit(name)
			if o = r.run(t.Context(), name, limit); o.Kind == pass && limit > timeLimit {
				o.Reason = long
			}
			t.Logf("%s, alone: %s %s", name, o.Kind, o.Reason)
			seen[name] = o
		}
	}
	return seen
}

// summary counts the outcomes, and the reasons of those that differ.
func summary(seen table) string {
	kinds, reasons := map[kind]int{}, map[string]int{}
	for _, o := range seen {
		kinds[o.Kind]++
		if o.Kind == differs {
			reasons[o.Reason]++
		}
	}
	total := max(len(seen), 1)
	s := fmt.Sprintf("%d programs: pass %d (%.1f %%), refused %d, slow %d, differs %d", len(seen),
		kinds[pass], 100*float64(kinds[pass])/float64(total), kinds[refused], kinds[slow], kinds[differs])
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		s += fmt.Sprintf("; %s: %d", reason, reasons[reason])
	}
	return s
}
