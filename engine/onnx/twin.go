package onnx

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	ort "github.com/yalue/onnxruntime_go"
)

// twin is a session that ONNX Runtime has of the model. Small runs on one session wait for each other's memory and locks: two at a time take
// as long as two in turn. So a run that finds another one under way goes to a twin, and the processors have one each.
type twin struct {
	*Session
	native *ort.DynamicAdvancedSession
	handle uintptr      // of native
	under  atomic.Int32 // runs under way

	mu     sync.Mutex
	closed bool
	ended  sync.Cond   // a call ended
	calls  []*call     // as many as runs were under way at once
	idle   []*call     // those of them that are not
	spare  []*slot     // no call has them; the one used last is the last
	last   [][]int64   // the shapes of the last call that had no slot
	ran    bool        // a run began since watch looked
	timer  *time.Timer // for watch; nil before the first run
	armed  bool        // it will fire
}

// smallModel is the most bytes of a model that gets twins. Each has its weights, and what is large takes so long that locks do not matter.
const smallModel = 4 << 20

func (s *Session) newTwin(model []byte, threads int, small bool) (*twin, error) {
	options, err := sessionOptions(threads, small)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	native, err := ort.NewDynamicAdvancedSessionWithONNXData(model, valueNames(s.inputs), valueNames(s.outputs), options)
	if err != nil {
		return nil, loadError(err)
	}
	t := &twin{Session: s, native: native, handle: handle(native, "OrtSession", "s", "ortSession")}
	t.ended.L = &t.mu
	return t, nil
}

// choose gives a twin for a run, one that has no other if there can be one. The caller leaves it.
func (s *Session) choose() *twin {
	t, _ := s.near.Get().(*twin)
	if t == nil {
		t = s.first
	}
	if t.under.Add(1) > 1 {
		if other := s.other(); other != nil {
			t.under.Add(-1)
			return other
		}
	}
	return t
}

func (s *Session) leave(t *twin) {
	t.under.Add(-1)
	s.near.Put(t)
}

// other gives a twin that has no run, or a new one. It is nil if that would be one too many, or somebody makes one.
func (s *Session) other() *twin {
	if !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	for _, t := range s.twins {
		if t.under.CompareAndSwap(0, 1) {
			return t
		}
	}
	if s.closed || len(s.twins) >= s.most {
		return nil
	}
	t, err := s.newTwin(s.model, 1, true)
	if err != nil {
		s.most = len(s.twins) // there is no memory for more, and those do
		return nil
	}
	t.under.Store(1)
	s.twins = append(s.twins, t)
	return t
}

// close waits for runs under way.
func (t *twin) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true // nothing begins any more
	for len(t.idle) < len(t.calls) {
		t.ended.Wait()
	}
	for _, slot := range t.spare { // which are bound to what goes next
		slot.destroy()
	}
	err := t.native.Destroy()
	for _, c := range t.calls {
		err = errors.Join(err, c.options.Destroy())
	}
	t.calls, t.idle, t.spare = nil, nil, nil
	if t.timer != nil {
		t.timer.Stop() // if it fires now, watch finds nothing
	}
	return err
}
