package pipe

import (
	"context"
	"encoding/json"
)

// Request goes from the kernel to the worker. Exactly one of the pointers is set.
type Request struct {
	ID        int        `json:"request"` // echoed in the Event that answers
	Start     *Start     `json:"start,omitempty"`
	Run       *Cell      `json:"run,omitempty"`
	Complete  *Fragment  `json:"complete,omitempty"`
	Suggest   *Cursor    `json:"suggest,omitempty"`
	Explain   *Cursor    `json:"explain,omitempty"`
	Interrupt *Interrupt `json:"interrupt,omitempty"`
	Answer    *Answer    `json:"answer,omitempty"`
	Comm      *Comm      `json:"comm,omitempty"`
}

// Event goes from the worker to the kernel. Exactly one of the pointers is set. Ready answers Start, Outcome answers Run,
// Question asks the user for a line of text. An Answer with its ID follows, unless the cell ends first.
type Question struct {
	ID       int    `json:"id"`
	Prompt   string `json:"prompt"`
	Password bool   `json:"password,omitempty"` // what is typed is not shown
}

// NextInput is a text for the cell after this one, or for this one itself.
type NextInput struct {
	Text    string `json:"text"`
	Replace bool   `json:"replace,omitempty"`
}

// Answer is what the user typed, or why there is nothing.
type Answer struct {
	Question int    `json:"question"`
	Text     string `json:"text"`
	Error    string `json:"error,omitempty"`
}

// Completeness answers Complete, Suggestions answers Suggest, Explanation answers Explain; the others come whenever a cell causes
// them.
type Event struct {
	Answers      int           `json:"answers,omitempty"` // the request's ID, 0 if this is no answer
	Ready        *Ready        `json:"ready,omitempty"`
	Outcome      *Outcome      `json:"outcome,omitempty"`
	Completeness *Completeness `json:"completeness,omitempty"`
	Suggestions  *Suggestions  `json:"suggestions,omitempty"`
	Explanation  *Explanation  `json:"explanation,omitempty"`
	Display      *Display      `json:"display,omitempty"`
	Clear        *Clear        `json:"clear,omitempty"`
	Question     *Question     `json:"question,omitempty"`
	NextInput    *NextInput    `json:"next_input,omitempty"`
	Comm         *Comm         `json:"comm,omitempty"`
	Exiting      *Exiting      `json:"exiting,omitempty"`
}

// Exiting says where the process is about to end itself.
type Exiting struct {
	Traceback []string `json:"traceback"`
}

// Comm is a message of a comm between cells and a front end, in either direction. Nothing answers it.
type Comm struct {
	Kind     string          `json:"kind"` // CommOpen, CommMessage or CommClose
	ID       string          `json:"id"`
	Target   string          `json:"target,omitempty"` // of CommOpen
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Buffers  [][]byte        `json:"buffers,omitempty"`
}

// The kinds of a Comm.
const (
	CommOpen    = "open"
	CommMessage = "msg"
	CommClose   = "close"
)

// Start is the first request.
type Start struct {
	Mark string `json:"mark"` // see the package comment
}

// Ready says that the worker takes cells.
type Ready struct{}

// Cell is a cell to run.
type Cell struct {
	ID     string `json:"id"`    // unique within a kernel's life
	Count  int    `json:"count"` // the number in "In [3]"
	Code   string `json:"code"`
	Silent bool   `json:"silent,omitempty"` // no result is shown
}

// Fragment is source text that may lack its end.
type Fragment struct {
	Code string `json:"code"`
}

// Cursor is a place in source text that somebody is writing.
type Cursor struct {
	Code string `json:"code"`
	Pos  int    `json:"pos"` // in code points
}

// Interrupt asks the worker to stop a cell. It names the cell because it may arrive when that cell has just ended.
type Interrupt struct {
	Cell string `json:"cell"`
}

// Bundle is one value in several forms, by MIME type, as Jupyter shows it.
type Bundle struct {
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata,omitempty"`
}

// Fault is an error as Jupyter shows it.
type Fault struct {
	Name      string   `json:"name"`
	Value     string   `json:"value"`
	Traceback []string `json:"traceback,omitempty"`
}

// Outcome is how a cell ended: with a result, with a fault, or with neither.
type Outcome struct {
	Result *Bundle `json:"result,omitempty"`
	Fault  *Fault  `json:"fault,omitempty"`
	Read   bool    `json:"read,omitempty"` // the kernel has read all that was printed: no mark comes
}

// Display is something that a cell shows before it ends. With an ID it can be updated later.
type Display struct {
	Bundle
	ID     string `json:"id,omitempty"`
	Update bool   `json:"update,omitempty"`
}

// Clear removes what the cell has shown so far; with Wait only when something new arrives.
type Clear struct {
	Wait bool `json:"wait,omitempty"`
}

// Completeness answers whether a fragment is a whole cell.
type Completeness struct {
	Status string `json:"status"` // one of the constants below
	Indent string `json:"indent,omitempty"`
}

// Suggestions are what may stand in place of a part of a text, the best first.
type Suggestions struct {
	Start int          `json:"start"` // in code points
	End   int          `json:"end"`
	Items []Suggestion `json:"items,omitempty"`
}

// Suggestion is one of them.
type Suggestion struct {
	Label string `json:"label"` // what to show; it begins as what it replaces, letters' case aside
	Text  string `json:"text"`  // what to insert
	Kind  string `json:"kind"`  // keyword, package, path, type, function, method, field, variable or constant
	Type  string `json:"type,omitempty"`
}

// Explanation says what a name means; nothing in Bundle if there is nothing to say.
type Explanation struct {
	Bundle
}

// The states of a fragment, as Jupyter's is_complete_reply names them.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
	Invalid    = "invalid"
	Unknown    = "unknown"
)

// The names of the streams that a Sink gets.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Sink takes what a cell shows while it runs, and what its goroutines print after it. Calls come one at a time, from
// any goroutine; a slow Sink slows the cell down.
type Sink interface {
	Stream(name, text string)
	Display(Display)
	Clear(wait bool)
	// Input asks the user for a line of text, until ctx ends. It alone may be called beside the others.
	Input(ctx context.Context, q Question) (string, error)
	NextInput(NextInput)
	// Comm sends a message of a comm to the front ends.
	Comm(Comm)
	// Note is a word of the kernel itself to the user: shown like stderr.
	Note(text string)
}
