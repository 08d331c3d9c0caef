package rt

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// viewer builds values for encoders and decoders: of types that have the exported fields of a cell's types, with
// their names and tags, and nothing else. Encoders read a copy; what a decoder has filled is copied back.
type viewer struct {
	r        *Runtime
	pkg      string // the encoder's
	decode   bool
	attr     bool // the type is of what xml writes as an attribute
	visiting map[types.Type]bool
	depth    int
	around   map[container]bool
	offers   []offered
	plain    types.Type                  // has no methods for this viewer
	of       map[reflect.Type]types.Type // what a type that was built stands for, the first if several look alike
}

// maxViewDepth is beyond any document; a value that contains itself is deeper.
const maxViewDepth = 1000

// view gives a compiled encoder or decoder a value to work on in place of a cell's.
func (r *Runtime) view(c *compiledFunc, b Box) (reflect.Value, func([]reflect.Value)) {
	_, pointer := b.Type.Go.Underlying().(*types.Pointer)
	v := &viewer{r: r, pkg: c.pkg, decode: pointer && decodes(c.name), visiting: map[types.Type]bool{}}
	own := reflect.ValueOf(b.Value)
	if v.decode {
		return v.target(b, own)
	}
	var seen reflect.Value
	if v.pkg == "encoding/xml" && !decodes(c.name) {
		seen = v.element(b.Type.Go, own)
	} else {
		seen = reflect.New(v.typ(b.Type.Go, own.Type())).Elem()
		v.show(b.Type.Go, own, seen)
	}
	if decodes(c.name) {
		return seen, func(out []reflect.Value) { renameInvalid(out, b.Type.Go) }
	}
	return seen, v.renameUnsupported
}

func decodes(name string) bool {
	return strings.Contains(name, "Unmarshal") || strings.HasPrefix(name, "Decode") || name == "Read"
}

// target is what a decoder fills; the returned func copies it to where the program's pointer points.
func (v *viewer) target(b Box, own reflect.Value) (reflect.Value, func([]reflect.Value)) {
	t := deref(b.Type.Go)
	seen := reflect.New(v.typ(t, own.Type().Elem()))
	if own.IsNil() {
		return reflect.Zero(seen.Type()), func(out []reflect.Value) { renameInvalid(out, b.Type.Go) }
	}
	v.show(t, own.Elem(), seen.Elem())
	return seen, func(out []reflect.Value) { v.finish(t, seen.Elem(), own.Elem(), out) }
}

// finish copies what was decoded; out is what the decoder returns, an error last.
func (v *viewer) finish(t types.Type, seen, own reflect.Value, out []reflect.Value) {
	result := reflect.New(errorType).Elem()
	if last := len(out) - 1; last >= 0 && out[last].Type() == errorType {
		result.Set(out[last])
		out[last] = result
	}
	err, _ := result.Interface().(error)
	if e := v.take(t, seen, own); err == nil {
		err = e
	}
	if err != nil {
		result.Set(reflect.ValueOf(renamed(err, t)))
	}
}

func deref(t types.Type) types.Type { return t.Underlying().(*types.Pointer).Elem() }

// typ is the view of a type; rep is what represents it.
func (v *viewer) typ(t types.Type, rep reflect.Type) reflect.Type {
	seen := v.build(t, rep)
	if v.of == nil {
		v.of = map[reflect.Type]types.Type{}
	}
	if _, known := v.of[seen]; !known {
		v.of[seen] = t
	}
	return seen
}

func (v *viewer) build(t types.Type, rep reflect.Type) reflect.Type {
	if _, ok := types.Unalias(t).(*types.Struct); ok && v.custom(t) != nil { // by methods of what it embeds
		return v.custom(t)
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && !types.IsInterface(t) {
		switch {
		case isCompiled(n, rep):
			return rep
		case v.custom(t) != nil:
			return v.custom(t)
		case v.visiting[t]:
			return v.recursive(t)
		}
		v.visiting[t] = true
		defer delete(v.visiting, t)
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return anyType
	case *types.Pointer:
		if v.visiting[u.Elem()] {
			return v.recursive(u.Elem())
		}
		return reflect.PointerTo(v.typ(u.Elem(), v.rep(u, rep).Elem()))
	case *types.Slice:
		return reflect.SliceOf(v.typ(u.Elem(), v.rep(t, rep).Elem()))
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), v.typ(u.Elem(), rep.Elem()))
	case *types.Map:
		rep = v.rep(t, rep)
		return reflect.MapOf(v.keyType(u.Key(), rep.Key()), v.typ(u.Elem(), rep.Elem()))
	case *types.Struct:
		return v.structType(t, u, rep)
	}
	return rep
}

