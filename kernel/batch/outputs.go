package batch

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/joey-go/joey/kernel/pipe"
)

// The outputs of nbformat, with their keys in its order.
type (
	streamOutput struct {
		Name string `json:"name"`
		Type string `json:"output_type"`
		Text lines  `json:"text"`
	}
	displayOutput struct {
		Data     map[string]any `json:"data"`
		Metadata map[string]any `json:"metadata"`
		Type     string         `json:"output_type"`
	}
	resultOutput struct {
		Data     map[string]any `json:"data"`
		Count    int            `json:"execution_count"`
		Metadata map[string]any `json:"metadata"`
		Type     string         `json:"output_type"`
	}
	errorOutput struct {
		Name      string   `json:"ename"`
		Value     string   `json:"evalue"`
		Type      string   `json:"output_type"`
		Traceback []string `json:"traceback"`
	}
)

var errNoInput = errors.New("a notebook that runs by itself takes no input")

// outputs collects what a cell shows. It is the cell's pipe.Sink.
type outputs struct {
	displays *displays

	mu    sync.Mutex
	list  []any
	clear bool // before the next output
}

// displays are the outputs of a whole notebook that can be updated, by their IDs.
type displays struct {
	mu   sync.Mutex
	byID map[string][]*displayOutput
}

// Stream joins what comes one after the other on the same stream.
func (o *outputs) Stream(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clearIfDue()
	if n := len(o.list); n > 0 {
		if last, ok := o.list[n-1].(*streamOutput); ok && last.Name == name {
			last.Text += lines(text)
			return
		}
	}
	o.list = append(o.list, &streamOutput{Name: name, Type: "stream", Text: lines(text)})
}

// Display adds an output, or updates all those that have its ID.
func (o *outputs) Display(d pipe.Display) {
	data, metadata := split(d.Bundle)
	if d.Update {
		o.displays.update(d.ID, data, metadata)
		return
	}
	out := &displayOutput{Data: data, Metadata: metadata, Type: "display_data"}
	o.displays.add(d.ID, out)
	o.add(out)
}

// Clear removes the outputs, at once or when the next one comes.
func (o *outputs) Clear(wait bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clear = true
	if !wait {
		o.clearIfDue()
	}
}

// Input fails: nobody is there to ask.
func (o *outputs) Input(context.Context, pipe.Question) (string, error) { return "", errNoInput }

// NextInput does nothing: the notebook's cells are what they are.
func (o *outputs) NextInput(pipe.NextInput) {}

// Comm does nothing: no front end listens.
func (o *outputs) Comm(pipe.Comm) {}

// Note shows the kernel's own words on stderr.
func (o *outputs) Note(text string) { o.Stream(pipe.Stderr, text) }

func (o *outputs) result(b pipe.Bundle, count int) {
	data, metadata := split(b)
	o.add(&resultOutput{Data: data, Count: count, Metadata: metadata, Type: "execute_result"})
}

func (o *outputs) fault(f pipe.Fault) {
	traceback := f.Traceback
	if traceback == nil {
		traceback = []string{}
	}
	o.add(&errorOutput{Name: f.Name, Value: f.Value, Type: "error", Traceback: traceback})
}

func (o *outputs) add(output any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clearIfDue()
	o.list = append(o.list, output)
}

func (o *outputs) clearIfDue() {
	if o.clear {
		o.list, o.clear = nil, false
	}
}

// MarshalJSON implements json.Marshaler. A goroutine that outlived its cell may still print.
func (o *outputs) MarshalJSON() ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.displays.mu.Lock()
	defer o.displays.mu.Unlock()
	if o.list == nil {
		return []byte("[]"), nil
	}
	return encode(o.list)
}

func (d *displays) add(id string, out *displayOutput) {
	if id == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.byID[id] = append(d.byID[id], out)
}

func (d *displays) update(id string, data, metadata map[string]any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, out := range d.byID[id] {
		out.Data, out.Metadata = data, metadata
	}
}

// split turns the texts of a bundle into lists of lines where nbformat does (nbformat/v4/rwbase.py), and gives it
// metadata, which nbformat wants.
func split(b pipe.Bundle) (data, metadata map[string]any) {
	data = map[string]any{}
	for mime, v := range b.Data {
		if text, ok := v.(string); ok && hasLines(mime) {
			v = lines(text)
		}
		data[mime] = v
	}
	if metadata = b.Metadata; metadata == nil {
		metadata = map[string]any{}
	}
	return data, metadata
}

func hasLines(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}
