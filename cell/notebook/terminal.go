package notebook

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/joey-go/joey/cell/display"
)

// terminal serves programs that run by themselves. It keeps no state.
var terminal = New(Terminal{})

// Terminal is a Front on the process's own stdin and stdout.
type Terminal struct{}

// Show prints the text of a bundle.
func (Terminal) Show(b display.Bundle, _ string, _ bool) { fmt.Println(b.Data[display.Plain]) }

// Line overwrites the line of a progress bar. Where stdout is no terminal only the last state is printed.
func (Terminal) Line(text string, last bool) {
	tty := term.IsTerminal(int(os.Stdout.Fd()))
	if tty {
		fmt.Print("\r", text, "\x1b[K")
	}
	if last && tty {
		fmt.Println()
	} else if last {
		fmt.Println(text)
	}
}

// Clear does nothing: what was printed stays.
func (Terminal) Clear(bool) {}

// NextInput does nothing: there are no cells.
func (Terminal) NextInput(string, bool) {}

// Ask prints the prompt and reads a line.
func (Terminal) Ask(prompt string, hidden bool) (string, error) {
	fmt.Print(prompt)
	if fd := int(os.Stdin.Fd()); hidden && term.IsTerminal(fd) {
		line, err := term.ReadPassword(fd)
		fmt.Println()
		return string(line), err
	}
	return readLine(os.Stdin)
}

// readLine reads byte by byte, for what follows the line is the program's.
func readLine(r io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for {
		n, err := r.Read(b)
		switch {
		case n == 1 && b[0] == '\n':
			return string(line), nil
		case n == 1 && b[0] != '\r':
			line = append(line, b[0])
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", fmt.Errorf("read a line of input: %w", err)
		}
	}
}
