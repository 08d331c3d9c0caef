package rt

import (
	"encoding/xml"
	"errors"
	"fmt"
	"go/types"
	"io"
	"reflect"
	"strings"
)

// What encoding/xml and encoding/gob see of types with encoding methods of their own: types that have the same methods. Those that encode
// call the cell's. Those that decode keep what they are given, for the methods of the value that it is copied to.
type (
	asElement struct{ encoded }
	asAttr    struct{ encoded }
	asText    struct{ encoded }
	inElement struct{ asText }
	asNamed   struct{ encoded } // has no methods: its name is asked for
	asGob     struct{ encoded }
	asBinary  struct{ encoded }

	laterElement struct{ found []kept }
	laterAttr    struct{ found []xml.Attr }
	laterText    struct{ found [][]byte }
	laterGob     struct{ found [][]byte }
	laterBinary  struct{ found [][]byte }
)

// kept is an element that was read: its start, and all tokens to its end.
type kept struct {
	start  xml.StartElement
	tokens []xml.Token
}

// ownForm is the view of a type for xml, as an attribute or an element, and for gob; nil: what its kind says.
func (v *viewer) ownForm(t types.Type) reflect.Type {
	choose := func(forms ...form) reflect.Type {
		for _, f := range forms {
			if v.has(t, f.method) {
				return f.view
			}
		}
		return nil
	}
	switch {
	case t == v.plain:
		return nil
	case v.pkg == "encoding/gob" && v.decode:
		return choose(form{"GobDecode", reflect.TypeFor[laterGob]()}, form{"UnmarshalBinary", reflect.TypeFor[laterBinary]()})
	case v.pkg == "encoding/gob":
		return choose(form{"GobEncode", reflect.TypeFor[asGob]()}, form{"MarshalBinary", reflect.TypeFor[asBinary]()})
	case v.pkg != "encoding/xml":
		return nil
	case v.attr && v.decode:
		return choose(form{"UnmarshalXMLAttr", reflect.TypeFor[laterAttr]()}, form{"UnmarshalText", reflect.TypeFor[laterText]()})
	case v.attr:
		return choose(form{"MarshalXMLAttr", reflect.TypeFor[asAttr]()}, form{"MarshalText", reflect.TypeFor[asText]()})
	case v.decode:
		return choose(form{"UnmarshalXML", reflect.TypeFor[laterElement]()}, form{"UnmarshalText", reflect.TypeFor[laterText]()})
	}
	return choose(form{"MarshalXML", reflect.TypeFor[asElement]()}, form{"MarshalText", reflect.TypeFor[inElement]()})
}

type form struct {
	method string
	view   reflect.Type
}

// isAttr reports a field that xml writes as an attribute.
func isAttr(tag string) bool {
	_, options, _ := strings.Cut(reflect.StructTag(tag).Get("xml"), ",")
	return strings.Contains(","+options+",", ",attr,")
}

// element is what xml encodes where it takes the name of an element from the type.
func (v *viewer) element(t types.Type, own reflect.Value) reflect.Value {
	own = v.r.uncut(t, own)
	switch u := t.Underlying().(type) {
	case *types.Interface:
		if b, ok := own.Interface().(Box); ok {
			return v.element(b.Type.Go, reflect.ValueOf(b.Value))
		}
		if own.IsNil() {
			return reflect.Zero(anyType)
		}
		return own.Elem()
	case *types.Pointer:
		if !own.IsNil() && v.custom(t) == nil {
			return v.element(u.Elem(), own.Elem())
		}
	case *types.Slice, *types.Array:
		if e := own.Type().Elem(); e.Kind() != reflect.Uint8 && v.custom(t) == nil {
			list := make([]any, own.Len())
			for i := range list {
				if x := v.element(u.(interface{ Elem() types.Type }).Elem(), own.Index(i)); x.IsValid() && !(x.Kind() == reflect.Interface && x.IsNil()) {
					list[i] = x.Interface()
				}
			}
			return reflect.ValueOf(list)
		}
	}
	seen := reflect.New(v.typ(t, own.Type())).Elem()
	n, named := types.Unalias(t).(*types.Named)
	hasName := seen.Kind() == reflect.Struct && hasField(seen.Type(), "XMLName")
	if named && !hasName && !isCompiled(n, own.Type()) && v.custom(t) == nil {
		if n.TypeArgs() != nil {
			refuse("give the struct a field XMLName", "encoding/xml of %s", typeString(t))
		}
		return reflect.ValueOf(asNamed{encoded{Box{v.r.Type(t), own.Interface()}, v.r}})
	}
	v.show(t, own, seen)
	return seen
}

