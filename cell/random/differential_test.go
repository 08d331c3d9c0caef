package random

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

const (
	batch     = 24
	timeLimit = 90 * time.Second
	refusal   = 70 // joey's exit status for a program that it refuses: a gap, but nothing wrong
)

// outcome is what a program did, as far as two ways of running it must agree: of stderr only how a panic announces
// itself, since traces differ.
type outcome struct {
	Status         int
	Stdout, Stderr string
}

// command runs a program, killing it when it takes too long.
func command(ctx context.Context, name string, args ...string) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return outcome{}, fmt.Errorf("%s %s: %w after %s", name, strings.Join(args, " "), ctx.Err(), timeLimit)
	}
	o := outcome{Stdout: stdout.String(), Stderr: stderr.String()}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		o.Status = exit.ExitCode()
	} else if err != nil {
		return outcome{}, err
	}
	return o, nil
}

// compiled runs what build made, with a bound on its memory: a reduced program may have lost what ended its loops.
func compiled(ctx context.Context, exe string, args ...string) (outcome, error) {
	o, err := command(ctx, "sh", slices.Concat([]string{"-c", `ulimit -v 4000000 2>/dev/null; exec "$0" "$@"`, exe}, args)...)
	if err == nil && strings.Contains(o.Stderr, "out of memory") {
		return outcome{}, fmt.Errorf("%s %s: out of memory", exe, strings.Join(args, " "))
	}
	return o, err
}

// announcement is the text of the panic in the first line of stderr. What else is there, Joey says in its own way.
func announcement(stderr string) string {
	line, _, _ := strings.Cut(stderr, "\n")
	line = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(line, "panic"), ":"))
	return strings.TrimPrefix(line, "runtime error: ")
}

// difference tells how joey's outcome differs from Go's; "" if it does not.
func difference(joey, native outcome) string {
	switch {
	case joey.Stdout != native.Stdout:
		return "stdout: " + firstDifference(joey.Stdout, native.Stdout) + "\nstderr: " + head(joey.Stderr)
	case joey.Status != native.Status:
		return fmt.Sprintf("exit status: joey %d, Go %d\nstderr: %s", joey.Status, native.Status, head(joey.Stderr))
	case announcement(joey.Stderr) != announcement(native.Stderr):
		return fmt.Sprintf("stderr: joey %q, Go %q", announcement(joey.Stderr), announcement(native.Stderr))
	}
	return ""
}

func firstDifference(joey, native string) string {
	j, n := strings.SplitAfter(joey, "\n"), strings.SplitAfter(native, "\n")
	i := 0
	for i < min(len(j), len(n))-1 && j[i] == n[i] {
		i++
	}
	return fmt.Sprintf("line %d: joey %.300q, Go %.300q", i+1, j[i], n[i])
}

func head(s string) string { return s[:min(len(s), 600)] }

// joeyBinary is the joey that make has built, or one built now.
func joeyBinary(t *testing.T) string {
	path := os.Getenv("JOEY_BIN")
	if path == "" {
		path = filepath.Join(t.TempDir(), "joey")
		out, err := exec.Command("go", "build", "-o", path, "github.com/joey-go/joey").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	return path
}

// build compiles a file.
func build(ctx context.Context, dir string, src []byte) (string, error) {
	file, exe := filepath.Join(dir, "program.go"), filepath.Join(dir, "program")
	if err := os.WriteFile(file, src, 0o644); err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", exe, file).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, head(string(out)))
	}
	return exe, nil
}

func interpret(ctx context.Context, joey, dir string, src []byte) (outcome, error) {
	file := filepath.Join(dir, "joey.go")
	if err := os.WriteFile(file, src, 0o644); err != nil {
		return outcome{}, err
	}
	return command(ctx, joey, "run", file)
}

// tally counts what became of the programs.
type tally struct {
	mu       sync.Mutex
	programs int
	refused  map[string]int
	faults   []string
	odd      []Program
}

func (a *tally) refuse(stderr string) {
	_, what, _ := strings.Cut(stderr, "not supported: ")
	what, _, _ = strings.Cut(what, "\n")
	a.refused[what]++
}

