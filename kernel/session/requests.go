package session

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/joey-go/joey/kernel/message"
)

const (
	executeRequest  = "execute_request"
	shutdownRequest = "shutdown_request"
)

// shellHandler finds the handler of a message on shell; nil if there is none.
func shellHandler(kind string) handler {
	switch kind {
	case executeRequest:
		return execute
	case "is_complete_request":
		return isComplete
	case "complete_request":
		return complete
	case "inspect_request":
		return inspect
	case "history_request":
		return history
	case "comm_info_request":
		return commInfo
	case "comm_open", "comm_msg", "comm_close":
		return commMessage
	case "kernel_info_request":
		return kernelInfo
	case shutdownRequest: // older clients send it here
		return shutdown
	default:
		return nil
	}
}

// controlHandler finds the handler of a message on control.
func controlHandler(kind string) handler {
	switch kind {
	case "interrupt_request":
		return interrupt
	case shutdownRequest:
		return shutdown
	case "kernel_info_request":
		return kernelInfo
	default:
		return nil
	}
}

func kernelInfo(s *Session, _ context.Context, _ request) (any, error) {
	info := s.options.Info
	info.Status, info.ProtocolVersion = message.OK, message.Version
	if info.HelpLinks == nil {
		info.HelpLinks = []message.Link{}
	}
	return info, nil
}

func isComplete(s *Session, ctx context.Context, r request) (any, error) {
	var asked message.IsCompleteRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	c, err := s.runner.IsComplete(ctx, asked.Code)
	if err != nil {
		return nil, err
	}
	return message.IsCompleteReply{Status: c.Status, Indent: c.Indent}, nil
}

func interrupt(s *Session, _ context.Context, _ request) (any, error) {
	s.Interrupt()
	return message.StatusReply{Status: message.OK}, nil
}

// shutdown replies and tells all other clients too; the loop ends the session after idle.
func shutdown(s *Session, _ context.Context, r request) (any, error) {
	var asked message.Shutdown
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	reply := message.Shutdown{Status: message.OK, Restart: asked.Restart}
	s.publish(&r, "shutdown_reply", reply)
	return reply, nil
}

func decode(r request, content any) error {
	if err := json.Unmarshal(r.Content, content); err != nil {
		return fmt.Errorf("content of %s: %w", r.Header.Type, err)
	}
	return nil
}