// keyType is the view of a map's keys. Those that decode themselves are kept as the text that they decode, in the end.
func (v *viewer) keyType(t types.Type, rep reflect.Type) reflect.Type {
	switch typ := v.typ(t, rep); {
	case typ == reflect.TypeFor[later]() && v.has(t, "UnmarshalText"):
		return reflect.TypeFor[string]()
	case typ == reflect.TypeFor[later](), typ == reflect.TypeFor[encoded]() && !v.has(t, "MarshalText"): // by UnmarshalJSON: not as a key
		if basic(t) == nil {
			refuse("use strings as keys", "%s of maps with keys of %s", v.pkg, typeString(t))
		}
		return rep
	default:
		return typ
	}
}

func isCompiled(n *types.Named, rep reflect.Type) bool {
	return n.Obj().Pkg() != nil && mirror.PkgPath(rep) == n.Obj().Pkg().Path() && (rep.Name() == n.Obj().Name() || n.TypeArgs() != nil)
}

// rep is what represents t, where a field has something of equal layout instead.
func (v *viewer) rep(t types.Type, rep reflect.Type) reflect.Type {
	if rep.Kind() != reflect.UnsafePointer && rep != sliceHeaderType {
		return rep
	}
	if d := v.r.lookup(t); d != nil && d.rep() != nil {
		return d.rep()
	}
	refuse("", "%s of the recursive type %s", v.pkg, typeString(t))
	return nil
}

// recursive is the type of what leads back to a type that is being built: reflect cannot build types that contain themselves.
func (v *viewer) recursive(t types.Type) reflect.Type {
	switch {
	case !v.decode && v.pkg != "encoding/gob": // which wants the types in interfaces registered
		return anyType
	case v.pkg == "encoding/json":
		return reflect.TypeFor[*later]()
	case v.pkg == "encoding/xml":
		return reflect.TypeFor[*laterElement]()
	}
	if !v.decode {
		refuse("use encoding/json, or a type that does not contain itself", "encoding the recursive type %s by %s", typeString(t), v.pkg)
	}
	refuse("use encoding/json, or a type that does not contain itself", "decoding into the recursive type %s by %s", typeString(t), v.pkg)
	return nil
}

func (v *viewer) structType(t types.Type, st *types.Struct, rep reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for i, f := range v.fields(t, st) {
		v.attr = isAttr(st.Tag(i))
		typ := v.typ(f.Type(), rep.Field(i).Type)
		v.attr = false
		sf := reflect.StructField{Name: viewName(i, f), Type: typ, Tag: reflect.StructTag(st.Tag(i))}
		sf.Anonymous = f.Embedded() && looksThrough(typ)
		if v.omits(f, typ, st.Tag(i)) {
			sf.Type = reflect.PointerTo(typ)
		}
		fields = append(fields, sf)
	}
	if v.pkg == "encoding/gob" && len(fields) == 0 && st.NumFields() > 0 {
		refuse("export a field", "encoding/gob of %s, which has no exported fields", typeString(t))
	}
	return reflect.StructOf(fields)
}

// looksThrough says that encoders see the fields of an embedded struct, or of what an embedded pointer leads to, as the outer
// struct's own.
func looksThrough(typ reflect.Type) bool {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	return typ.Kind() == reflect.Struct && typ.NumMethod() == 0 && reflect.PointerTo(typ).NumMethod() == 0
}

// fields yields the fields that encoders see: exported ones, and embedded structs whatever their name.
func (v *viewer) fields(t types.Type, st *types.Struct) func(func(int, *types.Var) bool) {
	return func(yield func(int, *types.Var) bool) {
		for i := range st.NumFields() {
			f := st.Field(i)
			_, isStruct := f.Type().Underlying().(*types.Struct)
			if !f.Exported() && !(f.Embedded() && isStruct && v.custom(f.Type()) == nil) {
				if v.pkg != "encoding/binary" {
					continue
				}
				if v.decode && f.Name() != "_" {
					refuse("export the field", "reading the field %s of %s by encoding/binary", f.Name(), typeString(t))
				}
			}
			if !yield(i, f) {
				return
			}
		}
	}
}

func (v *viewer) cycle() {
	panic(raised{errors.New(strings.TrimPrefix(v.pkg, "encoding/") + ": the value contains itself")})
}

