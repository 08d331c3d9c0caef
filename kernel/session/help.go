package session

import (
	"context"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

// complete answers on the shell channel like any request, so behind a cell that runs it is late. It does not overtake: front ends would
// take the idle that follows it for the cell's.
func complete(s *Session, ctx context.Context, r request) (any, error) {
	var asked message.CompleteRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	found, err := s.runner.Suggest(ctx, pipe.Cursor{Code: asked.Code, Pos: asked.Cursor})
	if err != nil {
		return nil, err
	}
	reply := message.CompleteReply{
		Status: message.OK, Matches: []string{}, Start: found.Start, End: found.End,
		Metadata: message.CompleteMetadata{Types: []message.CompleteType{}},
	}
	for _, item := range found.Items {
		reply.Matches = append(reply.Matches, item.Label)
		reply.Metadata.Types = append(reply.Metadata.Types, message.CompleteType{
			Start: found.Start, End: found.End, Text: item.Text, Type: icon(item.Kind), Signature: item.Type,
		})
	}
	return reply, nil
}

// icon is JupyterLab's name for a kind; it knows those of Python.
func icon(kind string) string {
	switch kind {
	case "package":
		return "module"
	case "type":
		return "class"
	case "method":
		return "function"
	case "field":
		return "property"
	case "variable":
		return "instance"
	default:
		return kind
	}
}

func inspect(s *Session, ctx context.Context, r request) (any, error) {
	var asked message.InspectRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	explained, err := s.runner.Explain(ctx, pipe.Cursor{Code: asked.Code, Pos: asked.Cursor})
	if err != nil {
		return nil, err
	}
	reply := message.InspectReply{Status: message.OK, Found: len(explained.Data) > 0, Data: explained.Data, Metadata: explained.Metadata}
	if reply.Data == nil {
		reply.Data = map[string]any{}
	}
	if reply.Metadata == nil {
		reply.Metadata = map[string]any{}
	}
	return reply, nil
}
