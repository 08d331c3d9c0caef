package supervise

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/joey-go/joey/kernel/pipe"
)

// position is a file without a name, of one page, that the worker maps (its descriptor 5): the cell that runs stores the line of its top level
// at its begin. So the kernel knows where a process died, whatever it died of, and nothing is sent for it. nil: the system gave no file.
type position struct{ file *os.File }

func newPosition() *position {
	f, err := anonymousFile()
	if err != nil {
		return nil
	}
	if err := f.Truncate(int64(os.Getpagesize())); err != nil {
		f.Close()
		return nil
	}
	return &position{f}
}

// descriptor is what the worker inherits; a nil file is none.
func (p *position) descriptor() *os.File {
	if p == nil {
		return nil
	}
	return p.file
}

// line is where the cell was, 0 if that is not known.
func (p *position) line() int {
	if p == nil {
		return 0
	}
	var word [8]byte
	if _, err := p.file.ReadAt(word[:], 0); err != nil {
		return 0
	}
	return int(binary.NativeEndian.Uint64(word[:])) // an int of the 64-bit systems that Joey runs on
}

// Close closes the file, if there is one.
func (p *position) Close() error {
	if p == nil {
		return nil
	}
	return p.file.Close()
}

// margin is how many lines are shown before and after one.
const margin = 2

// where says that a cell was running, and at which line, as tracebacks of cells do.
func where(c pipe.Cell, line int) []string {
	source := strings.Split(c.Code, "\n")
	if line < 1 || line > len(source) {
		return []string{fmt.Sprintf("  \x1b[32mIn [%d]\x1b[0m was running", c.Count)}
	}
	text := []string{fmt.Sprintf("  \x1b[32mIn [%d], line %d\x1b[0m was running", c.Count, line)}
	for n := max(1, line-margin); n <= min(len(source), line+margin); n++ {
		code := strings.TrimRight(source[n-1], " \t\r")
		switch {
		case n == line:
			text = append(text, fmt.Sprintf("  \x1b[1m→\x1b[0m %3d  %s", n, code))
		case code != "":
			text = append(text, fmt.Sprintf("    %3d  %s", n, code))
		}
	}
	return text
}