// show copies a cell's value into its view.
func (v *viewer) show(t types.Type, own, seen reflect.Value) {
	if v.depth++; v.depth > maxViewDepth {
		v.cycle()
	}
	defer func() { v.depth-- }()
	own = v.r.uncut(t, own)
	switch {
	case types.IsInterface(t):
		v.showDynamic(own, seen)
	case seen.Type() == reflect.TypeFor[encoded]():
		seen.Set(reflect.ValueOf(encoded{v.r.addressed(t, own, "MarshalJSON", "MarshalText"), v.r}))
	case seen.Type() == reflect.TypeFor[later](), seen.Type() == reflect.TypeFor[*later]():
	case v.showOwn(t, own, seen):
	case seen.Type() == anyType: // the way back into a recursive type
		v.showRecursive(t, own, seen)
	case seen.Type() == own.Type() && !holdsInterface(own.Type()):
		seen.Set(own)
	default:
		v.showParts(t, own, seen)
	}
}

func (v *viewer) showDynamic(own, seen reflect.Value) {
	x := own.Interface()
	b, ok := x.(Box)
	if !ok {
		part := reflect.ValueOf(x)
		if v.pkg == "encoding/json" && !v.decode { // else what it has of cells' values is encoded by itself, and does not see that it is in itself
			part = v.inside(part)
		}
		set(seen, part)
		return
	}
	if v.decode {
		v.offer(b, seen)
		return
	}
	value := reflect.ValueOf(b.Value)
	fresh := &viewer{r: v.r, pkg: v.pkg, visiting: map[types.Type]bool{}, depth: v.depth, of: v.of}
	if v.pkg == "encoding/xml" {
		seen.Set(fresh.element(b.Type.Go, value))
		return
	}
	part := reflect.New(fresh.typ(b.Type.Go, value.Type())).Elem()
	fresh.show(b.Type.Go, value, part)
	seen.Set(part)
}

// offered is a cell's pointer that an interface holds: decoders fill what it points to.
type offered struct {
	box  Box
	seen reflect.Value // what the decoder has in its place
}

// offer lets a decoder fill what a pointer in an interface points to. Any other value it replaces, or leaves alone.
func (v *viewer) offer(b Box, seen reflect.Value) {
	own := reflect.ValueOf(b.Value)
	if _, pointer := b.Type.Go.Underlying().(*types.Pointer); !pointer || own.IsNil() {
		seen.Set(reflect.ValueOf(b))
		return
	}
	fresh := &viewer{r: v.r, pkg: v.pkg, decode: true, visiting: map[types.Type]bool{}, depth: v.depth}
	part := reflect.New(fresh.typ(deref(b.Type.Go), own.Type().Elem()))
	fresh.show(deref(b.Type.Go), own.Elem(), part.Elem())
	seen.Set(part)
	v.offers = append(v.offers, offered{b, part})
}

func (v *viewer) showRecursive(t types.Type, own, seen reflect.Value) {
	if own.Kind() == reflect.Pointer && own.IsNil() {
		return
	}
	fresh := &viewer{r: v.r, pkg: v.pkg, visiting: map[types.Type]bool{}, depth: v.depth, of: v.of}
	part := reflect.New(fresh.typ(t, own.Type())).Elem()
	fresh.show(t, own, part)
	seen.Set(part)
}

func (v *viewer) showParts(t types.Type, own, seen reflect.Value) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, f := range v.fields(t, u) {
			if f.Name() == "_" { // which encoding/binary leaves out, or zero
				continue
			}
			if leavesOut(v.r.uncut(f.Type(), own.Field(i)), seen.FieldByName(viewName(i, f))) {
				continue
			}
			v.showField(f, v.r.uncut(f.Type(), own.Field(i)), seen.FieldByName(viewName(i, f)), u.Tag(i))
		}
	case *types.Pointer:
		if !own.IsNil() {
			seen.Set(reflect.New(seen.Type().Elem()))
			v.show(u.Elem(), own.Elem(), seen.Elem())
		}
	case *types.Slice:
		if !own.IsNil() {
			seen.Set(reflect.MakeSlice(seen.Type(), own.Len(), own.Len()))
			v.showElements(u.Elem(), own, seen)
		}
	case *types.Array:
		v.showElements(u.Elem(), own, seen)
	case *types.Map:
		v.showMap(u, own, seen)
	default:
		seen.Set(own.Convert(seen.Type()))
	}
}

