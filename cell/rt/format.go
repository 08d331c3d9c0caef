package rt

import (
	"fmt"
	"go/types"
	"io"
	"reflect"
	"strings"
	"unsafe"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// Format prints the value as compiled Go prints it.
func (f Formatted) Format(s fmt.State, verb rune) {
	defer f.r.keepFinal()
	p := printer{r: f.r, s: s, verb: verb, plus: s.Flag('+'), sharp: s.Flag('#')}
	p.value(f.box.Type.Go, reflect.ValueOf(f.box.Value), 0, true)
	io.WriteString(s, p.out.String())
}

// Format prints a box that lies inside a compiled container, such as a []any.
func (b Box) Format(s fmt.State, verb rune) { Formatted{b, b.Type.r}.Format(s, verb) }

// printer follows fmt's printValue, with the types of go/types where fmt has reflect's.
type printer struct {
	r     *Runtime
	s     fmt.State
	verb  rune
	plus  bool
	sharp bool
	out   strings.Builder
}

// basicType is the predeclared type of a kind.
func basicType(k reflect.Kind) reflect.Type {
	for _, x := range []any{false, 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0),
		float32(0), float64(0), complex64(0), complex128(0), ""} {
		if t := reflect.TypeOf(x); t.Kind() == k {
			return t
		}
	}
	return nil
}

func (p *printer) sharpV() bool { return p.sharp && p.verb == 'v' }

func (p *printer) plusV() bool { return p.plus && p.verb == 'v' }

// leaf prints a compiled value with the verb and flags as they are.
func (p *printer) leaf(v any) { fmt.Fprintf(&p.out, fmt.FormatString(p.s, p.verb), v) }

