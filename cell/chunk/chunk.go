// Package chunk reads test files of cells: a file is a session, its cells are separated by lines of "---", and what
// a line is expected to do stands in a comment on it. It imports the standard library only, and only tests import it.
//
//	x.Foo()           // want "x.Foo undefined"    an error of the check on this line, which the regular expression matches
//	f(0)              // stop "division by zero"   the cell stops on this line
//	fmt.Print("a")    // out "a"                   what the cell prints, the parts of all its lines in their order
//	x + 1             // result "2"                the text of the cell's result
//	f()               // notebook "late binding"   why compiled Go does something else, or takes no such cell
package chunk

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Expectation is a regular expression for a line of a cell.
type Expectation struct {
	Line  int
	Match *regexp.Regexp
}

// Cell is a cell with all that its comments expect.
type Cell struct {
	Name   string // "file.txt:12", where it starts
	Source string
	Wants  []Expectation
	Stop   *Expectation
	Out    string
	Result string
	// HasResult tells an expected result from none. Cells that expect anything expect no other result.
	HasResult bool
	// Notebook is why the cell is no part of a Go program that does the same; "" if it is one.
	Notebook string
}

var expectation = regexp.MustCompile("// (want|stop|out|result|notebook) ((?:(?:\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`) ?)+)\\s*$")
var quoted = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`")

// Read reads the cells of a file.
func Read(path string) ([]Cell, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var cells []Cell
	line := 1
	for src := range strings.SplitSeq(string(b), "\n---\n") {
		c := Cell{Name: fmt.Sprintf("%s:%d", path, line), Source: src}
		for i, text := range strings.Split(src, "\n") {
			if err := c.expect(i+1, text); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, line+i, err)
			}
		}
		cells = append(cells, c)
		line += strings.Count(src, "\n") + 2
	}
	return cells, nil
}

func (c *Cell) expect(line int, text string) error {
	m := expectation.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	for _, q := range quoted.FindAllString(m[2], -1) {
		s, err := strconv.Unquote(q)
		if err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
		if err := c.add(m[1], line, s); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cell) add(kind string, line int, s string) error {
	switch kind {
	case "out":
		c.Out += s
		return nil
	case "notebook":
		c.Notebook = s
		return nil
	case "result":
		c.Result, c.HasResult = s, true
		return nil
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return err
	}
	if kind == "stop" {
		c.Stop = &Expectation{line, re}
	} else {
		c.Wants = append(c.Wants, Expectation{line, re})
	}
	return nil
}
