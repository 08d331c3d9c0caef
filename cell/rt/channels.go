package rt

import "reflect"

// MakeChan is make(chan T, n).
func (r *Runtime) MakeChan(dst, n any) {
	d, size := elem(dst), integer(n)
	if size < 0 || size > maxElements {
		panic(plainError("makechan: size out of range"))
	}
	d.Set(reflect.MakeChan(reflect.ChanOf(reflect.BothDir, d.Type().Elem()), size).Convert(d.Type()))
}

// Send is c <- v. What blocks ends when the cell is interrupted.
func (r *Runtime) Send(c, v any) {
	ch := elem(c)
	x := as(ch.Type().Elem(), elem(v))
	if !ch.IsNil() && ch.TrySend(x) {
		return
	}
	r.choose("chan send", []reflect.SelectCase{{Dir: reflect.SelectSend, Chan: ch, Send: x}})
}

// Receive is v, ok = <-c.
func (r *Runtime) Receive(c, dst any) bool {
	ch := elem(c)
	if !ch.IsNil() {
		if x, ok := ch.TryRecv(); x.IsValid() {
			assign(elem(dst), x)
			return ok
		}
	}
	_, x, ok := r.choose("chan receive", []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: ch}})
	assign(elem(dst), x)
	return ok
}

// Close is the builtin.
func (r *Runtime) Close(c any) {
	ch := elem(c)
	if ch.IsNil() {
		panic(plainError("close of nil channel"))
	}
	ch.Close()
}

// Select waits for a case. operands holds three for each: whether it sends, the channel, and the value to send or the
// variable to receive into. index is -1 for the default case, which there is if the select does not block.
func (r *Runtime) Select(blocking bool, index, ok any, operands ...any) {
	var cases []reflect.SelectCase
	for i := 0; i < len(operands); i += 3 {
		if operands[i].(bool) {
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectSend, Chan: elem(operands[i+1]), Send: as(elem(operands[i+1]).Type().Elem(), elem(operands[i+2]))})
		} else {
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: elem(operands[i+1])})
		}
	}
	var k int
	var v reflect.Value
	var received bool
	if blocking {
		k, v, received = r.choose("select", cases)
	} else {
		k, v, received = reflect.Select(append(cases, reflect.SelectCase{Dir: reflect.SelectDefault}))
		if k == len(cases) {
			k = -1
		}
	}
	elem(index).SetInt(int64(k))
	elem(ok).SetBool(received)
	if k >= 0 && v.IsValid() {
		assign(elem(operands[3*k+2]), v)
	}
}

// choose blocks until a case can go on, or the cell is interrupted.
func (r *Runtime) choose(op string, cases []reflect.SelectCase) (int, reflect.Value, bool) {
	n := len(cases)
	w := r.sleep(op)
	defer r.wake(w)
	k, v, ok := reflect.Select(append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(w.stop)}))
	if k == n {
		r.leave(r.stop.reason())
	}
	return k, v, ok
}
