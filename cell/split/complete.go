package split

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"github.com/joey-go/joey/cell/source"
)

// Status is whether a text can run, in the words of Jupyter's is_complete_reply.
type Status string

const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete" // more text could mend it
	Invalid    Status = "invalid"    // no more text will
)

// IsComplete judges a text by its syntax. For an incomplete one, indent is what the next line starts with.
func IsComplete(src string) (status Status, indent string) {
	s := scanText(source.NewText("", src))
	if s.open {
		return Incomplete, ""
	}
	indent = strings.Repeat("\t", len(s.brackets))
	bad, more := s.unfinished(src)
	switch {
	case bad || len(s.errs) > 0:
		return Invalid, ""
	case more || len(s.brackets) > 0:
		return Incomplete, indent
	}
	return Complete, ""
}

// unfinished parses the text without closing the function that holds the statements: an error before the end is a mistake (bad), one
// at the end says that more is to come, except the one that misses our own brace.
func (s *scan) unfinished(src string) (bad, more bool) {
	end := len(strings.TrimRight(src, " \t\r\n"))
	judge := func(prefix, text string) {
		file, err := parser.ParseFile(token.NewFileSet(), "", prefix+text+"\n", parser.AllErrors|parser.SkipObjectResolution)
		var list scanner.ErrorList
		errors.As(err, &list)
		for i, e := range list { // in the order of finding: sorting would mix the errors that stand at the end
			offset := e.Pos.Offset - len(prefix)
			switch {
			case offset < end && !strings.Contains(e.Msg, "'EOF'"):
				bad = bad || i == 0
			case prefix == bodyPrefix && (e.Msg == "expected ';', found 'EOF'" || e.Msg == "expected '}', found 'EOF'"):
			default:
				more = true
			}
		}
		more = more || bodiless(file)
	}
	judge(filePrefix, s.only(src, importation))
	judge(filePrefix, s.only(src, declaration))
	judge(bodyPrefix, s.only(src, statement))
	return bad, more
}

// bodiless says that the body of a function is still to come.
func bodiless(file *ast.File) bool {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body == nil {
			return true
		}
	}
	return false
}
