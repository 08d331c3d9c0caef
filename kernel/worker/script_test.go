package worker

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/source"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":        {"", nil},
		"one":          {"a\nb", []string{"a\nb"}},
		"program":      {"package main\nfunc main() {}\n", []string{"package main\nfunc main() {}\n"}},
		"two":          {"a\n// %%\nb\n", []string{"a\n", "\n// %%\nb\n"}},
		"no beginning": {"// %%\na\n// %%\nb\n", []string{"// %%\na\n", "\n\n// %%\nb\n"}},
		"title":        {"// %% Load it\na\n", []string{"// %% Load it\na\n"}},
		"close":        {"//%%\na\n//%% [markdown]\n// b\n", []string{"//%%\na\n"}},
		"text":         {"// %% [markdown]\n// # T\n// %%\na\n", []string{"\n\n// %%\na\n"}},
		"titled text":  {"// %% About [markdown]\n// # T\n// %%\na\n", []string{"\n\n// %%\na\n"}},
		"interpreter":  {"#!/usr/bin/env -S joey run\na\n", []string{"///usr/bin/env -S joey run\na\n"}},
		"no marker":    {"a % %%\n// %\n", []string{"a % %%\n// %\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, split(c.text))
		})
	}
}

// A line of a cell stands where it stands in the file, and no line is in two cells.
func FuzzSplit(f *testing.F) {
	f.Add("a\n// %%\nb\n// %% [markdown]\n// c\n\n// %% d")
	f.Add("#!joey\r\n//%%\x00\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		taken := map[int]bool{}
		for _, c := range split(text) {
			for i, line := range strings.Split(c, "\n") {
				if line == "" {
					continue
				}
				require.False(t, taken[i])
				taken[i] = true
				if i > 0 || !strings.HasPrefix(text, "#!") {
					require.Equal(t, lines[i], line)
				}
			}
		}
	})
}

func TestScript(t *testing.T) {
	t.Parallel()
	list := func(msg string) source.ErrorList {
		return source.ErrorList{{Pos: source.Pos{Cell: "f.go#2", Line: 2, Column: 1}, Msg: msg}}
	}
	for name, c := range map[string]struct {
		err    error
		stderr string
		status int
	}{
		"fine":          {nil, "", 0},
		"rejected":      {list("undefined: x"), "f.go:2:1: undefined: x\n", 1},
		"refused":       {source.ErrorList{{Pos: source.Pos{Cell: "f.go#2", Line: 2, Column: 1}, Refused: true, Msg: "x"}}, "f.go:2:1: not supported: x\n", 70},
		"failed":        {&cell.Failure{Name: "panic", Message: "m"}, "panic: m\n", 2},
		"many lines":    {&cell.Failure{Name: "panic", Message: "m\nn"}, "panic: m\n\tn\n", 2},
		"runtime error": {&cell.Failure{Name: "runtime error", Message: "x", Err: errors.New("runtime error: x")}, "panic: runtime error: x\n", 2},
		"plain error":   {&cell.Failure{Name: "runtime error", Message: "close of closed channel", Err: errors.New("close of closed channel")}, "panic: close of closed channel\n", 2},
		"chain":         {&cell.Failure{Name: "panic", Message: "n", History: []string{"m [recovered]", "n"}}, "panic: m [recovered]\n\tpanic: n\n", 2},
		"fatal":         {&cell.Failure{Name: "fatal error", Message: "deadlock!\nwaiting: x"}, "fatal error: deadlock!\nwaiting: x\n", 2},
		"refused late":  {&cell.Failure{Name: "not supported", Message: "m"}, "not supported: m\n", 70},
		"interrupted":   {&cell.Failure{Name: "interrupted"}, "interrupted\n", 130},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr strings.Builder
			s := Script{File: "f.go", Stdout: &stdout, Stderr: &stderr}
			session := fake{"// %%\nfails": func(context.Context) (cell.Result, error) {
				return cell.Result{Notes: []string{"a note"}}, c.err
			}}
			assert.Equal(t, c.status, s.run(t.Context(), session, "one\n// %%\nfails\n// %%\nthree\n"))
			assert.Equal(t, "a note\n"+c.stderr, stderr.String())
			want := "f.go\n"
			if c.err == nil {
				want += "f.go#3\n"
			}
			assert.Equal(t, want, stdout.String())
		})
	}
}
