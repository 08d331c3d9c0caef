package cell

import (
	"errors"
	"fmt"
	"strings"

	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// Failure is the end of a cell that did not reach its own.
type Failure struct {
	Name    string   // "error" (nobody took it), "panic", "runtime error", "interrupted", "not supported", "exit", "fatal error"
	Message string   // as Go prints it, without the name
	History []string // all panics as Go prints them, oldest first, if others led to this one
	Frames  []Frame  // innermost first
	Err     error    // the error that nobody took or that was given to panic; nil if there was none
}

// Frame is a function that was running.
type Frame struct {
	Func   string // "" for the cell itself
	Pos    source.Pos
	Source string // its line
	around []numbered
}

// numbered is a line of a cell.
type numbered struct {
	line int
	text string
}

// Lines shown before and after that of the innermost frame.
const margin = 2

var kinds = map[rt.Kind]string{
	rt.Panicked: "panic", rt.RuntimeError: "runtime error", rt.Stopped: "error",
	rt.Interrupted: "interrupted", rt.Refused: "not supported", rt.Exited: "exit", rt.Fatal: "fatal error",
}

func (f *Failure) Error() string {
	if f.Message == "" || f.Message == f.Name {
		return f.Name
	}
	return f.Name + ": " + f.Message
}

// Unwrap gives the error that ended the cell.
func (f *Failure) Unwrap() error { return f.Err }

// Exited says that the cell ended by runtime.Goexit.
func (f *Failure) Exited() bool { return f.Name == kinds[rt.Exited] }

// Refused says that the cell came to something that is beyond what Joey runs.
func (f *Failure) Refused() bool {
	return f.Name == kinds[rt.Refused] || f.Err == rt.ErrStackOverflow
}

// Interrupted says that the cell was asked to end.
func (f *Failure) Interrupted() bool { return f.Name == kinds[rt.Interrupted] }

// failure is the failure of a unit in the words of this session.
func (s *Session) failure(err error) error {
	var f *rt.Failure
	if !errors.As(err, &f) {
		return err
	}
	name := kinds[f.Kind]
	message := strings.TrimPrefix(f.Message, name+": ")
	out := &Failure{Name: name, Message: message, History: f.History, Err: f.Unwrap()}
	for _, frame := range f.Frames {
		if frame.Pos.Cell != preludeName {
			out.Frames = append(out.Frames, s.frame(frame))
		}
	}
	return out
}

func (s *Session) frame(f rt.Frame) Frame {
	frame := Frame{Func: functionName(f.Func), Pos: f.Pos}
	frame.Source = strings.TrimSpace(s.textLine(f.Pos))
	for line := max(1, f.Pos.Line-margin); line <= f.Pos.Line+margin; line++ {
		pos := f.Pos
		pos.Line = line
		frame.around = append(frame.around, numbered{line, strings.TrimRight(s.textLine(pos), " \t\r\n")})
	}
	return frame
}

// functionName is the name that the author gave: entries have none, and stand-ins for methods are named after their types.
func functionName(name string) string {
	name = strings.TrimPrefix(name, "main.")
	if outer, _, literal := strings.Cut(name, "$"); literal && !strings.HasPrefix(name, "cellꞏ") {
		return "func literal of " + functionName(outer)
	}
	first, rest, found := strings.Cut(name, "ꞏ")
	switch {
	case !found:
		return name
	case first == "cell":
		_, literal, _ := strings.Cut(rest, "$")
		if literal == "" {
			return ""
		}
		return "func literal"
	case first == "init":
		return "init"
	}
	return first + "." + rest
}

func (s *Session) goroutineFailed(f *rt.Failure) {
	var failure *Failure
	if s.failed != nil && errors.As(s.failure(f), &failure) {
		s.failed(failure)
	}
}

// exits tells where a program ends its process.
func (s *Session) exits(at *rt.Site) {
	if s.exiting != nil && at.Pos.IsValid() {
		frame := s.frame(rt.Frame{Pos: at.Pos})
		frame.Func = compiledName(at.Symbol)
		s.exiting(&Failure{Name: kinds[rt.Exited], Frames: []Frame{frame}})
	}
}

// compiledName is the name that the author gave to a function that compiled Go calls symbol.
func compiledName(symbol string) string {
	name := strings.TrimPrefix(symbol, "main.")
	switch {
	case strings.Contains(name, ".func"):
		return "func literal"
	case name == "main" || name == "init": // the cell itself, or what is around a program's main
		return ""
	}
	return strings.NewReplacer("(*", "", ")", "").Replace(name)
}

// Traceback is the failure as lines of text: what ended the cell, then each function with its line, innermost first.
func (f *Failure) Traceback(color bool) []string {
	paint := func(code, s string) string {
		if !color || s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	head := paint("1;31", f.Name)
	if f.Message != "" && f.Message != f.Name {
		head += ": " + f.Message
	}
	lines := strings.Split(head, "\n")
	for _, cause := range f.causes() {
		lines = append(lines, "caused by: "+cause)
	}
	for i, frame := range f.Frames {
		lines = append(lines, "  "+paint("32", frame.place()))
		switch {
		case frame.Source == "":
		case i == 0:
			lines = append(lines, frame.excerpt(paint)...)
		default:
			lines = append(lines, "    "+paint("1", "→")+" "+frame.Source)
		}
	}
	return lines
}

// excerpt is the line with those around it, as the author has indented them.
func (f Frame) excerpt(paint func(code, s string) string) (lines []string) {
	for _, l := range f.around {
		switch {
		case l.line == f.Pos.Line:
			lines = append(lines, fmt.Sprintf("  %s %3d  %s", paint("1", "→"), l.line, l.text))
		case l.text != "":
			lines = append(lines, fmt.Sprintf("    %3d  %s", l.line, l.text))
		}
	}
	return lines
}

// place is "In [3], line 7, in f".
func (f Frame) place() string {
	s := f.Func
	if f.Pos.IsValid() {
		s = fmt.Sprintf("%s, line %d", f.Pos.Cell, f.Pos.Line)
		if f.Func != "" {
			s += ", in " + f.Func
		}
	}
	return s
}

// maxCauses bounds what is shown: an error may wrap itself.
const maxCauses = 20

// causes are the wrapped errors whose text the message does not already hold. The methods are the cell's, and may panic.
func (f *Failure) causes() (causes []string) {
	defer func() { _ = recover() }()
	seen := f.Message
	err := errors.Unwrap(f.Err)
	for n := 0; err != nil && n < maxCauses; n, err = n+1, errors.Unwrap(err) {
		if text := err.Error(); !strings.Contains(seen, text) {
			causes = append(causes, text)
			seen += "\n" + text
		}
	}
	return causes
}
