package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/kernel/batch"
	"github.com/joey-go/joey/kernel/pipe"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fake runs cells by their text.
type fake struct {
	ran []string
	out []pipe.Sink
}

func (f *fake) Run(_ context.Context, c pipe.Cell, out pipe.Sink) (pipe.Outcome, error) {
	f.ran = append(f.ran, c.Code)
	f.out = append(f.out, out)
	bundle := func(text string) pipe.Bundle {
		return pipe.Bundle{Data: map[string]any{"text/plain": text, "text/html": "<b>" + text + "</b>\n<i>&amp;</i>", "image/png": "aGk=\n"}}
	}
	switch c.Code {
	case "streams":
		out.Stream(pipe.Stdout, "a\n")
		out.Stream(pipe.Stdout, "b")
		out.Stream(pipe.Stderr, "warn\r\n")
		out.Stream(pipe.Stdout, "c\n\n")
		out.Note("noted")
	case "result":
		b := bundle("one\ntwo")
		return pipe.Outcome{Result: &b}, nil
	case "show":
		out.Display(pipe.Display{Bundle: bundle("first"), ID: "d"})
		out.Display(pipe.Display{Bundle: bundle("other")})
	case "update":
		out.Display(pipe.Display{Bundle: bundle("updated"), ID: "d", Update: true})
	case "clear":
		out.Stream(pipe.Stdout, "gone")
		out.Clear(false)
		out.Stream(pipe.Stdout, "replaced")
		out.Clear(true)
		out.Stream(pipe.Stdout, "left")
		out.Clear(true)
	case "late":
		f.out[0].Stream(pipe.Stderr, "late\n")
	case "fail", "fail too":
		return pipe.Outcome{Fault: &pipe.Fault{Name: "panic", Value: "boom", Traceback: []string{"\x1b[31mpanic\x1b[0m: boom"}}}, nil
	case "broken":
		return pipe.Outcome{}, errors.New("no worker")
	}
	return pipe.Outcome{}, nil
}

func run(t *testing.T, in string, o batch.Options) (string, *fake, error) {
	t.Helper()
	o.In, o.Out = in, filepath.Join(t.TempDir(), "out.ipynb")
	f := &fake{}
	err := batch.Run(t.Context(), f, o)
	b, readErr := os.ReadFile(o.Out)
	if readErr != nil {
		require.ErrorIs(t, readErr, os.ErrNotExist)
	}
	return string(b), f, err
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestOutputsAreWrittenAndTheRestIsKept(t *testing.T) {
	t.Parallel()
	got, f, err := run(t, "testdata/outputs.ipynb", batch.Options{Language: map[string]string{"name": "go"}})
	require.NoError(t, err)
	golden(t, "outputs.golden.ipynb", got)
	assert.Equal(t, []string{"streams", "result", "show", "update", "clear", "late", "fail"}, f.ran)
}

func TestTheFirstErrorEndsTheRun(t *testing.T) {
	t.Parallel()
	got, f, err := run(t, "testdata/fails.ipynb", batch.Options{})
	var failed *batch.CellError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "testdata/fails.ipynb: cell 3 failed: panic: boom", err.Error())
	assert.Equal(t, 3, failed.Cell)
	assert.Equal(t, []string{"result", "fail"}, f.ran)
	golden(t, "fails.golden.ipynb", got)
}

func TestErrorsMayBeAllowed(t *testing.T) {
	t.Parallel()
	got, f, err := run(t, "testdata/fails.ipynb", batch.Options{AllowErrors: true})
	require.NoError(t, err)
	assert.Equal(t, []string{"result", "fail", "fail too"}, f.ran)
	assert.Equal(t, 2, strings.Count(got, `"evalue": "boom"`))
}

func TestARunnerThatFailsStillLeavesANotebook(t *testing.T) {
	t.Parallel()
	got, _, err := run(t, write(t, notebook("result", "broken", "result")), batch.Options{})
	require.ErrorContains(t, err, "cell 2: no worker")
	assert.Equal(t, 1, strings.Count(got, "execute_result"))
}

func TestACancelledRunLeavesANotebook(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := filepath.Join(t.TempDir(), "out.ipynb")
	r := runner(func(c pipe.Cell) { cancel() })
	err := batch.Run(ctx, r, batch.Options{In: write(t, notebook("one", "two")), Out: out})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "stopped before cell 2")
	assert.FileExists(t, out)
}

type runner func(pipe.Cell)

func (r runner) Run(_ context.Context, c pipe.Cell, _ pipe.Sink) (pipe.Outcome, error) {
	r(c)
	return pipe.Outcome{}, nil
}

func notebook(sources ...string) string {
	var cells []any
	for _, s := range sources {
		cells = append(cells, map[string]any{"cell_type": "code", "metadata": struct{}{}, "outputs": []any{}, "source": s})
	}
	b, _ := json.Marshal(map[string]any{"cells": cells, "metadata": struct{}{}, "nbformat": 4, "nbformat_minor": 4})
	return string(b)
}

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "in.ipynb")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestWhatIsNoNotebookIsAnError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "not a notebook",
		"hello":                                 "not a notebook",
		"[]":                                    "not a notebook",
		"{}":                                    "it has no nbformat",
		`{"nbformat":3}`:                        "nbformat 3 is not supported, 4 is",
		`{"nbformat":"4"}`:                      "nbformat",
		`{"nbformat":4,"cells":7}`:              "cells",
		`{"nbformat":4,"cells":[7]}`:            "cells",
		`{"nbformat":4,"cells":[{"source":7}]}`: "cell 1: source",
		`{"nbformat":4,"metadata":{"kernelspec":{"name":"python3","language":"python"}}}`: "kernel python3, whose language is python",
	} {
		_, f, err := run(t, write(t, text), batch.Options{})
		require.ErrorContains(t, err, want, text)
		assert.Empty(t, f.ran)
	}
	_, _, err := run(t, "testdata/missing.ipynb", batch.Options{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAnOutputThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	in := write(t, notebook("result"))
	err := batch.Run(t.Context(), &fake{}, batch.Options{In: in, Out: filepath.Join(t.TempDir(), "no", "such", "out.ipynb")})
	require.ErrorContains(t, err, "write ")
}

func TestANotebookMayBeReplaced(t *testing.T) {
	t.Parallel()
	in := write(t, notebook("result"))
	require.NoError(t, batch.Run(t.Context(), &fake{}, batch.Options{In: in, Out: in}))
	info, err := os.Stat(in)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(in))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestOutputName(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "a/b.nbconvert.ipynb", batch.OutputName("a/b.ipynb"))
}

// nbformat itself finds the notebook valid, and writes the same outputs.
func TestNbformatAgrees(t *testing.T) {
	t.Parallel()
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	got, _, err := run(t, "testdata/outputs.ipynb", batch.Options{Language: map[string]string{"name": "go"}})
	require.NoError(t, err)
	const script = `
import sys, json, nbformat
text = sys.stdin.read()
nb = nbformat.reads(text, as_version=4)
nbformat.validate(nb)
def outputs(text):
    return [json.dumps(c["outputs"], indent=1) for c in json.loads(text)["cells"] if c.get("execution_count")]
ours, theirs = outputs(text), outputs(nbformat.writes(nb))
sys.exit(0 if ours == theirs and ours else "nbformat writes other outputs: " + "\n".join(theirs))
`
	cmd := exec.CommandContext(t.Context(), python, "-c", script)
	cmd.Stdin = strings.NewReader(got)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}
