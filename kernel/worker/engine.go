package worker

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/joey-go/joey/cell"
)

// engineCell is a cell that asks for the engine, or for another one. It is not Go.
var engineCell = regexp.MustCompile(`^\s*%engine(?:[ \t]+(\S+))?\s*$`)

// Engines are the names of the engines that run cells, the default first.
func Engines() []string { return cell.Engines() }

// EngineName is the engine that an option stands for; "" means the one that the environment names, or the default.
func EngineName(option string) (string, error) { return cell.EngineName(option) }

// open starts a session in place of the one that there is.
func (w *worker) open(engine string) error {
	name, err := cell.EngineName(engine)
	if err != nil {
		return err
	}
	s, err := cell.NewSession(cell.Options{
		Engine:   name,
		Front:    w,
		Failed:   w.goroutineFailed,
		Override: w.clients.override(),
		Line:     w.line,
		Exiting:  w.exiting,
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	old := w.session
	w.session, w.engine = s, name
	w.mu.Unlock()
	if old == nil {
		return nil
	}
	return old.Close()
}

// runCell runs a cell in the session, or changes the session's engine.
func (w *worker) runCell(ctx context.Context, c cell.Cell) (cell.Result, error) {
	m := engineCell.FindStringSubmatch(c.Source)
	if m == nil {
		w.ran = true
		return w.session.Run(ctx, c)
	}
	if name := m[1]; name != "" && name != w.engine {
		if err := w.open(name); err != nil {
			return cell.Result{}, err
		}
		if w.ran {
			fmt.Fprintln(os.Stderr, "The session is new: variables and functions of earlier cells are gone.")
		}
		w.ran = false
	}
	fmt.Fprintf(os.Stdout, "engine: %s (of %s)\n", w.engine, strings.Join(cell.Engines(), ", "))
	return cell.Result{}, nil
}

func (w *worker) isComplete(src string) (status, indent string) {
	if engineCell.MatchString(src) {
		return "complete", ""
	}
	return w.session.IsComplete(src)
}
