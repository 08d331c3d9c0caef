package reflect

import (
	"go/types"
	"iter"
	"reflect"
	"runtime"
	"strings"
)

// sizes are those of compiled Go.
var sizes = types.SizesFor("gc", runtime.GOARCH)

func (t *rtype) String() string {
	if t.compiled != nil {
		return t.compiled.String()
	}
	return t.m.host.TypeString(t.own)
}

func (t *rtype) Name() string {
	if t.compiled != nil {
		return t.compiled.Name()
	}
	named, ok := t.own.(*types.Named)
	if !ok {
		return ""
	}
	text := t.String()
	bracket := strings.IndexByte(text+"[", '[') // type arguments have dots of their own
	return text[strings.LastIndexByte(text[:bracket], '.')+1:][:len(named.Obj().Name())+len(text)-bracket]
}

func (t *rtype) PkgPath() string {
	if t.compiled != nil {
		return PkgPath(t.compiled)
	}
	if named, ok := t.own.(*types.Named); ok && named.Obj().Pkg() != nil {
		return named.Obj().Pkg().Path()
	}
	return ""
}

func (t *rtype) Size() uintptr {
	if t.compiled != nil {
		return t.compiled.Size()
	}
	return uintptr(sizes.Sizeof(t.own))
}

func (t *rtype) Align() int {
	if t.compiled != nil {
		return t.compiled.Align()
	}
	return int(sizes.Alignof(t.own))
}

func (t *rtype) FieldAlign() int { return t.Align() }

func (t *rtype) Kind() reflect.Kind {
	if t.compiled != nil {
		return t.compiled.Kind()
	}
	switch u := t.under().(type) {
	case *types.Basic:
		return basics[u.Kind()].Kind()
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Struct:
		return reflect.Struct
	case *types.Interface:
		return reflect.Interface
	case *types.Signature:
		return reflect.Func
	}
	return reflect.Invalid
}

func (t *rtype) Comparable() bool {
	if t.compiled != nil {
		return t.compiled.Comparable()
	}
	return types.Comparable(t.own)
}

func (t *rtype) Bits() int {
	if k := t.Kind(); k < reflect.Int || k > reflect.Complex128 {
		fail("reflect: Bits of non-arithmetic Type %s", t)
	}
	return int(t.Size() * 8)
}

func (t *rtype) ChanDir() reflect.ChanDir {
	if t.compiled != nil {
		defer raise()
		return t.compiled.ChanDir()
	}
	c, ok := t.under().(*types.Chan)
	if !ok {
		fail("reflect: ChanDir of non-chan type %s", t)
	}
	return Direction(c)
}

func (t *rtype) Elem() Type {
	if t.compiled != nil {
		defer raise()
		return t.wrap(t.compiled.Elem())
	}
	u, ok := t.under().(interface{ Elem() types.Type })
	if !ok {
		fail("reflect: Elem of invalid type %s", t)
	}
	return t.m.of(u.Elem())
}

func (t *rtype) Key() Type {
	if t.compiled != nil {
		defer raise()
		return t.wrap(t.compiled.Key())
	}
	u, ok := t.under().(*types.Map)
	if !ok {
		fail("reflect: Key of non-map type %s", t)
	}
	return t.m.of(u.Key())
}

func (t *rtype) Len() int {
	if t.compiled != nil {
		defer raise()
		return t.compiled.Len()
	}
	u, ok := t.under().(*types.Array)
	if !ok {
		fail("reflect: Len of non-array type %s", t)
	}
	return int(u.Len())
}

// signature is the func type that only the checker knows.
func (t *rtype) signature(asked string) *types.Signature {
	u, ok := t.under().(*types.Signature)
	if !ok {
		fail("reflect: %s of non-func type %s", asked, t)
	}
	return u
}

func (t *rtype) IsVariadic() bool {
	if t.compiled != nil {
		defer raise()
		return t.compiled.IsVariadic()
	}
	return t.signature("IsVariadic").Variadic()
}

func (t *rtype) NumIn() int {
	if t.compiled != nil {
		defer raise()
		return t.compiled.NumIn()
	}
	return t.signature("NumIn").Params().Len()
}

func (t *rtype) NumOut() int {
	if t.compiled != nil {
		defer raise()
		return t.compiled.NumOut()
	}
	return t.signature("NumOut").Results().Len()
}

func (t *rtype) In(i int) Type {
	if t.compiled != nil {
		defer raise()
		return t.wrap(t.compiled.In(i))
	}
	return t.at(t.signature("In").Params(), i)
}

func (t *rtype) Out(i int) Type {
	if t.compiled != nil {
		defer raise()
		return t.wrap(t.compiled.Out(i))
	}
	return t.at(t.signature("Out").Results(), i)
}

func (t *rtype) at(list *types.Tuple, i int) Type {
	if i < 0 || i >= list.Len() {
		outOfRange(i, list.Len())
	}
	return t.m.of(list.At(i).Type())
}

// outOfRange raises Go's own error.
func outOfRange(i, n int) {
	defer raise()
	_ = make([]struct{}, n)[i]
}

func (t *rtype) Ins() iter.Seq[Type] { return each(t.NumIn(), t.In) }

