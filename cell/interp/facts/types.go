package facts

import "go/types"

func Variables(t *types.Tuple) []*types.Var {
	var vs []*types.Var
	for v := range t.Variables() {
		vs = append(vs, v)
	}
	return vs
}

func Deref(t types.Type) types.Type { return t.Underlying().(*types.Pointer).Elem() }

func Basic(t types.Type) *types.Basic {
	b, _ := t.Underlying().(*types.Basic)
	return b
}

func IsPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func HasBlank(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for v := range u.Fields() {
			if v.Name() == "_" || HasBlank(v.Type()) {
				return true
			}
		}
	case *types.Array:
		return HasBlank(u.Elem())
	}
	return false
}

func AnyField(t *types.Struct, f func(types.Type) bool) bool {
	for v := range t.Fields() {
		if f(v.Type()) {
			return true
		}
	}
	return false
}

func anyVar(t *types.Tuple, f func(types.Type) bool) bool {
	for v := range t.Variables() {
		if f(v.Type()) {
			return true
		}
	}
	return false
}

// hasEncoding reports methods that encoders look for, of the type or its pointer.
func hasEncoding(t *types.Named) bool {
	for m := range t.Methods() {
		switch m.Name() {
		case "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", "MarshalXML", "UnmarshalXML",
			"MarshalXMLAttr", "UnmarshalXMLAttr", "MarshalBinary", "UnmarshalBinary", "GobEncode", "GobDecode", "Scan", "IsZero":
			return true
		}
	}
	return false
}

// mirrored reports a type of package reflect that cells have in a form of their own, which other compiled packages do not know.
func mirrored(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "reflect" {
		return false
	}
	switch n.Obj().Name() {
	case "Value", "Method", "StructField", "MapIter", "SelectCase":
		return true
	}
	return false
}

func PlainSignature(sg *types.Signature) types.Type {
	return types.NewSignatureType(nil, nil, nil, sg.Params(), sg.Results(), sg.Variadic())
}

// Types answers for the types of one program.
type Types struct {
	Interpreted func(*types.Package) bool // the package runs here; others are compiled
	InReflect   bool                      // what is asked about is package reflect's own
}

// exact reports that t is represented by itself: compiled code knows the same type, and values need no box.
func (s *Types) exact(t types.Type) bool { return s.same(t, true, map[types.Type]bool{}) }

// Plain reports that t is exact and has no interface in it: values pass the border to compiled code as they are.
func (s *Types) Plain(t types.Type) bool { return s.same(t, false, map[types.Type]bool{}) }

func (s *Types) same(t types.Type, emptyInterface bool, seen map[types.Type]bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return true
	}
	seen[t] = true
	in := func(t types.Type) bool { return s.same(t, emptyInterface, seen) }
	not := func(t types.Type) bool { return !in(t) }
	switch t := t.(type) {
	case *types.Basic:
		return true
	case *types.Named:
		return !types.IsInterface(t) && !s.Interpreted(t.Obj().Pkg()) && t.TypeArgs().Len() == 0 && (emptyInterface || s.InReflect || !mirrored(t))
	case *types.Interface:
		return emptyInterface && t.Empty()
	case *types.Map:
		return in(t.Key()) && in(t.Elem())
	case *types.Signature:
		return !t.Variadic() && !anyVar(t.Params(), not) && !anyVar(t.Results(), not)
	case *types.Struct:
		for v := range t.Fields() {
			if !v.Exported() || v.Embedded() {
				return false
			}
		}
		return !AnyField(t, not)
	case interface{ Elem() types.Type }:
		return in(t.Elem())
	}
	return false
}

// PlainSignature reports a signature of plain types.
func (s *Types) PlainSignature(sg *types.Signature) bool {
	if r := sg.Recv(); r != nil && !s.Plain(r.Type()) {
		return false
	}
	not := func(t types.Type) bool { return !s.Plain(t) }
	return !anyVar(sg.Params(), not) && !anyVar(sg.Results(), not)
}

// IsCompiled reports a type of a compiled package.
func (s *Types) IsCompiled(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && !s.Interpreted(n.Obj().Pkg())
}

// uncallable reports a method that only its compiled package can name.
func (s *Types) uncallable(m *types.Func) bool {
	return !m.Exported() && !s.Interpreted(m.Pkg()) && !types.IsInterface(m.Signature().Recv().Type())
}
