package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	timeLimit   = 20 * time.Second
	patience    = time.Hour // for a program that computes much, tried alone: compiled Go takes seconds for some, and an interpreter a hundred times that
	memoryLimit = 6 << 20   // KiB that can be written; of address space Go reserves far more than it uses
	refusal     = 70        // joey's exit status for a program that it refuses
	rejection   = 1         // and for one that does not compile
)

// runner runs programs below dir, which is $GOROOT/test.
type runner struct{ joey, dir, importcfg string }

// run runs a program as Go's own driver does ($GOROOT/src/cmd/internal/testdir): in $GOROOT/test, both output streams
// into one pipe, and the output must be that of the .out file beside the program, or nothing where there is none.
func (r runner) run(ctx context.Context, name string, limit time.Duration) outcome {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out bytes.Buffer
	err := r.command(ctx, name, &out).Run()
	switch {
	case ctx.Err() != nil:
		return outcome{Kind: slow}
	case exitStatus(err) == refusal:
		return outcome{Kind: refused, Reason: refusedWhat(out.String())}
	case exitStatus(err) == rejection && r.rejected(ctx, name):
		return outcome{Kind: pass, Reason: "go run rejects it, too"}
	case err != nil:
		return outcome{Kind: differs, detail: fmt.Sprintf("%v\n%s", err, head(out.String()))}
	}
	want, err := os.ReadFile(filepath.Join(r.dir, strings.TrimSuffix(name, ".go")+".out"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return outcome{Kind: differs, detail: err.Error()}
	}
	if got := strings.ReplaceAll(out.String(), "\r\n", "\n"); got != string(want) {
		return outcome{Kind: differs, detail: firstDifference(got, string(want))}
	}
	return outcome{Kind: pass}
}

// rejected says that the go command does not run the program either: some need what Go's own driver does before.
func (r runner) rejected(ctx context.Context, name string) bool {
	cmd := exec.CommandContext(ctx, "go", "run", filepath.FromSlash(name))
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GOENV=off", "GOFLAGS=")
	return exitStatus(cmd.Run()) == rejection
}

// command limits the memory through the shell, where the system can, and kills what the program started along with it.
func (r runner) command(ctx context.Context, name string, out *bytes.Buffer) *exec.Cmd {
	limit := fmt.Sprintf(`ulimit -d %d 2>/dev/null; exec "$@"`, memoryLimit)
	cmd := exec.CommandContext(ctx, "sh", "-c", limit, "sh", r.joey, "run", filepath.FromSlash(name))
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "PWD="+r.dir, "GOENV=off", "GOFLAGS=", "STDLIB_IMPORTCFG="+r.importcfg)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd
}

func exitStatus(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return 0
}

// refusedWhat is WHAT of "file:line:col: not supported: WHAT (way round)".
func refusedWhat(out string) string {
	for line := range strings.Lines(out) {
		if _, what, ok := strings.Cut(line, "not supported: "); ok {
			what, _, _ = strings.Cut(strings.TrimSpace(what), " (")
			return what
		}
	}
	return strings.TrimSpace(head(out))
}

// head is as much of an output as a person needs to see what is wrong.
func head(s string) string {
	const lines, bytes = 12, 1200
	all := strings.SplitAfter(s, "\n")
	s = strings.Join(all[:min(lines, len(all))], "")
	return s[:min(bytes, len(s))]
}

// firstDifference shows the first line that differs.
func firstDifference(got, want string) string {
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	n := 0
	for n < min(len(g), len(w))-1 && g[n] == w[n] {
		n++
	}
	return fmt.Sprintf("line %d: got %.200q, Go %.200q", n+1, g[n], w[n])
}
