package session

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
)

const commPrefix = "comm_"

// comms are those that are open, as the session has seen their messages pass.
type comms struct {
	mu     sync.Mutex
	target map[string]string // by ID
	queued map[string]int    // how many messages of a comm wait on shell, by ID
}

func newComms() *comms {
	return &comms{target: map[string]string{}, queued: map[string]int{}}
}

// commOf is the ID of the comm that a message is for, "" if it is for none.
func commOf(m message.Message) string {
	switch strings.TrimPrefix(m.Header.Type, commPrefix) {
	case pipe.CommOpen, pipe.CommMessage, pipe.CommClose:
		var content message.Comm
		if strings.HasPrefix(m.Header.Type, commPrefix) && json.Unmarshal(m.Content, &content) == nil {
			return content.ID
		}
	}
	return ""
}

// queue says whether a message keeps its place among the cells. What is for a comm that is open goes ahead of them, so that a cell that runs can
// wait for it, but not ahead of an earlier message of the comm.
func (c *comms) queue(id string) (waits bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, open := c.target[id]; open && c.queued[id] == 0 {
		return false
	}
	c.queued[id]++
	return true
}

// handled takes back queue.
func (c *comms) handled(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.queued[id]--; c.queued[id] <= 0 {
		delete(c.queued, id)
	}
}

// pass notes what a message opens or closes.
func (c *comms) pass(m pipe.Comm) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Kind {
	case pipe.CommOpen:
		c.target[m.ID] = m.Target
	case pipe.CommClose:
		delete(c.target, m.ID)
	}
}

func (c *comms) info(target string) map[string]message.CommInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := map[string]message.CommInfo{}
	for id, t := range c.target {
		if target == "" || t == target {
			list[id] = message.CommInfo{Target: t}
		}
	}
	return list
}

func commInfo(s *Session, _ context.Context, r request) (any, error) {
	var asked message.CommInfoRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	return message.CommInfoReply{Status: message.OK, Comms: s.comms.info(asked.Target)}, nil
}

// commMessage hands a message to the comm in the worker. It has no reply: what goes wrong is shown like an output.
func commMessage(s *Session, ctx context.Context, r request) (any, error) {
	var content message.Comm
	if err := decode(r, &content); err != nil {
		s.options.Log.Warn("a message of a comm cannot be read", "error", err)
		return nil, nil
	}
	m := pipe.Comm{
		Kind: strings.TrimPrefix(r.Header.Type, commPrefix), ID: content.ID, Target: content.Target,
		Data: content.Data, Metadata: r.Metadata, Buffers: r.Buffers,
	}
	out := newOutputs(s.publisher, func(kind string, content any) { s.publish(&r, kind, content) }, func(c pipe.Comm) { s.sendComm(r, c) })
	s.comms.pass(m)
	if err := s.runner.Comm(ctx, m, out); err != nil {
		out.Note(fmt.Sprintf("A message of a comm was not delivered: %v\n", err))
		out.flush()
		if m.Kind == pipe.CommOpen {
			s.sendComm(r, pipe.Comm{Kind: pipe.CommClose, ID: m.ID})
		}
	}
	return nil, nil
}

// sendComm publishes a comm's message.
func (s *Session) sendComm(r request, c pipe.Comm) {
	s.comms.pass(c)
	if len(c.Data) == 0 {
		c.Data = json.RawMessage("{}")
	}
	kind := commPrefix + c.Kind
	s.publisher.Publish(message.Draft{
		Type: kind, Parent: r.RawHeader, Content: message.Comm{ID: c.ID, Target: c.Target, Data: c.Data}, Metadata: c.Metadata, Buffers: c.Buffers,
	})
}
