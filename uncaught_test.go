package main

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUncaughtPanicsReadAsInGo runs each program of testdata/uncaught compiled and by joey run: what they print, their exit status and what is
// on standard error above the traces are the same.
func TestUncaughtPanicsReadAsInGo(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("testdata/uncaught/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, sources)
	for _, source := range sources {
		t.Run(filepath.Base(source), func(t *testing.T) {
			t.Parallel()
			compiled := filepath.Join(t.TempDir(), "uncaught")
			out, err := exec.CommandContext(t.Context(), "go", "build", "-o", compiled, source).CombinedOutput()
			require.NoError(t, err, "%s", out)
			names, err := exec.CommandContext(t.Context(), compiled).Output()
			require.NoError(t, err)
			for name := range strings.Lines(string(names)) {
				name = strings.TrimSpace(name)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					want, got := ended(t, compiled, name), ended(t, "joey", "run", source, name)
					switch name {
					case "json", "wait goroutine": // that compiled code recovered a panic and raised it again nobody can tell
						want.message = strings.TrimSuffix(want.message, " [recovered, repanicked]")
					}
					assert.Equal(t, want, got)
				})
			}
		})
	}
}

type ending struct {
	status          int
	stdout, message string
}

func ended(t *testing.T, name string, args ...string) ending {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // one that waits for ever differs, too
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok {
		require.NoError(t, err)
	} else {
		return ending{failed.ExitCode(), stdout.String(), message(stderr.String())}
	}
	return ending{0, stdout.String(), message(stderr.String())}
}

// value is a panic's value without a text of its own: behind its type Go shows its address, and Joey what it is.
var value = regexp.MustCompile(`(?m)^(\s*panic: \(.*?\)) (?:0x[0-9a-f]+|[&{\[m].*?)((?: \[recovered.*)?)$`)

// message is what stands above the traces: Go's begin with a signal or a goroutine, Joey's are indented, or say what sleepers wait for.
func message(stderr string) string {
	var b strings.Builder
	for line := range strings.Lines(stderr) {
		if strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "[signal ") || strings.HasPrefix(line, "  ") ||
			strings.HasPrefix(line, "waiting: ") {
			break
		}
		b.WriteString(line)
	}
	return value.ReplaceAllString(strings.TrimSpace(b.String()), "$1$2")
}
