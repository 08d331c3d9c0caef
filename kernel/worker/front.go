package worker

import (
	"errors"
	"fmt"
	"os"

	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/cell/notebook"
	"github.com/joey-go/joey/kernel/pipe"
)

// Show, Clear, NextInput and Ask make a worker the notebook.Front of its cells. They may be called from any goroutine.

// Show sends a bundle to the front ends.
func (w *worker) Show(b display.Bundle, id string, update bool) {
	w.tell("A display cannot be shown", pipe.Event{Display: &pipe.Display{Bundle: *bundle(b), ID: id, Update: update}})
}

// Clear removes the cell's outputs.
func (w *worker) Clear(wait bool) {
	w.tell("The outputs cannot be cleared", pipe.Event{Clear: &pipe.Clear{Wait: wait}})
}

// tell sends an event in its place among the outputs.
func (w *worker) tell(failed string, e pipe.Event) {
	if err := w.conn.SendAfter(w.marks.write, e); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", failed, err)
	}
}

// NextInput proposes the text of the next cell.
func (w *worker) NextInput(text string, replace bool) {
	w.tell("The next cell cannot be proposed", pipe.Event{NextInput: &pipe.NextInput{Text: text, Replace: replace}})
}

// Comm sends a message of a comm to the front ends.
func (w *worker) Comm(e notebook.CommEvent) error {
	return w.conn.SendAfter(w.marks.write, pipe.Event{Comm: &pipe.Comm{
		Kind: e.Kind, ID: e.ID, Target: e.Target, Data: e.Data, Metadata: e.Metadata, Buffers: e.Buffers,
	}})
}

// deliver hands a front end's message to its comm.
func (w *worker) deliver(c pipe.Comm) {
	w.mu.Lock()
	s := w.session
	w.mu.Unlock()
	s.Comm(notebook.CommEvent{Kind: c.Kind, ID: c.ID, Target: c.Target, CommMessage: notebook.CommMessage{
		Data: c.Data, Metadata: c.Metadata, Buffers: c.Buffers,
	}})
}

// Ask asks the user. It ends with the cell.
func (w *worker) Ask(prompt string, hidden bool) (string, error) {
	ctx := w.clients.current()
	id, answered := w.questions.open()
	defer w.questions.close(id)
	q := pipe.Question{ID: id, Prompt: prompt, Password: hidden}
	if err := w.conn.SendAfter(w.marks.write, pipe.Event{Question: &q}); err != nil {
		return "", err
	}
	select {
	case a := <-answered:
		if a.Error != "" {
			return "", errors.New(a.Error)
		}
		return a.Text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