// value prints v, of type t. open says that fmt may call methods: the way to v leads through exported fields only.
func (p *printer) value(t types.Type, v reflect.Value, depth int, open bool) {
	if types.IsInterface(t) {
		p.inInterface(t, v, depth, open)
		return
	}
	v = p.r.uncut(t, v)
	if open && p.methods(t, v) {
		return
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && mirror.PkgPath(v.Type()) == n.Obj().Pkg().Path() && v.Type().Name() == n.Obj().Name() {
		if open {
			p.compiled(v, depth)
		} else {
			p.closed(v)
		}
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		p.structure(t, u, v, depth, open)
	case *types.Map:
		p.mapping(t, u, v, depth, open)
	case *types.Slice:
		p.list(t, u.Elem(), v, depth, open)
	case *types.Array:
		p.list(t, u.Elem(), v, depth, open)
	case *types.Pointer:
		p.pointer(t, u, v, depth, open)
	case *types.Chan, *types.Signature:
		p.address(t, v)
	case *types.Basic:
		if u.Kind() == types.UnsafePointer {
			p.address(t, v)
			return
		}
		p.basic(t, v)
	}
}

// compiled prints a value of a compiled package; below the top, fmt does not follow its pointer.
func (p *printer) compiled(v reflect.Value, depth int) {
	p.leaf(v.Interface())
}

// basic prints a number, a string or a bool. Methods of its type do not count here: compiled types lose them with their name.
func (p *printer) basic(t types.Type, v reflect.Value) {
	if u, ok := t.Underlying().(*types.Basic); ok && v.Type().PkgPath() != "" && u.Kind() != types.UnsafePointer {
		v = v.Convert(basicType(v.Kind()))
	}
	p.leafAs(typeString(t), v.Type().String(), v.Interface())
}

// leafAs prints x, and where fmt would name its type, for a wrong verb, names another.
func (p *printer) leafAs(typ, name string, x any) {
	before := p.out.Len()
	p.leaf(x)
	text := p.out.String()
	bad := "%!" + string(p.verb) + "(" + name + "="
	if rest, ok := strings.CutPrefix(text[before:], bad); ok {
		p.out.Reset()
		p.out.WriteString(text[:before] + "%!" + string(p.verb) + "(" + typ + "=" + rest)
	}
}

func (p *printer) inInterface(t types.Type, v reflect.Value, depth int, open bool) {
	switch x := v.Interface().(type) {
	case nil:
		if p.sharpV() {
			p.out.WriteString(typeString(t) + "(nil)")
			return
		}
		p.out.WriteString("<nil>")
	case Box:
		p.value(x.Type.Go, reflect.ValueOf(x.Value), depth+1, open)
	default:
		if !open {
			p.closed(reflect.ValueOf(x))
			return
		}
		if rv := reflect.ValueOf(x); depth > 0 && rv.Kind() == reflect.Pointer && !isPrinted(x) {
			p.pointerAddress(rv.Type().String(), rv.UnsafePointer())
			return
		}
		p.leaf(x)
	}
}

// closed prints a compiled value that lies in an unexported field: in one of a struct made for it, so that fmt sees that, too.
func (p *printer) closed(v reflect.Value) {
	t := reflect.StructOf([]reflect.StructField{{Name: "f", PkgPath: "main", Type: v.Type()}})
	holder := reflect.New(t)
	reflect.NewAt(v.Type(), holder.UnsafePointer()).Elem().Set(v)
	before := p.out.Len()
	p.leaf(holder.Elem().Interface())
	text := p.out.String()
	prefix := "{"
	switch {
	case p.sharpV():
		prefix = t.String() + "{f:"
	case p.plusV():
		prefix = "{f:"
	}
	p.out.Reset()
	p.out.WriteString(text[:before] + strings.TrimSuffix(strings.TrimPrefix(text[before:], prefix), "}"))
}

func isPrinted(x any) bool {
	switch x.(type) {
	case error, fmt.Stringer, fmt.Formatter:
		return true
	}
	return false
}

// methods prints v by its own methods, as fmt's handleMethods does.
func (p *printer) methods(t types.Type, v reflect.Value) bool {
	d := p.r.lookup(t)
	if d == nil || !d.Boxed {
		return false
	}
	b := Box{d, v.Interface()}
	if sg := d.method("Format"); sg != nil && sg.Params().Len() == 2 && sg.Results().Len() == 0 {
		p.guard(v, "Format", func() { p.byFormat(b) })
		return true
	}
	if p.sharpV() {
		if !d.has("GoString", "", "string") {
			return false
		}
		p.guard(v, "GoString", func() { p.out.WriteString(b.call("GoString")[0].String()) })
		return true
	}
	if !strings.ContainsRune("vsxXq", p.verb) {
		return false
	}
	for _, name := range []string{"Error", "String"} {
		if d.has(name, "", "string") {
			p.guard(v, name, func() { p.leaf(b.call(name)[0].String()) })
			return true
		}
	}
	return false
}

func (p *printer) byFormat(b Box) {
	m, _ := b.bind("Format")
	state := reflect.New(m.Type().In(0)).Elem()
	state.Set(reflect.ValueOf(&innerState{State: p.s, out: &p.out}).Convert(state.Type()))
	m.Call([]reflect.Value{state, reflect.ValueOf(p.verb)})
}

// innerState is the fmt.State of a Format method: it writes where the printer writes.
type innerState struct {
	fmt.State
	out *strings.Builder
}

func (s *innerState) Write(b []byte) (int, error) { return s.out.Write(b) }

// guard does what fmt does when a method panics.
func (p *printer) guard(v reflect.Value, method string, f func()) {
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		if v.Kind() == reflect.Pointer && v.IsNil() {
			p.out.WriteString("<nil>")
			return
		}
		k := normalise(e)
		if k.final {
			panic(k)
		}
		fmt.Fprintf(&p.out, "%%!%c(PANIC=%s method: %s)", p.verb, method, p.r.text(k.value))
	}()
	f()
}

