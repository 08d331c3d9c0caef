// Package echo is a session.Runner without an interpreter, for tests of the Jupyter side: a cell is a list of commands, one
// a line. It imports kernel/pipe.
package echo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/joey-go/joey/kernel/pipe"
)

// Runner runs cells of these commands:
//
//	out TEXT       prints a line on stdout
//	err TEXT       prints a line on stderr
//	flood N        prints N numbered lines, each by itself
//	show ID TEXT   displays TEXT under an ID
//	update ID TEXT displays it anew
//	clear          removes the outputs
//	next TEXT      proposes the next cell
//	ask PROMPT     asks the user, and prints the answer
//	comm TARGET    opens a comm
//	block          waits for an interrupt
//	fail TEXT      ends the cell with a fault
//	refuse         cannot run the cell at all
//	panic          is a defect of the runner
//
// Any other line is the cell's result, as text/plain. A cell that ends in "…" is incomplete.
type Runner struct{}

// Run runs a cell.
func (Runner) Run(ctx context.Context, c pipe.Cell, out pipe.Sink) (pipe.Outcome, error) {
	var o pipe.Outcome
	for line := range strings.Lines(c.Code) {
		if err := step(ctx, strings.TrimRight(line, "\n"), out, &o); err != nil || o.Fault != nil {
			return o, err
		}
	}
	return o, nil
}

func step(ctx context.Context, line string, out pipe.Sink, o *pipe.Outcome) error {
	command, text, _ := strings.Cut(line, " ")
	id, shown, _ := strings.Cut(text, " ")
	switch command {
	case "out":
		out.Stream(pipe.Stdout, text+"\n")
	case "err":
		out.Stream(pipe.Stderr, text+"\n")
	case "flood":
		return flood(text, out)
	case "show", "update":
		out.Display(pipe.Display{Bundle: plain(shown), ID: id, Update: command == "update"})
	case "clear":
		out.Clear(false)
	case "next":
		out.NextInput(pipe.NextInput{Text: text})
	case "ask":
		answer, err := out.Input(ctx, pipe.Question{Prompt: text})
		if err != nil {
			o.Fault = &pipe.Fault{Name: "InputError", Value: err.Error()}
			return nil
		}
		out.Stream(pipe.Stdout, answer+"\n")
	case "comm":
		out.Comm(pipe.Comm{Kind: pipe.CommOpen, ID: text, Target: text})
	case "block":
		<-ctx.Done()
		o.Fault = &pipe.Fault{Name: "Interrupted", Value: "the cell was interrupted"}
	case "fail":
		o.Fault = &pipe.Fault{Name: "Failure", Value: text, Traceback: []string{"Failure: " + text}}
	case "refuse":
		return errors.New("no worker")
	case "panic":
		panic("echo: asked to")
	case "":
	default:
		b := plain(line)
		o.Result = &b
	}
	return nil
}

func flood(count string, out pipe.Sink) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	for i := range n {
		out.Stream(pipe.Stdout, fmt.Sprintln(i))
	}
	return nil
}

func plain(text string) pipe.Bundle {
	return pipe.Bundle{Data: map[string]any{"text/plain": text}}
}

// IsComplete knows cells that end in "…" for incomplete.
func (Runner) IsComplete(_ context.Context, code string) (pipe.Completeness, error) {
	if strings.HasSuffix(code, "…") {
		return pipe.Completeness{Status: pipe.Incomplete, Indent: "    "}, nil
	}
	return pipe.Completeness{Status: pipe.Complete}, nil
}

// Suggest completes the word before the cursor by an exclamation mark.
func (Runner) Suggest(_ context.Context, at pipe.Cursor) (pipe.Suggestions, error) {
	before := []rune(at.Code)[:at.Pos]
	word := before[slices.Index(before, ' ')+1:]
	found := pipe.Suggestions{Start: at.Pos - len(word), End: at.Pos}
	if len(word) > 0 {
		label := string(word) + "!"
		found.Items = []pipe.Suggestion{{Label: label, Text: "inserted " + label, Kind: "type", Type: "exclamation"}}
	}
	return found, nil
}

// Explain knows no more than the text before the cursor.
func (Runner) Explain(_ context.Context, at pipe.Cursor) (pipe.Explanation, error) {
	if at.Pos == 0 {
		return pipe.Explanation{}, nil
	}
	return pipe.Explanation{Bundle: plain(string([]rune(at.Code)[:at.Pos]))}, nil
}

// Comm sends everything back, and closes comms that are opened to any target but "echo".
func (Runner) Comm(_ context.Context, c pipe.Comm, out pipe.Sink) error {
	switch {
	case c.Kind == pipe.CommOpen && c.Target != "echo":
		out.Comm(pipe.Comm{Kind: pipe.CommClose, ID: c.ID})
	case c.Kind == pipe.CommMessage:
		out.Comm(c)
	}
	return nil
}

// Close does nothing: there is no process.
func (Runner) Close() error { return nil }