// showOwn gives a view of ownForm the value to encode; false: seen is none.
func (v *viewer) showOwn(t types.Type, own, seen reflect.Value) bool {
	switch seen.Interface().(type) {
	case laterElement, *laterElement, laterAttr, laterText, laterGob, laterBinary:
		return true // for a decoder, which does not look at what is there
	}
	for _, m := range []string{"MarshalXML", "MarshalXMLAttr", "MarshalText", "GobEncode", "MarshalBinary"} {
		var x any
		switch e := (encoded{v.r.addressed(t, own, m), v.r}); {
		case m == "MarshalXML" && seen.Type() == reflect.TypeFor[asElement]():
			x = asElement{e}
		case m == "MarshalXMLAttr" && seen.Type() == reflect.TypeFor[asAttr]():
			x = asAttr{e}
		case m == "MarshalText" && seen.Type() == reflect.TypeFor[asText]():
			x = asText{e}
		case m == "MarshalText" && seen.Type() == reflect.TypeFor[inElement]():
			x = inElement{asText{e}}
		case m == "GobEncode" && seen.Type() == reflect.TypeFor[asGob]():
			x = asGob{e}
		case m == "MarshalBinary" && seen.Type() == reflect.TypeFor[asBinary]():
			x = asBinary{e}
		default:
			continue
		}
		seen.Set(reflect.ValueOf(x))
		return true
	}
	return false
}

// leavesOut says that gob writes no field that is zero: what encodes itself must then be zero, too.
func leavesOut(own, seen reflect.Value) bool {
	t := seen.Type()
	return (t == reflect.TypeFor[asGob]() || t == reflect.TypeFor[asBinary]()) && own.IsZero()
}

// MarshalXML calls the type's own.
func (e asElement) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	e.name(&start, "asElement")
	if e.box.Type.method("MarshalXML") == nil { // of the pointer, and the value has no address
		return enc.EncodeElement(e.plainly(), start)
	}
	_, err := e.call("MarshalXML", enc, start)
	return err
}

// MarshalXML writes the type's own text.
func (e inElement) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	e.name(&start, "inElement")
	text, err := e.MarshalText()
	if err != nil {
		return err
	}
	return enc.EncodeElement(string(text), start)
}

// MarshalXML writes what has no methods of its own.
func (e asNamed) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	e.name(&start, "asNamed")
	return enc.EncodeElement(e.plainly(), start)
}

// name replaces the name that xml took from the view.
func (e encoded) name(start *xml.StartElement, view string) {
	if start.Name.Local == view {
		start.Name.Local = typeName(e.box.Type.Go)
	}
}

// MarshalXMLAttr calls the type's own.
func (e asAttr) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	if e.box.Type.method("MarshalXMLAttr") == nil {
		return xml.Attr{Name: name, Value: fmt.Sprint(e.plainly())}, nil
	}
	out, err := e.call("MarshalXMLAttr", name)
	attr, _ := out.(xml.Attr)
	return attr, err
}

// MarshalText calls the type's own.
func (e asText) MarshalText() ([]byte, error) {
	if e.box.Type.method("MarshalText") == nil {
		return fmt.Append(nil, e.plainly()), nil
	}
	return e.ownBytes("MarshalText")
}

// GobEncode calls the type's own.
func (e asGob) GobEncode() ([]byte, error) { return e.gobBytes("GobEncode") }

// MarshalBinary calls the type's own.
func (e asBinary) MarshalBinary() ([]byte, error) { return e.gobBytes("MarshalBinary") }

func (e encoded) gobBytes(method string) ([]byte, error) {
	if e.box.Type.method(method) == nil { // of the pointer, and the value has no address
		return nil, errors.New("gob: unaddressable value of type *" + typeString(e.box.Type.Go))
	}
	return e.ownBytes(method)
}

func (e encoded) ownBytes(method string) ([]byte, error) {
	out, err := e.call(method)
	text, _ := out.([]byte)
	return text, err
}

// call calls a method whose last result is an error. The first of two results is out.
func (e encoded) call(method string, args ...any) (out any, err error) {
	m, _ := e.box.bind(method)
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = e.r.fromGo(reflect.ValueOf(a), m.Type().In(i))
	}
	results := m.Call(in)
	err, _ = Formatted(e).toError(results[len(results)-1])
	if len(results) == 2 {
		out = results[0].Interface()
	}
	return out, err
}

