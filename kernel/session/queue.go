package session

import (
	"context"
	"sync"
)

// queue holds requests in the order of their arrival. It has one taker; any goroutine may add.
type queue struct {
	mu      sync.Mutex
	waiting []request
	some    chan struct{} // holds a token when the queue is not empty
}

func newQueue() *queue {
	return &queue{some: make(chan struct{}, 1)}
}

// add never waits: the goroutine that reads a socket must not be held up by a cell that runs.
func (q *queue) add(r request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.some <- struct{}{}:
	default:
	}
}

// take waits for a request. It is false when ctx has ended, even if requests wait.
func (q *queue) take(ctx context.Context) (request, bool) {
	select {
	case <-ctx.Done():
		return request{}, false
	case <-q.some:
	}
	if ctx.Err() != nil {
		return request{}, false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.waiting[0]
	q.waiting[0] = request{}
	q.waiting = q.waiting[1:]
	if len(q.waiting) > 0 {
		q.signal()
	}
	return r, true
}

// drain empties the queue; its taker has ended.
func (q *queue) drain() []request {
	q.mu.Lock()
	defer q.mu.Unlock()
	rest := q.waiting
	q.waiting = nil
	return rest
}
