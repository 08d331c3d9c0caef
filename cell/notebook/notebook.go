// Package notebook is what every cell may use without an import: values shown in the middle of a cell and updated in place, text in
// richer forms, questions to the user. Its functions work in any program, on the terminal; in a kernel, functions of a Session
// of the same names stand in for them. It imports cell/display and cell/vega.
package notebook

import "github.com/joey-go/joey/cell/display"

// Front is what shows and asks: a terminal, or the front ends of a kernel.
type Front interface {
	// Show shows a bundle. With an ID it can be updated later; with update it takes the place of what was shown under it.
	Show(b display.Bundle, id string, update bool)
	// Clear removes what the cell has shown so far; with wait only when something new arrives.
	Clear(wait bool)
	// NextInput proposes the text of the next cell, or of this one in place of what it is.
	NextInput(text string, replace bool)
	// Ask asks the user for a line of text. What is typed to a hidden question is not shown.
	Ask(prompt string, hidden bool) (string, error)
}

// Display shows values at once, each in its richest form, wherever in a cell it is called.
func Display(values ...any) { terminal.Display(values...) }

// DisplayWithID shows a value at once, so that UpdateDisplay with the same ID can replace it.
func DisplayWithID(id string, value any) { terminal.DisplayWithID(id, value) }

// UpdateDisplay replaces what DisplayWithID has shown under the ID, in this cell and in earlier ones.
func UpdateDisplay(id string, value any) { terminal.UpdateDisplay(id, value) }

// Progress shows a bar that runs up to total, or counts if that is 0, with a label if one is given. See Bar.
func Progress(total int, label ...string) *Bar { return terminal.Progress(total, label...) }

// ClearOutput removes what the cell has shown and printed so far: at once, or, if wait is true, when something new arrives.
func ClearOutput(wait bool) { terminal.ClearOutput(wait) }

// SetNextInput proposes a text for the cell that follows, where front ends let a kernel do that.
func SetNextInput(text string) { terminal.SetNextInput(text) }

// Input asks the user for a line of text and waits for it. It fails where nobody can be asked, as under nbconvert.
func Input(prompt string) (string, error) { return terminal.Input(prompt) }

// InputPassword is Input for a secret: what is typed is not shown.
func InputPassword(prompt string) (string, error) { return terminal.InputPassword(prompt) }
