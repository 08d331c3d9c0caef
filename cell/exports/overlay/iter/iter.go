// Package iter is the standard library's, without the coroutines of the runtime, which interpreted code cannot switch: Pull and Pull2
// run the iterator in a goroutine of its own and never at the same time as the caller. It imports runtime only.
package iter

import "runtime"

// Seq is an iterator over sequences of individual values.
type Seq[V any] func(yield func(V) bool)

// Seq2 is an iterator over sequences of pairs of values.
type Seq2[K, V any] func(yield func(K, V) bool)

// puller is the state of one Pull. The two sides take turns by sending on resume and on paused.
type puller[K, V any] struct {
	resume, paused chan struct{}
	key            K
	value          V
	ok             bool // key and value are valid
	started, done  bool
	finished       bool // seq returned; else it panicked or called Goexit
	panicked       any
}

// Pull converts the push-style iterator seq into a pull-style iterator.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	next2, stop := Pull2(func(yield func(struct{}, V) bool) {
		seq(func(v V) bool { return yield(struct{}{}, v) })
	})
	return func() (V, bool) { _, v, ok := next2(); return v, ok }, stop
}

// Pull2 converts the push-style iterator seq into a pull-style iterator.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	p := &puller[K, V]{resume: make(chan struct{}), paused: make(chan struct{})}
	next = func() (k K, v V, ok bool) {
		if p.done {
			return
		}
		p.turn(seq)
		return p.key, p.value, p.ok
	}
	stop = func() {
		if p.done {
			return
		}
		p.done = true
		if p.started {
			p.turn(seq)
		}
	}
	return next, stop
}

// turn lets the iterator run until it yields or ends, and passes on its panic or Goexit.
func (p *puller[K, V]) turn(seq Seq2[K, V]) {
	var zeroKey K
	var zeroValue V
	p.key, p.value, p.ok = zeroKey, zeroValue, false
	if !p.started {
		p.started = true
		go p.run(seq)
	} else {
		p.resume <- struct{}{}
	}
	<-p.paused
	if p.panicked != nil {
		v := p.panicked
		p.panicked = nil
		panic(v)
	}
	if p.done && p.started && !p.finished {
		runtime.Goexit()
	}
}

// run is the iterator's goroutine. It ends when seq returns, after stop at its next yield.
func (p *puller[K, V]) run(seq Seq2[K, V]) {
	defer func() {
		if r := recover(); r != nil {
			p.panicked = r
			p.finished = true
		}
		p.done = true
		p.paused <- struct{}{}
	}()
	seq(p.yield)
	p.finished = true
}

func (p *puller[K, V]) yield(k K, v V) bool {
	if p.done {
		return false
	}
	p.key, p.value, p.ok = k, v, true
	p.paused <- struct{}{}
	<-p.resume
	return !p.done
}
