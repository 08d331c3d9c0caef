package closure

// registerTemplates adds plain Go funcs for the signatures that callbacks have most: a call of one takes a tenth of one through reflect.
func registerTemplates(m *funcMaker) {
	register(m, procedure0)
	for _, f := range []func(*funcMaker){registerOf[int], registerOf[string], registerOf[float64], registerOf[bool], registerOf[any]} {
		f(m)
	}
}

func registerOf[A any](m *funcMaker) {
	register(m, function0[A])
	register(m, procedure1[A])
	register(m, procedure2[A, A])
	register(m, procedure2[int, A])
	register(m, function1[A, int])
	register(m, function1[A, string])
	register(m, function1[A, float64])
	register(m, function1[A, bool])
	register(m, function1[A, any])
	register(m, function2[A, A, int])
	register(m, function2[A, A, bool])
	register(m, function2[A, A, A])
}

func procedure0(k *closure) func() {
	return func() {
		f, g := k.begin()
		f.enter(g.thread, g)
		k.end(g)
	}
}

func procedure1[A any](k *closure) func(A) {
	return func(a A) {
		f, g := k.begin()
		s := k.kind.signature
		*(*A)(at(g, s.params[0])) = a
		f.enter(g.thread, g)
		k.end(g)
	}
}

func procedure2[A, B any](k *closure) func(A, B) {
	return func(a A, b B) {
		f, g := k.begin()
		s := k.kind.signature
		*(*A)(at(g, s.params[0])) = a
		*(*B)(at(g, s.params[1])) = b
		f.enter(g.thread, g)
		k.end(g)
	}
}

func function0[R any](k *closure) func() R {
	return func() R {
		f, g := k.begin()
		f.enter(g.thread, g)
		r := *(*R)(at(g, k.kind.signature.results[0]))
		k.end(g)
		return r
	}
}

func function1[A, R any](k *closure) func(A) R {
	return func(a A) R {
		f, g := k.begin()
		s := k.kind.signature
		*(*A)(at(g, s.params[0])) = a
		f.enter(g.thread, g)
		r := *(*R)(at(g, s.results[0]))
		k.end(g)
		return r
	}
}

func function2[A, B, R any](k *closure) func(A, B) R {
	return func(a A, b B) R {
		f, g := k.begin()
		s := k.kind.signature
		*(*A)(at(g, s.params[0])) = a
		*(*B)(at(g, s.params[1])) = b
		f.enter(g.thread, g)
		r := *(*R)(at(g, s.results[0]))
		k.end(g)
		return r
	}
}