func (v *viewer) showElements(t types.Type, own, seen reflect.Value) {
	for i := range own.Len() {
		v.show(t, own.Index(i), seen.Index(i))
	}
}

func (v *viewer) showMap(m *types.Map, own, seen reflect.Value) {
	if own.IsNil() {
		return
	}
	seen.Set(reflect.MakeMapWithSize(seen.Type(), own.Len()))
	if v.decode && v.pkg == "encoding/json" { // which adds to the map, and does not look at what is there
		return
	}
	for it := own.MapRange(); it.Next(); {
		key, value := reflect.New(seen.Type().Key()).Elem(), reflect.New(seen.Type().Elem()).Elem()
		v.show(m.Key(), it.Key(), key)
		v.show(m.Elem(), it.Value(), value)
		seen.SetMapIndex(key, value)
	}
}

const embeddedPrefix = "Embedded_"

// viewName names a field of a view. reflect can build no embedded struct with a lower-case name; encoders look through
// embedded structs and do not see their names.
func viewName(i int, f *types.Var) string {
	switch {
	case f.Name() == "_":
		return BlankPrefix + strconv.Itoa(i)
	case f.Exported():
		return f.Name()
	case f.Embedded():
		return embeddedPrefix + f.Name()
	}
	return "Unexported_" + f.Name()
}

// take copies what a decoder has filled to the cell's value.
func (v *viewer) take(t types.Type, seen, own reflect.Value) error {
	if whole := v.r.uncut(t, own); whole.Type() != own.Type() { // a cut field: fill a value of its own type, and store that
		err := v.take(t, seen, whole)
		reflect.NewAt(whole.Type(), own.Addr().UnsafePointer()).Elem().Set(whole)
		return err
	}
	if done, err := v.takeOwn(t, seen, own); done {
		return err
	}
	switch {
	case types.IsInterface(t):
		return v.takeDynamic(t, seen, own)
	case seen.Type() == reflect.TypeFor[later]():
		return v.takeText(seen.Interface().(later).text, t, own)
	case seen.Type() == reflect.TypeFor[*later]():
		return v.takePointer(t, seen, own)
	case seen.Type() == own.Type() && !holdsInterface(own.Type()):
		own.Set(seen)
	default:
		return v.takeParts(t, seen, own)
	}
	return nil
}

func (v *viewer) takeDynamic(t types.Type, seen, own reflect.Value) error {
	if v.pkg == "encoding/gob" && !seen.IsNil() && seen.Elem().Kind() == reflect.Struct && seen.Elem().Type().Name() == "" {
		refuse("decode into a concrete type", "decoding a cell's type into an interface by encoding/gob")
	}
	for _, o := range v.offers {
		if p := seen.Elem(); p.IsValid() && p.Kind() == reflect.Pointer && p.Pointer() == o.seen.Pointer() {
			own.Set(reflect.ValueOf(o.box))
			return v.take(deref(o.box.Type.Go), p.Elem(), reflect.ValueOf(o.box.Value).Elem())
		}
	}
	if _, kept := seen.Interface().(Box); !kept && !seen.IsNil() && !t.Underlying().(*types.Interface).Empty() {
		if v.pkg == "encoding/json" {
			e := &json.UnmarshalTypeError{Value: jsonKind(seen.Interface()), Type: namedType{anyType, t}}
			return &inField{UnmarshalTypeError: e, own: true}
		}
		if own.IsNil() || seen.Interface() != own.Interface() {
			refuse("decode into a concrete type", "decoding into the interface %s", typeString(t))
		}
	}
	own.Set(seen)
	return nil
}

// takePointer fills what leads back into a recursive type: a pointer, or an element of a slice or map.
func (v *viewer) takePointer(t types.Type, seen, own reflect.Value) error {
	if seen.IsNil() {
		own.SetZero()
		return nil
	}
	text := seen.Interface().(*later).text
	if _, pointer := t.Underlying().(*types.Pointer); pointer {
		own.Set(reflect.New(own.Type().Elem()))
		return v.takeText(text, deref(t), own.Elem())
	}
	return v.takeText(text, t, own)
}