func (p *printer) structure(t types.Type, st *types.Struct, v reflect.Value, depth int, open bool) {
	if p.sharpV() {
		p.out.WriteString(typeString(t))
	}
	p.out.WriteByte('{')
	for i := range st.NumFields() {
		if i > 0 {
			p.separate()
		}
		f := st.Field(i)
		if p.plusV() || p.sharpV() {
			p.out.WriteString(f.Name() + ":")
		}
		fv := p.r.uncut(f.Type(), v.Field(i))
		if types.IsInterface(f.Type()) && !fv.IsNil() { // fmt looks through the interface here, without a level of its own
			p.inInterface(f.Type(), fv, depth, open && f.Exported())
			continue
		}
		p.value(f.Type(), fv, depth+1, open && f.Exported())
	}
	p.out.WriteByte('}')
}

// uncut gives what is cut in a recursive type its own type back.
func (r *Runtime) uncut(t types.Type, v reflect.Value) reflect.Value {
	if v.Kind() != reflect.UnsafePointer && v.Type() != sliceHeaderType {
		return v
	}
	if d := r.lookup(t); d != nil && d.rep() != nil && d.rep().Size() == v.Type().Size() {
		c := reflect.New(v.Type())
		c.Elem().Set(v)
		return reflect.NewAt(d.rep(), c.UnsafePointer()).Elem()
	}
	return v
}

func (p *printer) separate() {
	if p.sharpV() {
		p.out.WriteString(", ")
	} else {
		p.out.WriteByte(' ')
	}
}

func (p *printer) list(t, elem types.Type, v reflect.Value, depth int, open bool) {
	if b := basic(elem); b != nil && b.Kind() == types.Byte && strings.ContainsRune("sqxX", p.verb) {
		p.leaf(bytesOf(v))
		return
	}
	if p.sharpV() && v.Kind() == reflect.Slice && v.IsNil() {
		p.out.WriteString(typeString(t) + "(nil)")
		return
	}
	opening, closing := "[", "]"
	if p.sharpV() {
		opening, closing = typeString(t)+"{", "}"
	}
	p.out.WriteString(opening)
	for i := range v.Len() {
		if i > 0 {
			p.separate()
		}
		p.value(elem, v.Index(i), depth+1, open)
	}
	p.out.WriteString(closing)
}

func bytesOf(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(b), v)
	return b
}

func (p *printer) mapping(t types.Type, m *types.Map, v reflect.Value, depth int, open bool) {
	opening, closing := "map[", "]"
	if p.sharpV() {
		if v.IsNil() {
			p.out.WriteString(typeString(t) + "(nil)")
			return
		}
		opening, closing = typeString(t)+"{", "}"
	}
	p.out.WriteString(opening)
	for i, k := range sortedKeys(v) {
		if i > 0 {
			p.separate()
		}
		p.value(m.Key(), k.key, depth+1, open)
		p.out.WriteByte(':')
		p.value(m.Elem(), k.value, depth+1, open)
	}
	p.out.WriteString(closing)
}

func (p *printer) pointer(t types.Type, u *types.Pointer, v reflect.Value, depth int, open bool) {
	if v.Kind() != reflect.Pointer { // cut off and not known: only its address can be told
		p.address(t, v)
		return
	}
	if depth == 0 && !v.IsNil() && p.verb != 'p' {
		switch u.Elem().Underlying().(type) {
		case *types.Struct, *types.Array, *types.Slice, *types.Map:
			p.out.WriteByte('&')
			p.value(u.Elem(), v.Elem(), depth+1, open)
			return
		}
	}
	p.address(t, v)
}

func (p *printer) address(t types.Type, v reflect.Value) {
	p.pointerAddress(typeString(t), v.UnsafePointer())
}

func (p *printer) pointerAddress(typ string, u unsafe.Pointer) {
	switch {
	case p.sharpV() && u == nil:
		p.out.WriteString("(" + typ + ")(nil)")
	case p.sharpV():
		fmt.Fprintf(&p.out, "(%s)(%#x)", typ, uintptr(u))
	default:
		p.leafAs(typ, "unsafe.Pointer", u)
	}
}
