package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

// execute runs a cell. Its outputs are published before it returns, and so before the reply and idle: nbclient stops
// listening four seconds after the reply.
func execute(s *Session, ctx context.Context, r request) (any, error) {
	if s.isStopped(r) {
		return message.StatusReply{Status: message.Aborted}, nil
	}
	var asked message.ExecuteRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	cell, stored := s.number(asked)
	if cell.Silent {
		s.open(r)
	} else {
		s.publish(&r, "execute_input", message.ExecuteInput{Code: cell.Code, Count: cell.Count})
	}
	if word, asks := question(cell.Code); asks {
		return s.page(ctx, cell, word)
	}
	out := s.outputs(ctx, r, cell, isTrue(asked.AllowStdin))
	if strings.TrimSpace(cell.Code) != "" { // else there is nothing to run or to keep
		result, fault := s.run(ctx, r, cell, out)
		if stored {
			s.options.History.Add(Entry{Line: cell.Count, Input: cell.Code, Output: plain(result)})
		}
		if fault != nil {
			if isTrue(asked.StopOnError) {
				s.failure = time.Now()
			}
			return s.fail(r, cell, *fault), nil
		}
	}
	return message.ExecuteReply{
		Status: message.OK, Count: cell.Count, UserExpressions: s.evaluate(ctx, cell, out, asked.UserExpressions), Payload: out.payload(),
	}, nil
}

// number makes the next cell. One that is not stored in the history leaves the count as it was.
func (s *Session) number(asked message.ExecuteRequest) (cell pipe.Cell, stored bool) {
	stored = isTrue(asked.StoreHistory) && !asked.Silent
	count := s.count + 1
	if stored {
		s.count = count
	}
	s.runs++
	return pipe.Cell{ID: strconv.Itoa(s.runs), Count: count, Code: asked.Code, Silent: asked.Silent}, stored
}

// outputs is where a cell shows things and asks.
func (s *Session) outputs(ctx context.Context, r request, cell pipe.Cell, allowInput bool) *outputs {
	out := newOutputs(s.publisher, func(kind string, content any) {
		if !cell.Silent {
			s.publish(&r, kind, content)
		}
	}, func(c pipe.Comm) { s.sendComm(r, c) })
	if allowInput {
		out.takeInput(func(asking context.Context, q pipe.Question) (string, error) {
			asking, cancel := context.WithCancel(asking)
			defer cancel()
			defer context.AfterFunc(ctx, cancel)()
			return s.ask(asking, r, q)
		})
	}
	return out
}

// run hands the cell to the runner and publishes its result.
func (s *Session) run(ctx context.Context, r request, cell pipe.Cell, out *outputs) (*pipe.Bundle, *pipe.Fault) {
	outcome, err := s.runner.Run(ctx, cell, out)
	out.takeInput(func(context.Context, pipe.Question) (string, error) { return "", errEnded })
	out.flush()
	switch {
	case errors.Is(err, context.Canceled):
		return nil, &pipe.Fault{Name: "Interrupted", Value: "the cell was stopped before it began"}
	case err != nil:
		return nil, &pipe.Fault{Name: "KernelError", Value: err.Error()}
	}
	if outcome.Result != nil && !cell.Silent {
		s.publish(&r, "execute_result", message.ExecuteResult{
			Count: cell.Count, Data: outcome.Result.Data, Metadata: orEmpty(outcome.Result.Metadata),
		})
	}
	return outcome.Result, outcome.Fault
}

// fail reports a fault: one error on iopub, and the reply.
func (s *Session) fail(r request, cell pipe.Cell, f pipe.Fault) message.ExecuteError {
	e := errorOf(f)
	if !cell.Silent {
		s.publish(&r, "error", e)
	}
	return message.ExecuteError{ErrorReply: message.ErrorReply{Status: message.Failed, Error: e}, Count: cell.Count}
}

// inFlight is how long a request may have been on its way when a cell failed.
const inFlight = 100 * time.Millisecond

// isStopped reports whether a cell that failed stops r: r was in the queue by then, or its client had sent it before it
// could know. Without the second rule it would depend on microseconds whether the cells of one click on "run all" stop.
func (s *Session) isStopped(r request) bool {
	if s.failure.IsZero() || r.arrived.After(s.failure.Add(inFlight)) {
		return false
	}
	if r.arrived.Before(s.failure) {
		return true
	}
	sent, err := time.Parse(time.RFC3339Nano, r.Header.Date)
	return err == nil && sent.Before(s.failure)
}

// abort answers an execute_request that will not run.
func (s *Session) abort(ctx context.Context, r request) {
	s.answer(ctx, r, func(*Session, context.Context, request) (any, error) {
		return message.StatusReply{Status: message.Aborted}, nil
	})
}

func plain(b *pipe.Bundle) string {
	if b == nil || b.Data["text/plain"] == nil {
		return ""
	}
	return fmt.Sprint(b.Data["text/plain"])
}

// isTrue reads a flag that is true unless it says otherwise.
func isTrue(flag *bool) bool { return flag == nil || *flag }

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
