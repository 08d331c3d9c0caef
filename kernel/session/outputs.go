package session

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

// outputs publishes what a cell shows, in its order. Text is gathered into few messages: with one for each of 30,000
// prints a client is still reading them long after the reply. It stays usable after its cell, whose goroutines may go on.
type outputs struct {
	publisher Publisher
	publish   func(kind string, content any)
	comm      func(pipe.Comm)

	mu    sync.Mutex
	input func(context.Context, pipe.Question) (string, error) // nil: this front end takes none
	next  *pipe.NextInput
	name  string // of the stream whose text waits
	text  strings.Builder
	timer *time.Timer // set while text waits
	quota quota
	muted bool
}

const (
	gatherTime  = 100 * time.Millisecond
	gatherBytes = 256 << 10
)

func newOutputs(p Publisher, publish func(kind string, content any), comm func(pipe.Comm)) *outputs {
	return &outputs{publisher: p, publish: publish, comm: comm}
}

// mute drops what is shown, but for messages of comms, until it is called again.
func (o *outputs) mute(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if on {
		o.send()
	}
	o.muted = on
}

// Stream takes text that the cell has printed. It may end in the middle of a character.
func (o *outputs) Stream(name, text string) {
	if text == "" {
		return
	}
	o.publisher.Room()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write(name, o.quota.text(text))
	if note := o.quota.note(); note != "" {
		o.write(pipe.Stderr, note)
		o.send()
	}
	if o.text.Len() >= gatherBytes {
		o.sendWhole()
	} else if o.timer == nil {
		o.timer = time.AfterFunc(gatherTime, o.expire)
	}
}

// write adds to the text that waits, which is of one stream.
func (o *outputs) write(name, text string) {
	if text == "" || o.muted {
		return
	}
	if name != o.name {
		o.send()
		o.name = name
	}
	o.text.WriteString(text)
}

// Display publishes a bundle, or a new state of one that was published before.
func (o *outputs) Display(d pipe.Display) {
	kind := "display_data"
	if d.Update {
		kind = "update_display_data"
	} else if !o.mayDisplay() {
		return
	}
	o.afterText(kind, message.DisplayData{
		Data: d.Data, Metadata: orEmpty(d.Metadata), Transient: message.Transient{DisplayID: d.ID},
	})
}

// mayDisplay counts a display, and says so at once when it is one too many.
func (o *outputs) mayDisplay() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	allowed := o.quota.display()
	if note := o.quota.note(); note != "" {
		o.write(pipe.Stderr, note)
		o.send()
	}
	return allowed
}

// Clear removes what was published for the cell.
func (o *outputs) Clear(wait bool) {
	o.mu.Lock()
	o.quota = quota{}
	o.mu.Unlock()
	o.afterText("clear_output", message.ClearOutput{Wait: wait})
}

// Comm publishes a comm's message in its place among the outputs.
func (o *outputs) Comm(c pipe.Comm) {
	o.publisher.Room()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.send()
	o.comm(c)
}

// Note shows the kernel's own words like text on stderr.
func (o *outputs) Note(text string) { o.Stream(pipe.Stderr, text) }

// Input asks the user, who shall have seen by then what was printed before.
func (o *outputs) Input(ctx context.Context, q pipe.Question) (string, error) {
	o.flush()
	o.mu.Lock()
	ask := o.input
	o.mu.Unlock()
	if ask == nil {
		return "", errNoInput
	}
	return ask(ctx, q)
}

// NextInput keeps a text for the reply.
func (o *outputs) NextInput(n pipe.NextInput) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.muted {
		o.next = &n
	}
}

// payload is what the reply asks the front end to do.
func (o *outputs) payload() []any {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next == nil {
		return []any{}
	}
	return []any{message.NextInput{Source: "set_next_input", Text: o.next.Text, Replace: o.next.Replace}}
}

func (o *outputs) takeInput(ask func(context.Context, pipe.Question) (string, error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.input = ask
}

func (o *outputs) afterText(kind string, content any) {
	o.publisher.Room()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.muted {
		return
	}
	o.send()
	o.publish(kind, content)
}

// flush publishes all text that waits.
func (o *outputs) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.send()
}

func (o *outputs) expire() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sendWhole()
}

// send publishes the text that waits, as it is.
func (o *outputs) send() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if o.text.Len() == 0 {
		return
	}
	o.publish("stream", message.Stream{Name: o.name, Text: o.text.String()})
	o.text.Reset()
}

// sendWhole is send but for the first bytes of a character whose other bytes have not come.
func (o *outputs) sendWhole() {
	text, rest := splitRune(o.text.String())
	o.text.Reset()
	o.text.WriteString(text)
	o.send()
	o.text.WriteString(rest)
}

// splitRune cuts off an unfinished character at the end of s.
func splitRune(s string) (whole, rest string) {
	for i := len(s) - 1; i >= 0 && i >= len(s)-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			if utf8.FullRuneInString(s[i:]) {
				return s, ""
			}
			return s[:i], s[i:]
		}
	}
	return s, ""
}
