package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/program"
	"github.com/joey-go/joey/cell/source"
)

// The exit statuses of a script, besides its own.
const (
	statusRejected    = 1   // it did not compile
	statusFailed      = 2   // a panic, or an error that nobody took; Go's status for a panic
	statusRefused     = 70  // it is Go, but beyond what Joey runs (sysexits.h: EX_SOFTWARE)
	statusInterrupted = 130 // as shells report SIGINT
)

// Script is Go to run in this process: a file cell by cell, or a program of several files.
type Script struct {
	File           string   // the script; or the directory, or the first file, of a program
	Files          []string // the program's files, if they are named
	Args           []string
	Engine         string    // of cell.Engines; "": see cell.EngineName
	Stdout, Stderr io.Writer // for results and errors; cells print to the process's own
}

// Run runs the script until a cell fails, and returns the exit status. The process's arguments become those of the script.
func (s Script) Run(ctx context.Context) int { return withBallast(func() int { return s.start(ctx) }) }

func (s Script) start(ctx context.Context) int {
	var text []byte
	isProgram, err := s.isProgram()
	if err == nil && !isProgram {
		text, err = os.ReadFile(s.File)
	}
	if err != nil {
		fmt.Fprintf(s.Stderr, "joey: read the script: %v\n", err)
		return statusRejected
	}
	os.Args = append([]string{s.File}, s.Args...)
	c := newClients()
	session, err := cell.NewSession(cell.Options{
		Engine:   s.Engine,
		Failed:   func(f *cell.Failure) { s.report(f); c.exit(status(f)) },
		File:     absolute,
		Override: c.override(),
	})
	if err != nil {
		fmt.Fprintf(s.Stderr, "joey: %v\n", err)
		return statusRejected
	}
	c.enter(ctx)
	defer c.flush(s.Stderr)
	if isProgram {
		return s.end(ctx, session, s.program(ctx, session))
	}
	return s.run(ctx, session, string(text))
}

// isProgram tells a program of several files or packages from a script.
func (s Script) isProgram() (bool, error) {
	if len(s.Files) > 1 {
		return true, nil
	}
	info, err := os.Stat(s.File)
	if err != nil {
		return false, err
	}
	return info.IsDir() || program.Wants(s.File), nil
}

func (s Script) program(ctx context.Context, cells *cell.Session) error {
	if info, err := os.Stat(s.File); err == nil && info.IsDir() {
		return cells.RunProgram(ctx, s.File, nil)
	}
	files := s.Files
	if files == nil {
		files = []string{s.File}
	}
	return cells.RunProgram(ctx, filepath.Dir(s.File), files)
}

// absolute is the path of a cell's file, as the go command gives it to the compiler.
func absolute(cell string) string {
	file, _, _ := strings.Cut(cell, "#")
	if path, err := filepath.Abs(file); err == nil {
		return filepath.ToSlash(path)
	}
	return file
}

// run stops at the first cell that fails.
func (s Script) run(ctx context.Context, cells session, text string) int {
	for i, code := range split(text) {
		name := filepath.ToSlash(s.File)
		if i > 0 {
			name = fmt.Sprintf("%s#%d", name, i+1)
		}
		result, err := cells.Run(ctx, cell.Cell{Name: name, Source: code})
		for _, note := range result.Notes {
			fmt.Fprintln(s.Stderr, note)
		}
		if err != nil {
			return s.end(ctx, cells, err)
		}
		s.show(result.Bundle)
	}
	return 0
}

// end reports how a cell or program ended, and gives its status.
func (s Script) end(ctx context.Context, cells session, err error) int {
	if failure, ok := errors.AsType[*cell.Failure](err); ok && failure.Exited() {
		if err = cells.Await(ctx); err == nil {
			return statusInterrupted
		}
	}
	if err == nil {
		return 0
	}
	s.report(err)
	return status(err)
}

func (s Script) show(b *display.Bundle) {
	if b != nil {
		fmt.Fprintln(s.Stdout, b.Data[display.Plain])
	}
}

func (s Script) report(err error) {
	lines := []string{err.Error()}
	if failure, ok := errors.AsType[*cell.Failure](err); ok {
		lines = failure.Traceback(false)
		lines = append(headline(failure), lines[1+strings.Count(failure.Error(), "\n"):]...)
		if failure.Refused() && len(failure.Frames) > 0 { // as a refusal before the run, but a line is all that is known
			pos := failure.Frames[0].Pos
			lines[0] = fmt.Sprintf("%s:%d: %s", pos.Cell, pos.Line, lines[0])
		}
	} else if list, ok := errors.AsType[source.ErrorList](err); ok {
		lines = nil
		for _, e := range list {
			lines = append(lines, e.Excerpt())
		}
	}
	// A session wants no name twice, but all lines are those of one file.
	name := regexp.MustCompile(regexp.QuoteMeta(filepath.ToSlash(s.File)) + `#\d+`)
	fmt.Fprintln(s.Stderr, name.ReplaceAllLiteralString(strings.Join(lines, "\n"), filepath.ToSlash(s.File)))
}

// headline is how a compiled program says why it ended, for those who read its standard error: a runtime error is a panic,
// and further lines are indented, so that no value looks like a trace.
func headline(f *cell.Failure) []string {
	text := f.Error()
	switch {
	case len(f.History) > 0 && (f.Name == "panic" || f.Name == "runtime error"):
		text = "panic: " + strings.Join(f.History, "\npanic: ")
	case f.Name == "runtime error" && f.Err != nil: // it knows whether Go prints the prefix
		text = "panic: " + f.Err.Error()
	case f.Name == "panic" && f.Message == "":
		return []string{"panic: "}
	case f.Name != "panic" && f.Name != "runtime error":
		return strings.Split(text, "\n")
	}
	return strings.Split(strings.ReplaceAll(text, "\n", "\n\t"), "\n")
}

func status(err error) int {
	if failure, ok := errors.AsType[*cell.Failure](err); ok {
		switch {
		case failure.Interrupted():
			return statusInterrupted
		case failure.Refused():
			return statusRefused
		}
		return statusFailed
	}
	if list, ok := errors.AsType[source.ErrorList](err); ok && list.Refused() {
		return statusRefused
	}
	return statusRejected
}

// marker is the line that begins a cell in jupytext's percent format: "// %%", a title, the cell's kind in brackets.
var marker = regexp.MustCompile(`^\s*// ?%%(?:[^\[]*\[(\w+)\])?`)

// split cuts a script at its markers; without them it is one cell. Each has as many empty lines before it as the file has
// lines, so that errors name the file's lines. Cells of text are left out.
func split(text string) []string {
	var list []string
	var cell strings.Builder
	lines, isText := 0, false
	end := func() {
		if !isText && strings.TrimSpace(cell.String()) != "" {
			list = append(list, cell.String())
		}
		cell.Reset()
		cell.WriteString(strings.Repeat("\n", lines))
	}
	for line := range strings.Lines(text) {
		if lines == 0 && strings.HasPrefix(line, "#!") {
			line = "//" + line[2:] // so that a script may name its interpreter
		}
		if m := marker.FindStringSubmatch(line); m != nil {
			end()
			isText = m[1] != ""
		}
		cell.WriteString(line)
		lines++
	}
	end()
	return list
}