func (v *viewer) takeParts(t types.Type, seen, own reflect.Value) (first error) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, f := range v.fields(t, u) {
			if f.Name() == "_" {
				continue
			}
			err := v.take(f.Type(), seen.FieldByName(viewName(i, f)), own.Field(i))
			if err != nil {
				err = v.inFieldOf(t, f, u.Tag(i), err)
			}
			if !goesOn(&first, err) {
				return err
			}
		}
		return first
	case *types.Pointer:
		if seen.IsNil() {
			own.SetZero()
			return nil
		}
		if own.IsNil() {
			own.Set(reflect.New(own.Type().Elem()))
		}
		return v.take(u.Elem(), seen.Elem(), own.Elem())
	case *types.Slice:
		return v.takeSlice(u, seen, own)
	case *types.Array:
		return v.takeElements(u.Elem(), seen, own)
	case *types.Map:
		return v.takeMap(u, seen, own)
	default:
		own.Set(seen.Convert(own.Type()))
	}
	return nil
}

func (v *viewer) takeSlice(u *types.Slice, seen, own reflect.Value) error {
	if seen.IsNil() {
		own.SetZero()
		return nil
	}
	if !own.IsNil() && seen.Len() <= own.Cap() { // as decoders do
		own.SetLen(seen.Len())
		return v.takeElements(u.Elem(), seen, own)
	}
	s := reflect.MakeSlice(own.Type(), seen.Len(), seen.Len())
	reflect.Copy(s, own) // the unexported fields of elements that were there
	own.Set(s)
	return v.takeElements(u.Elem(), seen, own)
}

func (v *viewer) takeElements(t types.Type, seen, own reflect.Value) (first error) {
	for i := range seen.Len() {
		if err := v.take(t, seen.Index(i), own.Index(i)); !goesOn(&first, err) {
			return err
		}
	}
	return first
}

func (v *viewer) takeMap(u *types.Map, seen, own reflect.Value) (first error) {
	if seen.IsNil() {
		own.SetZero()
		return nil
	}
	if own.IsNil() {
		own.Set(reflect.MakeMapWithSize(own.Type(), seen.Len()))
	}
	for it := seen.MapRange(); it.Next(); {
		key, value := reflect.New(own.Type().Key()).Elem(), reflect.New(own.Type().Elem()).Elem()
		if err := v.takeKey(u.Key(), it.Key(), key); err != nil {
			return err
		}
		if err := v.take(u.Elem(), settable(it.Value()), value); !goesOn(&first, err) {
			return err
		}
		own.SetMapIndex(key, value)
	}
	return first
}

func (v *viewer) takeKey(t types.Type, seen, own reflect.Value) error {
	b := v.r.addressed(t, own, "UnmarshalText")
	if v.pkg == "encoding/json" && seen.Type() == reflect.TypeFor[string]() && b.Type.method("UnmarshalText") != nil {
		return v.r.unmarshalBy(b, "UnmarshalText", []byte(seen.String()))
	}
	return v.take(t, settable(seen), own)
}

func settable(v reflect.Value) reflect.Value {
	x := reflect.New(v.Type()).Elem()
	x.Set(v)
	return x
}

// MarshalJSON encodes the value as compiled Go encodes it.
func (f Formatted) MarshalJSON() ([]byte, error) {
	return f.marshal(nil)
}

// marshal encodes the value. The methods of the type plain are of its pointer, and do not count.
func (f Formatted) marshal(plain types.Type) ([]byte, error) {
	return marshal(f.seen(plain).Interface())
}

// seen is the value as encoding/json sees it.
func (f Formatted) seen(plain types.Type) reflect.Value {
	v := &viewer{r: f.r, pkg: "encoding/json", plain: plain, visiting: map[types.Type]bool{}}
	own := reflect.ValueOf(f.box.Value)
	seen := reflect.New(v.typ(f.box.Type.Go, own.Type())).Elem()
	v.show(f.box.Type.Go, own, seen)
	return seen
}

// GoValue is the value with types that compiled code has in place of the cell's, as encoding/json sees it: the SDK looks into requests.
func (f Formatted) GoValue() any { return f.seen(nil).Interface() }

// marshal leaves <, > and & alone: the encoder that asked escapes them if it is set to.
func marshal(x any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(x)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// MarshalJSON encodes a box inside a compiled container.
func (b Box) MarshalJSON() ([]byte, error) { return Formatted{b, b.Type.r}.MarshalJSON() }

// GoValue is that of a box inside a compiled container.
func (b Box) GoValue() any { return Formatted{b, b.Type.r}.GoValue() }

// MarshalText refuses: encoders that know no other method would write a box's insides.
func (b Box) MarshalText() ([]byte, error) {
	refuse("give it to the encoder itself", "encoding a value of %s inside an interface", typeString(b.Type.Go))
	return nil, nil
}

func hasField(t reflect.Type, name string) bool {
	_, ok := t.FieldByName(name)
	return ok
}
