package worker

import (
	"sync"

	"github.com/joey-go/joey/kernel/pipe"
)

// questions are those of cells that wait for an answer, by their IDs. The zero value has none.
type questions struct {
	mu      sync.Mutex
	last    int
	waiting map[int]chan pipe.Answer
}

func (q *questions) open() (id int, answer <-chan pipe.Answer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == nil {
		q.waiting = map[int]chan pipe.Answer{}
	}
	q.last++
	c := make(chan pipe.Answer, 1)
	q.waiting[q.last] = c
	return q.last, c
}

func (q *questions) close(id int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiting, id)
}

// answer drops what nobody waits for any more.
func (q *questions) answer(a pipe.Answer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if c := q.waiting[a.Question]; c != nil {
		c <- a // has room
		delete(q.waiting, a.Question)
	}
}