func (t *rtype) Outs() iter.Seq[Type] { return each(t.NumOut(), t.Out) }

func (t *rtype) Fields() iter.Seq[StructField] { return each(t.NumField(), t.Field) }

func (t *rtype) Methods() iter.Seq[Method] { return each(t.NumMethod(), t.Method) }

func each[T any](n int, at func(int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range n {
			if !yield(at(i)) {
				return
			}
		}
	}
}

func (t *rtype) OverflowComplex(x complex128) bool {
	return t.zeroOf("OverflowComplex").OverflowComplex(x)
}

func (t *rtype) OverflowFloat(x float64) bool { return t.zeroOf("OverflowFloat").OverflowFloat(x) }

func (t *rtype) OverflowInt(x int64) bool { return t.zeroOf("OverflowInt").OverflowInt(x) }

func (t *rtype) OverflowUint(x uint64) bool { return t.zeroOf("OverflowUint").OverflowUint(x) }

// zeroOf is a number to ask in place of its type.
func (t *rtype) zeroOf(method string) reflect.Value {
	k := t.Kind()
	complexes := k == reflect.Complex64 || k == reflect.Complex128
	floats := k == reflect.Float32 || k == reflect.Float64
	ints := reflect.Int <= k && k <= reflect.Int64
	uints := reflect.Uint <= k && k <= reflect.Uintptr
	if want := map[string]bool{"OverflowComplex": complexes, "OverflowFloat": floats, "OverflowInt": ints, "OverflowUint": uints}; !want[method] {
		fail("reflect: %s of non-%s type %s", method, strings.ToLower(strings.TrimPrefix(method, "Overflow")), t)
	}
	return reflect.Zero(t.repr())
}

func (t *rtype) CanSeq() bool { return len(t.iterated(1)) == 1 }

func (t *rtype) CanSeq2() bool { return len(t.iterated(2)) == 2 }

// iterated are the types of the n variables of a range, none if there cannot be so many.
func (t *rtype) iterated(n int) []*rtype {
	if t.Kind() == reflect.Func {
		return t.yielded(n)
	}
	one := map[int]*rtype{1: t.m.ofCompiled(basics[types.Int])}[n]
	index := t.m.ofCompiled(basics[types.Int])
	switch k := t.Kind(); {
	case k >= reflect.Int && k <= reflect.Uintptr && n == 1:
		return []*rtype{t}
	case k == reflect.Chan && n == 1:
		return []*rtype{desc(t.Elem())}
	case k == reflect.Map && n == 1:
		return []*rtype{desc(t.Key())}
	case k == reflect.Map:
		return []*rtype{desc(t.Key()), desc(t.Elem())}
	case k == reflect.Pointer && t.Elem().Kind() == reflect.Array:
		return desc(t.Elem()).iterated(n)
	case k == reflect.String && n == 2:
		return []*rtype{index, t.m.ofCompiled(basics[types.Int32])}
	case (k == reflect.Slice || k == reflect.Array) && n == 2:
		return []*rtype{index, desc(t.Elem())}
	case k == reflect.Slice || k == reflect.Array || k == reflect.String:
		return []*rtype{one}
	}
	return nil
}

func (t *rtype) yielded(n int) (list []*rtype) {
	if t.NumIn() != 1 || t.NumOut() != 0 || t.In(0).Kind() != reflect.Func {
		return nil
	}
	yield := t.In(0)
	if yield.NumIn() != n || yield.NumOut() != 1 || yield.Out(0).Kind() != reflect.Bool {
		return nil
	}
	for i := range n {
		list = append(list, desc(yield.In(i)))
	}
	return list
}

func (t *rtype) Implements(u Type) bool {
	if u == nil {
		fail("reflect: nil type passed to Type.Implements")
	}
	if u.Kind() != reflect.Interface {
		fail("reflect: non-interface type passed to Type.Implements")
	}
	if t.compiled != nil && desc(u).compiled != nil && u.PkgPath() != "reflect" {
		return t.compiled.Implements(desc(u).compiled)
	}
	i := desc(u).known().Underlying().(*types.Interface)
	if own := t.types(); own != nil {
		return types.Implements(own, i)
	}
	return !t.m.host.Lacks(t.compiled, i)
}

func (t *rtype) AssignableTo(u Type) bool {
	if u == nil {
		fail("reflect: nil type passed to Type.AssignableTo")
	}
	to := desc(u)
	switch {
	case t == to:
		return true
	case to.Kind() == reflect.Interface:
		return t.Implements(u)
	case t.compiled != nil && to.compiled != nil:
		return t.compiled.AssignableTo(to.compiled)
	case t.types() == nil || to.types() == nil:
		return false // one is compiled alone, the other is of cells alone
	}
	return types.AssignableTo(t.types(), to.types())
}

func (t *rtype) ConvertibleTo(u Type) bool {
	if u == nil {
		fail("reflect: nil type passed to Type.ConvertibleTo")
	}
	to := desc(u)
	switch {
	case t == to:
		return true
	case to.Kind() == reflect.Interface:
		return t.Implements(u)
	case t.compiled != nil && to.compiled != nil:
		return t.compiled.ConvertibleTo(to.compiled)
	}
	return types.ConvertibleTo(t.known(), to.known())
}
