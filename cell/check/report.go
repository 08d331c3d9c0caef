package check

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"

	"github.com/joey-go/joey/cell/source"
)

// report turns what go/types found into the errors of the cell.
func (d *draft) report(p *pass) {
	h := &hinter{draft: d, pass: p}
	seen := map[token.Pos]bool{} // variables are checked twice, as declarations and as assignments
	for i, e := range p.errs {
		if seen[e.Pos] {
			continue
		}
		seen[e.Pos] = true
		err := d.fault(e)
		for _, m := range p.more[i] {
			more := d.fault(m)
			err.Msg += fmt.Sprintf(" (%s, line %d)", strings.TrimSpace(more.Msg), more.Pos.Line)
		}
		if err.Hint == "" {
			err.Hint = h.hint(e.Pos, err.Msg)
		}
		if reason := d.goneReason(err.Msg); reason != "" {
			err.Hint = reason
		}
		d.errs = append(d.errs, err)
	}
}

// goneReason says why a name that there was means nothing now.
func (d *draft) goneReason(msg string) string {
	name, ok := strings.CutPrefix(msg, "undefined: ")
	if !ok {
		return ""
	}
	if reason := d.gone[name]; reason != "" {
		return "what this cell changes breaks " + name + ": " + reason
	}
	return d.scope.gone[name]
}

const helper = Show + `|` + Drop + `|` + Mark + `|` + Must + `\d`

var (
	helperArgument = regexp.MustCompile(` in argument to (?:` + helper + `)`)
	helperCallText = regexp.MustCompile(`(?:` + helper + `)\(`)
	cellType       = regexp.MustCompile(`mainꞏ(\d+)\.(\pL[\pL\d_]*)`)
)

// withoutHelpers takes calls of helpers out of a message: mustꞏ2(f()) is f() to its author.
func withoutHelpers(msg string) string {
	msg = helperArgument.ReplaceAllString(msg, "")
	for {
		at := helperCallText.FindStringIndex(msg)
		if at == nil {
			return msg
		}
		inside, rest := msg[at[1]:], ""
		if end := closing(inside); end >= 0 {
			inside, rest = inside[:end], inside[end+1:]
		}
		msg = msg[:at[0]] + inside + rest
	}
}

// closing is where the parenthesis ends that was opened before s, -1 if it does not.
func closing(s string) int {
	depth := 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return -1
}

// fault is an error of go/types in the words of its author: without our helpers, with the names of types as cells write them.
func (d *draft) fault(e types.Error) *source.Error {
	msg := strings.ReplaceAll(withoutHelpers(e.Msg), olderMark, "")
	return d.scope.set.Error(e.Pos, d.nameTypes(d.qualify(msg)))
}

// qualify writes the cell's own types as go/types writes those of others, where the message has one of the same name.
func (d *draft) qualify(msg string) string {
	for _, m := range cellType.FindAllStringSubmatch(msg, -1) {
		if name := m[2]; d.owned[name] {
			own := regexp.MustCompile(`\b((?:as|type|types|and) (?:\*|\[\d*\])*)` + regexp.QuoteMeta(name) + `\b`)
			msg = own.ReplaceAllString(msg, "${1}"+d.packageName()+"."+name)
		}
	}
	return msg
}

// nameTypes writes the types of earlier cells by their names, and where a name has several meanings in one message, with
// the cell of each.
func (d *draft) nameTypes(msg string) string {
	cells := map[string]map[string]bool{} // by name of type, the cells that declare it
	for _, m := range cellType.FindAllStringSubmatch(msg, -1) {
		if cells[m[2]] == nil {
			cells[m[2]] = map[string]bool{}
		}
		cells[m[2]][m[1]] = true
	}
	return cellType.ReplaceAllStringFunc(msg, func(found string) string {
		m := cellType.FindStringSubmatch(found)
		number, name := m[1], m[2]
		if len(cells[name]) == 1 && d.isLive(name, number) {
			return name
		}
		n, err := strconv.Atoi(number)
		if cell, known := d.scope.cells[n]; known && err == nil {
			return fmt.Sprintf("%s (of %s)", name, cell)
		}
		return name
	})
}

// isLive says whether a name means the type that a cell of that number declared.
func (d *draft) isLive(name, number string) bool {
	obj := d.scope.live[name]
	return !d.owned[name] && obj != nil && obj.Pkg() != nil && obj.Pkg().Name() == "mainꞏ"+number
}
