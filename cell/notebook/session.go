package notebook

import "github.com/joey-go/joey/cell/display"

// Session is the functions of this package, under their names, for one Front. Its methods may be called from any goroutine.
type Session struct {
	front Front
	comms *comms // nil if front has none
}

// New makes the functions of a Front.
func New(f Front) Session { return Session{f, newComms(f)} }

// Display is the function of that name.
func (s Session) Display(values ...any) {
	for _, v := range values {
		s.front.Show(display.Of(v), "", false)
	}
}

// DisplayWithID is the function of that name.
func (s Session) DisplayWithID(id string, value any) { s.front.Show(display.Of(value), id, false) }

// UpdateDisplay is the function of that name.
func (s Session) UpdateDisplay(id string, value any) { s.front.Show(display.Of(value), id, true) }

// Progress is the function of that name.
func (s Session) Progress(total int, label ...string) *Bar { return newBar(s.front, total, label) }

// ClearOutput is the function of that name.
func (s Session) ClearOutput(wait bool) { s.front.Clear(wait) }

// SetNextInput is the function of that name.
func (s Session) SetNextInput(text string) { s.front.NextInput(text, false) }

// Input is the function of that name.
func (s Session) Input(prompt string) (string, error) { return s.front.Ask(prompt, false) }

// InputPassword is the function of that name.
func (s Session) InputPassword(prompt string) (string, error) { return s.front.Ask(prompt, true) }
