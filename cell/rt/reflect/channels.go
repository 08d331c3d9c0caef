package reflect

import "reflect"

// SelectCase is reflect.SelectCase.
type SelectCase struct {
	Dir  reflect.SelectDir
	Chan Value
	Send Value
}

// Select is reflect.Select.
func (m *Mirror) Select(cases []SelectCase) (chosen int, recv Value, recvOK bool) {
	list := make([]reflect.SelectCase, len(cases))
	blocking := true
	for i, c := range cases {
		list[i] = c.prepared()
		if c.Dir == reflect.SelectDefault {
			if !blocking {
				fail("reflect.Select: multiple default cases")
			}
			blocking = false
		}
	}
	choose := m.host.Choose
	if !blocking {
		choose = reflect.Select
	}
	i, x, ok := choose(list)
	if x.IsValid() {
		recv = cases[i].Chan.part(cases[i].Chan.t.Elem(), x)
	}
	return i, recv, ok
}

func (c SelectCase) prepared() reflect.SelectCase {
	p := reflect.SelectCase{Dir: c.Dir}
	switch c.Dir {
	case reflect.SelectDefault:
		if c.Chan.IsValid() {
			fail("reflect.Select: default case has Chan value")
		}
		if c.Send.IsValid() {
			fail("reflect.Select: default case has Send value")
		}
	case reflect.SelectSend:
		if !c.Chan.IsValid() {
			break
		}
		c.Chan.mustBe("Select", reflect.Chan)
		c.Chan.mustBeExported("Select")
		if c.Chan.t.ChanDir()&reflect.SendDir == 0 {
			fail("reflect.Select: SendDir case using recv-only channel")
		}
		if !c.Send.IsValid() {
			fail("reflect.Select: SendDir case missing Send value")
		}
		c.Send.mustBeExported("Select")
		p.Chan, p.Send = c.Chan.v, c.Send.assignTo("reflect.Select", desc(c.Chan.t.Elem()), c.Chan.v.Type().Elem())
	case reflect.SelectRecv:
		if c.Send.IsValid() {
			fail("reflect.Select: RecvDir case has Send value")
		}
		if !c.Chan.IsValid() {
			break
		}
		c.Chan.mustBe("Select", reflect.Chan)
		c.Chan.mustBeExported("Select")
		if c.Chan.t.ChanDir()&reflect.RecvDir == 0 {
			fail("reflect.Select: RecvDir case using send-only channel")
		}
		p.Chan = c.Chan.v
	default:
		fail("reflect.Select: invalid Dir")
	}
	return p
}

// mustBeChan panics if v is no channel, or not of the direction.
func (v Value) mustBeChan(method string, dir reflect.ChanDir, only string) {
	v.mustBe(method, reflect.Chan)
	v.mustBeExported(method)
	if v.t.ChanDir()&dir == 0 {
		fail("reflect: %s on %s-only channel", map[reflect.ChanDir]string{reflect.SendDir: "send", reflect.RecvDir: "recv"}[dir], only)
	}
}

// Send is v <- x.
func (v Value) Send(x Value) {
	v.mustBeChan("Send", reflect.SendDir, "recv")
	e := x.assignTo("reflect.Value.Send", desc(v.t.Elem()), v.v.Type().Elem())
	defer raise()
	v.t.m.host.Choose([]reflect.SelectCase{{Dir: reflect.SelectSend, Chan: v.v, Send: e}})
}

// TrySend is Send if that does not block.
func (v Value) TrySend(x Value) bool {
	v.mustBeChan("TrySend", reflect.SendDir, "recv")
	e := x.assignTo("reflect.Value.Send", desc(v.t.Elem()), v.v.Type().Elem())
	defer raise()
	return v.v.TrySend(e)
}

// Recv is <-v.
func (v Value) Recv() (x Value, ok bool) {
	v.mustBeChan("Recv", reflect.RecvDir, "send")
	_, e, ok := v.t.m.host.Choose([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: v.v}})
	return v.part(v.t.Elem(), e), ok
}

// TryRecv is Recv if that does not block.
func (v Value) TryRecv() (x Value, ok bool) {
	v.mustBeChan("TryRecv", reflect.RecvDir, "send")
	e, ok := v.v.TryRecv()
	if !e.IsValid() {
		return Value{}, false
	}
	return v.part(v.t.Elem(), e), ok
}

// Close is the builtin.
func (v Value) Close() {
	v.mustBe("Close", reflect.Chan)
	v.mustBeExported("Close")
	if v.t.ChanDir()&reflect.SendDir == 0 {
		fail("reflect: close of receive-only channel")
	}
	defer raise()
	v.v.Close()
}
