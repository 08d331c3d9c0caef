package facts

import "go/types"

// LeadsTo reports that t mentions the type key, other than in a struct, and in a func only if funcs says so.
func (s *Types) LeadsTo(t, key types.Type, funcs bool, seen map[types.Type]bool) bool {
	if _, ok := t.Underlying().(*types.Struct); ok {
		return false
	}
	t = types.Unalias(t)
	if types.Identical(t, key) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	in := func(t types.Type) bool { return s.LeadsTo(t, key, funcs, seen) }
	switch t := t.(type) {
	case *types.Named:
		return !types.IsInterface(t) && s.Interpreted(t.Obj().Pkg()) && in(t.Underlying())
	case *types.Map:
		return in(t.Key()) || in(t.Elem())
	case *types.Signature:
		return funcs && (anyVar(t.Params(), in) || anyVar(t.Results(), in))
	case interface{ Elem() types.Type }:
		return in(t.Elem())
	}
	return false
}

// Recursive reports a func type that contains itself without a struct between.
func (s *Types) Recursive(t *types.Named) bool {
	sg, ok := t.Underlying().(*types.Signature)
	seen := map[types.Type]bool{}
	in := func(v types.Type) bool { return s.LeadsTo(v, t, true, seen) }
	return ok && (anyVar(sg.Params(), in) || anyVar(sg.Results(), in))
}

// Reaches reports that t mentions the struct type key.
func (s *Types) Reaches(t, key types.Type, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if types.Identical(t, key) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	in := func(t types.Type) bool { return s.Reaches(t, key, seen) }
	switch t := t.(type) {
	case *types.Named:
		return !types.IsInterface(t) && s.Interpreted(t.Obj().Pkg()) && in(t.Underlying())
	case *types.Map:
		return in(t.Key()) || in(t.Elem())
	case *types.Struct:
		return AnyField(t, in)
	case *types.Signature:
		return anyVar(t.Params(), in) || anyVar(t.Results(), in)
	case interface{ Elem() types.Type }:
		return in(t.Elem())
	}
	return false
}
