package notebook

import (
	"crypto/rand"
	"fmt"
	"html"
	"strings"
	"sync"
	"time"

	"github.com/joey-go/joey/cell/display"
)

// Bar is a progress bar that is updated in place: at most ten times a second, for a notebook keeps no more than the last state
// and front ends become slow. Its methods may be called from any goroutine.
type Bar struct {
	front Front
	id    string
	label string
	total int
	began time.Time

	mu    sync.Mutex
	count int
	ended time.Time   // zero until Done
	shown time.Time   // when it was last shown
	later *time.Timer // shows what came too soon after that
}

const (
	barPause = 100 * time.Millisecond
	barWidth = 30
)

// line is a Front with one line of text that is written over.
type line interface{ Line(text string, last bool) }

func newBar(f Front, total int, label []string) *Bar {
	b := &Bar{front: f, id: rand.Text(), label: strings.Join(label, " "), total: max(total, 0), began: time.Now()}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.show(false)
	return b
}

// Add counts n more.
func (b *Bar) Add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(b.count + n)
}

// Set says how far it is.
func (b *Bar) Set(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set(n)
}

// Done ends the bar where it is, and shows how long it took. Later calls do nothing.
func (b *Bar) Done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended.IsZero() {
		b.ended = time.Now()
		b.show(true)
	}
}

// String is the bar's text.
func (b *Bar) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text()
}

func (b *Bar) set(n int) {
	if !b.ended.IsZero() {
		return
	}
	b.count = max(n, 0)
	wait := barPause - time.Since(b.shown)
	switch {
	case wait <= 0:
		b.show(true)
	case b.later == nil:
		b.later = time.AfterFunc(wait, b.expire)
	}
}

// expire shows the state that came last: no other call may follow.
func (b *Bar) expire() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.later != nil && b.ended.IsZero() {
		b.show(true)
	}
}

func (b *Bar) show(update bool) {
	if b.later != nil {
		b.later.Stop()
		b.later = nil
	}
	b.shown = time.Now()
	if l, ok := b.front.(line); ok {
		l.Line(b.text(), !b.ended.IsZero())
		return
	}
	data := map[string]any{display.Plain: b.text(), display.HTML: b.html()}
	b.front.Show(display.Bundle{Data: data, Metadata: map[string]any{}}, b.id, update)
}

// part is how much is done, from 0 to 1.
func (b *Bar) part() float64 { return min(1, float64(b.count)/float64(max(b.total, 1))) }

func (b *Bar) text() string {
	var s strings.Builder
	if b.label != "" {
		s.WriteString(b.label + " ")
	}
	if b.total > 0 {
		full := int(b.part() * barWidth)
		fmt.Fprintf(&s, "%3.0f%% |%s%s| ", 100*b.part(), strings.Repeat("█", full), strings.Repeat(" ", barWidth-full))
	}
	s.WriteString(b.figures())
	return s.String()
}

// html needs no style sheet and no script, for front ends drop them from notebooks that are not trusted.
func (b *Bar) html() string {
	bar := ""
	if b.total > 0 {
		bar = fmt.Sprintf(`<span style="display:inline-block;width:300px;height:1em;vertical-align:middle;background:#ddd"><span style="display:block;`+
			`width:%.1f%%;height:100%%;background:#4c9f70"></span></span> %.0f%% `, 100*b.part(), 100*b.part())
	}
	return "<div>" + html.EscapeString(b.label) + " " + bar + html.EscapeString(b.figures()) + "</div>"
}

// figures are the count, the rate, and the time that is left or was needed.
func (b *Bar) figures() string {
	s := fmt.Sprint(b.count)
	if b.total > 0 {
		s += fmt.Sprintf("/%d", b.total)
	}
	now := b.ended
	if now.IsZero() {
		now = time.Now()
	}
	taken := now.Sub(b.began)
	if b.count == 0 || taken <= 0 {
		return s
	}
	rate := float64(b.count) / taken.Seconds()
	s += ", " + perSecond(rate) + "/s, "
	if left := float64(b.total-b.count) / rate; b.ended.IsZero() && left > 0 && left < time.Hour.Seconds()*1000 {
		return s + round(time.Duration(left*float64(time.Second))) + " left"
	}
	return s + round(taken)
}

func perSecond(rate float64) string {
	if rate < 1000 {
		return fmt.Sprintf("%.3g", rate)
	}
	return fmt.Sprintf("%.0f", rate) // %g would write 1.5e+05
}

func round(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
