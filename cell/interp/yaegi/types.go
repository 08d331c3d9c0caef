package yaegi

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"github.com/joey-go/joey/cell/interp/facts"
	"github.com/joey-go/joey/cell/rt"
)

// ty writes the type that represents t: named types are their underlying types, interfaces are any, and structs have
// names because yaegi compares struct types by name.
func (e *emitter) ty(t types.Type) string {
	t = types.Unalias(t)
	switch t := t.(type) {
	case *types.Basic:
		return e.basicType(t)
	case *types.Named:
		return e.namedType(t)
	case *types.Pointer:
		return "*" + e.part(t, t.Elem())
	case *types.Slice:
		return "[]" + e.part(t, t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + e.part(t, t.Elem())
	case *types.Map:
		return "map[" + e.part(t, t.Key()) + "]" + e.part(t, t.Elem())
	case *types.Chan:
		return e.chanType(t)
	case *types.Interface:
		return "any"
	case *types.Struct:
		return e.structType(t, t)
	case *types.Signature:
		return "func" + e.signature(t)
	}
	e.refuse("", "the type %s", t)
	return ""
}

func (e *emitter) basicType(t *types.Basic) string {
	switch t.Kind() {
	case types.UnsafePointer:
		return "rt.Pointer"
	case types.UntypedNil, types.Invalid:
		return "any"
	}
	return types.Default(t).String()
}

func (e *emitter) namedType(t *types.Named) string {
	if types.IsInterface(t) {
		return "any"
	}
	obj := t.Obj()
	if obj.Name() == "deferStack" && !obj.Pos().IsValid() { // go/ssa's own type for what range functions defer
		return "*rt.Defers"
	}
	if e.p.Interpreted(obj.Pkg()) {
		return e.ownType(t)
	}
	name := obj.Name()
	if t.TypeArgs().Len() > 0 {
		if obj.Pkg().Path() != "sync/atomic" { // Pointer
			e.refuse(facts.GenericHint(obj), "the generic compiled type %s", t)
		}
		return "rt.AtomicPointer"
	}
	if obj.Pkg().Path() == "runtime/cgo" && name == "Incomplete" { // reflect, with which yaegi makes variables, allocates none
		e.refuse("without C there is no use for it", "the compiled type %s", t)
	}
	if !obj.Exported() {
		name = "Hidden_" + name
	}
	if _, ok := e.rt.Symbol(obj.Pkg().Path(), name); !ok && !obj.Exported() {
		e.refuse("use it through the package's exported names", "the unexported compiled type %s", t)
	} else if !ok {
		e.refuse("the package has no such symbol on this platform", "the compiled type %s", t)
	}
	return e.symbol(obj.Pkg().Path(), name)
}

func (e *emitter) ownType(t *types.Named) string {
	if st, ok := t.Underlying().(*types.Struct); ok {
		return e.structType(t, st)
	}
	if sg, ok := t.Underlying().(*types.Signature); ok && e.Recursive(t) {
		return "func" + e.cutSignature(t, sg)
	}
	if e.visiting[t] {
		e.refuse("give the func type a name: type F func(…)", "the type %s, which contains itself through a func type without a name", t.Obj().Name())
	}
	e.visiting[t] = true
	defer delete(e.visiting, t)
	return e.ty(t.Underlying())
}

func (e *emitter) chanType(t *types.Chan) string {
	el := e.part(t, t.Elem())
	switch t.Dir() {
	case types.RecvOnly:
		return "<-chan " + el
	case types.SendOnly:
		return "chan<- " + el
	}
	if strings.HasPrefix(el, "<-") {
		el = "(" + el + ")"
	}
	return "chan " + el
}

func (e *emitter) signature(t *types.Signature) string {
	return "(" + strings.Join(e.tys(t.Params()), ", ") + ")" + resultList(e.tys(t.Results()))
}

func (e *emitter) tys(t *types.Tuple) []string {
	var s []string
	for v := range t.Variables() {
		s = append(s, e.ty(v.Type()))
	}
	return s
}

func resultList(rs []string) string {
	switch len(rs) {
	case 0:
		return ""
	case 1:
		return " " + rs[0]
	}
	return " (" + strings.Join(rs, ", ") + ")"
}

// structType declares a struct type; key is the named type, or the struct type itself.
func (e *emitter) structType(key types.Type, st *types.Struct) string {
	if st.NumFields() == 0 {
		return "struct{}"
	}
	if n := e.structs.At(key); n != nil {
		return n.(string)
	}
	name := e.name("T")
	e.structs.Set(key, name)
	written := false
	defer func() {
		if !written { // refused: the name is not declared
			e.structs.Delete(key)
		}
	}()
	var b strings.Builder
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for i := range st.NumFields() {
		fmt.Fprintf(&b, "\t%s %s", field(st, i), e.fieldType(key, st.Field(i).Type()))
		if tag := st.Tag(i); tag != "" {
			b.WriteString(" " + strconv.Quote(tag))
		}
		b.WriteString("\n")
	}
	e.head.WriteString(b.String() + "}\n")
	written = true
	return name
}

// field names a field.
func field(st *types.Struct, i int) string { return rt.FieldName(st, i) }
