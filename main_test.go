package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
)

// The test binary is the command: scripts call it as joey, and it starts itself as a worker.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"joey": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("JOEY_HOME", e.WorkDir+"/home")
			e.Setenv("GOTRACEBACK", "") // testscript sets it; users do not
			for _, name := range []string{"JOEY_PYTHON", "ONNXRUNTIME_SHARED_LIBRARY_PATH"} {
				e.Setenv(name, os.Getenv(name))
			}
			repository, err := os.Getwd()
			e.Setenv("REPOSITORY", repository)
			return err
		},
		Condition: func(name string) (bool, error) {
			variable, _ := strings.CutPrefix(name, "env:")
			return os.Getenv(variable) != "", nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

// status runs a command that has to end with the given exit status: status 7 joey run x.go.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARG…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	failed, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		ts.Fatalf("%q has not failed: %v", args[1:], err)
	}
	if got := strconv.Itoa(failed.ExitCode()); got != args[0] {
		ts.Fatalf("exit status %s, not %s", got, args[0])
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	t.Parallel()
	for _, cmd := range commands() {
		for _, args := range [][]string{append(strings.Fields(cmd.name), "--help"), append([]string{"help"}, strings.Fields(cmd.name)...)} {
			var stdout, stderr strings.Builder
			assert.Zero(t, run(t.Context(), args, strings.NewReader(""), &stdout, &stderr), args)
			assert.Contains(t, stdout.String(), "usage: joey "+cmd.name)
			assert.Contains(t, stdout.String(), cmd.about)
			assert.Contains(t, stdout.String(), "Example:\n\n  joey "+cmd.name)
			assert.Empty(t, stderr.String())
		}
	}
}

func TestWrongUseExitsWith2AndShowsTheUsage(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"nonsense":                    `there is no command "nonsense"`,
		"help nonsense":               `there is no command "nonsense"`,
		"notebook":                    `there is no command "notebook"`,
		"run":                         "an argument is missing",
		"run --fast x.go":             "not defined: -fast",
		"notebook run":                "an argument is missing",
		"notebook run a.ipynb -o":     "flag needs an argument: -o",
		"notebook run a.ipynb b":      "an argument too many: b",
		"kernel":                      "an argument is missing",
		"kernel a b":                  "an argument too many: b",
		"install --user --sys-prefix": "exclude each other",
		"install --prefix=":           "--prefix wants a directory",
		"install here":                "an argument too many: here",
		"doctor --heal":               "not defined: -heal",
		"version 2":                   "an argument too many: 2",
		"worker 2":                    "an argument too many: 2",
	} {
		var stdout, stderr strings.Builder
		assert.Equal(t, statusUsage, run(t.Context(), strings.Fields(line), strings.NewReader(""), &stdout, &stderr), line)
		assert.Contains(t, stderr.String(), want, line)
		assert.Regexp(t, "usage: joey|Commands:", stderr.String(), line)
		assert.Empty(t, stdout.String(), line)
	}
}
