package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

// prompts are the questions that cells ask their users: one at a time, as front ends show them.
type prompts struct {
	turn chan struct{} // holds a token while a question is open

	mu     sync.Mutex
	answer chan string // of the open question; nil if there is none
}

func newPrompts() *prompts { return &prompts{turn: make(chan struct{}, 1)} }

// Why a cell gets no input.
var (
	errNoInput = errors.New("this front end takes no input (allow_stdin is false)")
	errEnded   = errors.New("there is no input for a cell that has ended")
)

// Stdin takes what comes over the stdin channel. Answers to nothing, such as a second one, are dropped.
func (s *Session) Stdin(m message.Message, _ func(message.Draft)) {
	if m.Header.Type != "input_reply" {
		return
	}
	var reply message.InputReply
	if err := json.Unmarshal(m.Content, &reply); err != nil {
		s.options.Log.Warn("an input_reply cannot be read", "error", err)
		return
	}
	s.prompts.mu.Lock()
	defer s.prompts.mu.Unlock()
	if s.prompts.answer != nil {
		s.prompts.answer <- reply.Value // has room for one
		s.prompts.answer = nil
	}
}

// ask asks the user of the client that sent r.
func (s *Session) ask(ctx context.Context, r request, q pipe.Question) (string, error) {
	select {
	case s.prompts.turn <- struct{}{}:
		defer func() { <-s.prompts.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	answer := s.prompts.open()
	defer s.prompts.close()
	draft := message.Draft{
		Type: "input_request", Parent: r.RawHeader, Content: message.InputRequest{Prompt: q.Prompt, Password: q.Password},
	}
	if err := s.publisher.Ask(ctx, r.Sender, draft); err != nil {
		return "", fmt.Errorf("ask for input: %w", err)
	}
	select {
	case text := <-answer:
		return text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (p *prompts) open() <-chan string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = make(chan string, 1)
	return p.answer
}

func (p *prompts) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = nil
}
