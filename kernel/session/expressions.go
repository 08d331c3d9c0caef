package session

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

// evaluate answers the user_expressions of a cell that ran. Each is a cell of its own that nobody sees: it is not counted, and what
// it prints is dropped.
func (s *Session) evaluate(ctx context.Context, cell pipe.Cell, out *outputs, expressions map[string]string) map[string]any {
	out.mute(true)
	defer out.mute(false) // what the cell's goroutines print later is the cell's
	answers := make(map[string]any, len(expressions))
	for name, code := range expressions {
		answers[name] = s.expression(ctx, pipe.Cell{Count: cell.Count, Code: code}, out)
	}
	return answers
}

func (s *Session) expression(ctx context.Context, cell pipe.Cell, out *outputs) any {
	s.runs++
	cell.ID = strconv.Itoa(s.runs)
	outcome, err := s.runner.Run(ctx, cell, out)
	switch {
	case err != nil:
		return failed("KernelError", err)
	case outcome.Fault != nil:
		return message.ErrorReply{Status: message.Failed, Error: errorOf(*outcome.Fault)}
	case outcome.Result == nil:
		return message.Expression{Status: message.OK, Data: map[string]any{}, Metadata: map[string]any{}}
	}
	return message.Expression{Status: message.OK, Data: outcome.Result.Data, Metadata: orEmpty(outcome.Result.Metadata)}
}

// asks are the forms of a question. They are compiled when one is met: that takes a noticeable part of a kernel's start.
var asks = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`^\s*\?\??\s*([\pL\pN_./]*)\s*$`),
		regexp.MustCompile(`^\s*([\pL\pN_./]+)\s*\?\??\s*$`),
	}
})

// question is the word that a cell asks about: "?strings.Cut", or "strings.Cut?" as in IPython. Neither is Go.
func question(code string) (word string, found bool) {
	if !strings.Contains(code, "?") {
		return "", false
	}
	for _, form := range asks() {
		if m := form.FindStringSubmatch(code); m != nil {
			return m[1], true
		}
	}
	return "", false
}

// page answers a cell that asks what a word means: in the front end's pager.
func (s *Session) page(ctx context.Context, cell pipe.Cell, word string) (any, error) {
	explained, err := s.runner.Explain(ctx, pipe.Cursor{Code: word, Pos: len([]rune(word))})
	if err != nil {
		return nil, err
	}
	if len(explained.Data) == 0 {
		explained.Data = map[string]any{"text/plain": "There is nothing to say about " + strconv.Quote(word) + "."}
	}
	return message.ExecuteReply{
		Status: message.OK, Count: cell.Count, UserExpressions: map[string]any{},
		Payload: []any{message.Page{Source: "page", Data: explained.Data}},
	}, nil
}

func errorOf(f pipe.Fault) message.Error {
	e := message.Error{Name: f.Name, Value: f.Value, Traceback: f.Traceback}
	if len(e.Traceback) == 0 { // front ends show nothing else
		e.Traceback = []string{f.Name + ": " + f.Value}
	}
	return e
}