// TestDifferential compares random programs under joey run with compiled Go. JOEY_FUZZ is a duration: it goes on that
// long, from a seed that the date chooses, and keeps what it finds; without it, the first seeds are tried.
func TestDifferential(t *testing.T) {
	joey := joeyBinary(t)
	total, seed, until := &tally{refused: map[string]int{}}, uint64(1), time.Now()
	if long := os.Getenv("JOEY_FUZZ"); long != "" {
		d, err := time.ParseDuration(long)
		require.NoError(t, err)
		seed, until = uint64(until.Unix()), until.Add(d)
	}
	for first := true; first || time.Now().Before(until); first = false {
		compareBatch(t, joey, seed, total)
		seed += batch
	}
	t.Logf("%d programs, %d refused: %v", total.programs, sum(total.refused), total.refused)
	for _, f := range total.faults {
		t.Error(f)
	}
	if os.Getenv("JOEY_FUZZ") != "" {
		total.keep(t, joey)
	}
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func sizeOf(seed uint64) int { return 1 + int(seed%6) }

// compareBatch compiles the programs of some seeds together and runs them both ways.
func compareBatch(t *testing.T, joey string, seed uint64, total *tally) {
	var programs []Program
	for i := range uint64(batch) {
		programs = append(programs, Generate(seed+i, sizeOf(seed+i)))
	}
	exe, err := build(t.Context(), t.TempDir(), Batch(programs))
	require.NoError(t, err, "seeds %d to %d", seed, seed+batch-1)
	t.Run(fmt.Sprint(seed), func(t *testing.T) {
		for i, p := range programs {
			t.Run(fmt.Sprint(p.Seed), func(t *testing.T) {
				t.Parallel()
				total.compare(t, joey, exe, i, p)
			})
		}
	})
}

func (a *tally) compare(t *testing.T, joey, exe string, index int, p Program) {
	native, err := compiled(t.Context(), exe, fmt.Sprint(index))
	require.NoError(t, err)
	got, err := interpret(t.Context(), joey, t.TempDir(), p.Source())
	a.mu.Lock()
	defer a.mu.Unlock()
	a.programs++
	if err == nil && got.Status == refusal {
		a.refuse(got.Stderr)
		return
	}
	what := ""
	if err != nil {
		what = err.Error()
	} else {
		what = difference(got, native)
	}
	if what != "" {
		a.faults = append(a.faults, fmt.Sprintf("seed %d: %s", p.Seed, what))
		a.odd = append(a.odd, p)
	}
}

// keep shrinks the first few programs that differ and keeps them for TestFound.
func (a *tally) keep(t *testing.T, joey string) {
	const few = 5
	for _, p := range a.odd[:min(few, len(a.odd))] {
		kind := strange(t, joey, p.Source())
		small := Shrink(p.Source(), func(src []byte) bool { return strange(t, joey, src) == kind })
		path := filepath.Join("testdata", "found", fmt.Sprintf("%d.go", p.Seed))
		small = append(fmt.Appendf(nil, "// Seed %d differed in its %s.\n\n", p.Seed, kind), small...)
		require.NoError(t, os.WriteFile(path, small, 0o644))
		t.Logf("%s:\n%s", path, small)
	}
}

// strange tells in which way a program differs, so that shrinking does not end at another defect; "" if it does not.
func strange(t *testing.T, joey string, src []byte) string {
	dir := t.TempDir()
	exe, err := build(t.Context(), dir, src)
	if err != nil {
		return ""
	}
	native, err := compiled(t.Context(), exe)
	if err != nil {
		return ""
	}
	got, err := interpret(t.Context(), joey, dir, src)
	switch {
	case err != nil:
		return "time"
	case got.Status == refusal:
		return ""
	case strings.Contains(got.Stderr, "internal error"):
		return "acceptance"
	}
	kind, _, _ := strings.Cut(difference(got, native), ":")
	return kind
}

// TestFound runs the programs in which a difference was found once.
func TestFound(t *testing.T) {
	joey := joeyBinary(t)
	files, err := filepath.Glob("testdata/found/*.go")
	require.NoError(t, err)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			exe, err := build(t.Context(), t.TempDir(), src)
			require.NoError(t, err)
			native, err := compiled(t.Context(), exe)
			require.NoError(t, err)
			got, err := interpret(t.Context(), joey, t.TempDir(), src)
			require.NoError(t, err)
			assert.Empty(t, difference(got, native))
		})
	}
}

// TestNativeRunsAreRepeatable holds the generator to its promise, with compiled Go alone.
func TestNativeRunsAreRepeatable(t *testing.T) {
	t.Parallel()
	var programs []Program
	for seed := range uint64(batch) {
		programs = append(programs, Generate(seed+1000, sizeOf(seed)))
	}
	exe, err := build(t.Context(), t.TempDir(), Batch(programs))
	require.NoError(t, err)
	var silent []uint64
	for i, p := range programs {
		first, err := command(t.Context(), exe, fmt.Sprint(i))
		require.NoError(t, err)
		again, err := command(t.Context(), exe, fmt.Sprint(i))
		require.NoError(t, err)
		assert.Empty(t, difference(first, again), "seed %d", p.Seed)
		if len(first.Stdout) < 100 {
			silent = append(silent, p.Seed)
		}
	}
	assert.Less(t, len(slices.Compact(silent)), batch/8, "programs that print next to nothing prove next to nothing")
}
