package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/joey-go/joey/kernel/pipe"
)

// Runner runs cells: supervise.Worker, or a fake in tests.
type Runner interface {
	Run(ctx context.Context, c pipe.Cell, out pipe.Sink) (pipe.Outcome, error)
}

// Options say what to run.
type Options struct {
	In          string // the notebook
	Out         string // where it goes with its outputs; OutputName(In) if empty
	AllowErrors bool   // go on after a cell that fails
	Language    any    // the kernel's language_info, for the metadata
}

// CellError says that a cell failed, and that the ones after it did not run.
type CellError struct {
	Notebook string
	Cell     int // among all cells of the notebook, from 1
	Fault    pipe.Fault
}

func (e *CellError) Error() string {
	return fmt.Sprintf("%s: cell %d failed: %s: %s", e.Notebook, e.Cell, e.Fault.Name, e.Fault.Value)
}

// OutputName is where the outputs of a notebook go if nobody says otherwise: NAME.nbconvert.ipynb, as with
// `jupyter nbconvert --to notebook --execute`.
func OutputName(in string) string {
	return strings.TrimSuffix(in, filepath.Ext(in)) + ".nbconvert.ipynb"
}

// Run runs the notebook's cells one after the other and writes it with their outputs. It stops at the first cell that
// fails, with a *CellError, unless the cell has the tag raises-exception; what ran before is written all the same, and so
// it is when ctx is cancelled or the runner fails.
func Run(ctx context.Context, r Runner, o Options) error {
	if o.Out == "" {
		o.Out = OutputName(o.In)
	}
	source, err := os.ReadFile(o.In)
	if err != nil {
		return fmt.Errorf("read the notebook: %w", err)
	}
	n, err := parse(source)
	if err != nil {
		return fmt.Errorf("%s: %w", o.In, err)
	}
	failed := n.run(ctx, r, o)
	if err := n.write(o); err != nil {
		return errors.Join(failed, fmt.Errorf("write %s: %w", o.Out, err))
	}
	return failed
}

// run runs the cells.
func (n *notebook) run(ctx context.Context, r Runner, o Options) error {
	all := &displays{byID: map[string][]*displayOutput{}}
	count := 0
	for i, c := range n.cells {
		if !c.runs {
			continue
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: stopped before cell %d: %w", o.In, i+1, context.Cause(ctx))
		}
		count++
		c.count, c.shown = count, &outputs{displays: all}
		fault, err := c.run(ctx, r)
		if err != nil {
			return fmt.Errorf("%s: cell %d: %w", o.In, i+1, err)
		}
		if fault != nil && !c.raises && !o.AllowErrors {
			return &CellError{Notebook: o.In, Cell: i + 1, Fault: *fault}
		}
	}
	return nil
}

func (c *cell) run(ctx context.Context, r Runner) (*pipe.Fault, error) {
	outcome, err := r.Run(ctx, pipe.Cell{ID: strconv.Itoa(c.count), Count: c.count, Code: c.source}, c.shown)
	if err != nil {
		return nil, err
	}
	if outcome.Result != nil {
		c.shown.result(*outcome.Result, c.count)
	}
	if outcome.Fault != nil {
		c.shown.fault(*outcome.Fault)
	}
	return outcome.Fault, nil
}

// write replaces the file in one step, so that whoever reads it sees the old notebook or the new one.
func (n *notebook) write(o Options) error {
	if o.Language != nil {
		if err := n.setLanguage(o.Language); err != nil {
			return err
		}
	}
	b, err := n.encode()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(o.Out), ".joey-*.ipynb")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(mode(o.Out)), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), o.Out)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// mode is that of the file which is replaced; CreateTemp's would keep others from reading a new one.
func mode(path string) os.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}