// plainly is the value as if its type had no methods.
func (e encoded) plainly() any {
	v := &viewer{r: e.r, pkg: "encoding/xml", plain: e.box.Type.Go, visiting: map[types.Type]bool{}}
	own := reflect.ValueOf(e.box.Value)
	seen := reflect.New(v.typ(e.box.Type.Go, own.Type())).Elem()
	v.show(e.box.Type.Go, own, seen)
	return seen.Interface()
}

// UnmarshalXML keeps the element.
func (l *laterElement) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	e := kept{start: start.Copy()}
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		e.tokens = append(e.tokens, xml.CopyToken(t))
	}
	l.found = append(l.found, e)
	return nil
}

// UnmarshalXMLAttr keeps the attribute.
func (l *laterAttr) UnmarshalXMLAttr(a xml.Attr) error {
	l.found = append(l.found, a)
	return nil
}

// UnmarshalText keeps the text.
func (l *laterText) UnmarshalText(b []byte) error {
	l.found = append(l.found, append([]byte{}, b...))
	return nil
}

// GobDecode keeps the bytes.
func (l *laterGob) GobDecode(b []byte) error {
	l.found = append(l.found, append([]byte{}, b...))
	return nil
}

// UnmarshalBinary keeps the bytes.
func (l *laterBinary) UnmarshalBinary(b []byte) error {
	l.found = append(l.found, append([]byte{}, b...))
	return nil
}

// takeOwn calls the cell's decoding method with what was kept; false: seen has kept nothing.
func (v *viewer) takeOwn(t types.Type, seen, own reflect.Value) (bool, error) {
	all := func(method string, texts [][]byte) (bool, error) {
		for _, text := range texts {
			if err := v.r.unmarshalBy(v.r.addressed(t, own, method), method, text); err != nil {
				return true, err
			}
		}
		return true, nil
	}
	switch l := seen.Interface().(type) {
	case laterText:
		return all("UnmarshalText", l.found)
	case laterGob:
		return all("GobDecode", l.found)
	case laterBinary:
		return all("UnmarshalBinary", l.found)
	case laterAttr:
		for _, a := range l.found {
			if _, err := (encoded{v.r.addressed(t, own, "UnmarshalXMLAttr"), v.r}).call("UnmarshalXMLAttr", a); err != nil {
				return true, err
			}
		}
		return true, nil
	case *laterElement: // leads back into a recursive type
		if own.Kind() == reflect.Pointer {
			own.SetZero()
		}
		if l == nil {
			return true, nil
		}
		for _, e := range l.found {
			if err := v.decodeAgain(t, e, own); err != nil {
				return true, err
			}
		}
		return true, nil
	case laterElement:
		for _, e := range l.found {
			if err := v.replay(t, e, own); err != nil {
				return true, err
			}
		}
		return true, nil
	}
	return false, nil
}

// decodeAgain decodes an element into a value of a recursive type.
func (v *viewer) decodeAgain(t types.Type, e kept, own reflect.Value) error {
	if _, pointer := t.Underlying().(*types.Pointer); pointer {
		if own.IsNil() {
			own.Set(reflect.New(own.Type().Elem()))
		}
		return v.decodeAgain(deref(t), e, own.Elem())
	}
	fresh := &viewer{r: v.r, pkg: v.pkg, decode: true, visiting: map[types.Type]bool{}}
	seen := reflect.New(fresh.typ(t, own.Type()))
	fresh.show(t, own, seen.Elem())
	d := xml.NewTokenDecoder(&replayed{tokens: append([]xml.Token{e.start}, e.tokens...)})
	if err := d.Decode(seen.Interface()); err != nil {
		return err
	}
	return fresh.take(t, seen.Elem(), own)
}

// replay lets the cell's UnmarshalXML read an element.
func (v *viewer) replay(t types.Type, e kept, own reflect.Value) error {
	r := &replayed{tokens: append([]xml.Token{e.start}, e.tokens...)}
	d := xml.NewTokenDecoder(r)
	if _, err := d.Token(); err != nil {
		return err
	}
	box := v.r.addressed(t, own, "UnmarshalXML")
	if _, err := (encoded{box, v.r}).call("UnmarshalXML", d, e.start); err != nil {
		return err
	}
	if len(r.tokens) > 0 {
		name := typeString(box.Type.Go)
		if _, pointer := box.Type.Go.(*types.Pointer); pointer {
			name = "(" + name + ")"
		}
		return fmt.Errorf("xml: %s.UnmarshalXML did not consume entire <%s> element", name, e.start.Name.Local)
	}
	return nil
}

type replayed struct{ tokens []xml.Token }

// Token is the next token.
func (r *replayed) Token() (xml.Token, error) {
	if len(r.tokens) == 0 {
		return nil, io.EOF
	}
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t, nil
}

func typeName(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}
