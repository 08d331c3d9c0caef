package rt

import (
	"fmt"
	"go/types"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/joey-go/joey/cell/locals"
)

// typeString writes a type as reflect does, which is not quite as go/types does: uint8 for byte, no parameter names, no spaces
// between type arguments, whose packages stand with their paths.
func typeString(t types.Type) string { return typePrinter{qualify: qualifier}.text(t) }

// qualifier: the packages of cells have names that tell them apart, to their authors all are main.
func qualifier(p *types.Package) string {
	if p.Path() == "main" {
		return "main"
	}
	return p.Name()
}

type typePrinter struct {
	qualify types.Qualifier
	arg     bool // within type arguments
}

func (p typePrinter) text(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return basicName(t)
	case *types.Named:
		return p.named(t)
	case *types.Pointer:
		return "*" + p.text(t.Elem())
	case *types.Slice:
		return "[]" + p.text(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), p.text(t.Elem()))
	case *types.Map:
		return "map[" + p.text(t.Key()) + "]" + p.text(t.Elem())
	case *types.Chan:
		return p.channel(t)
	case *types.Struct:
		return p.structure(t)
	case *types.Interface:
		return p.iface(t)
	case *types.Signature:
		return "func" + p.signature(t)
	}
	return types.TypeString(t, p.qualify)
}

func basicName(t *types.Basic) string {
	if t.Kind() == types.UnsafePointer {
		return "unsafe.Pointer"
	}
	return types.Typ[t.Kind()].Name() // byte and rune have the kinds of uint8 and int32
}

func (p typePrinter) named(t *types.Named) string {
	name := t.Obj().Name()
	if pkg := t.Obj().Pkg(); pkg != nil {
		name = p.qualify(pkg) + "." + name
	}
	number, of := locals.Of(t.Obj())
	if len(of) > 0 || t.TypeArgs().Len() > 0 {
		name += "[" + typeArguments(slices.Values(of))
		if len(of) > 0 && t.TypeArgs().Len() > 0 {
			name += ";"
		}
		name += typeArguments(t.TypeArgs().Types()) + "]"
	}
	if number > 0 && p.arg {
		name += "·" + strconv.Itoa(number)
	}
	return name
}

func typeArguments(list iter.Seq[types.Type]) string {
	var args []string
	for a := range list {
		args = append(args, typePrinter{(*types.Package).Path, true}.text(a))
	}
	return strings.Join(args, ",")
}

func (p typePrinter) channel(t *types.Chan) string {
	element := p.text(t.Elem())
	switch t.Dir() {
	case types.RecvOnly:
		return "<-chan " + element
	case types.SendOnly:
		return "chan<- " + element
	}
	if strings.HasPrefix(element, "<-") {
		element = "(" + element + ")"
	}
	return "chan " + element
}

func (p typePrinter) structure(t *types.Struct) string {
	var fields []string
	for i := range t.NumFields() {
		f := t.Field(i)
		text := p.text(f.Type())
		if !f.Embedded() {
			text = f.Name() + " " + text
		}
		if tag := t.Tag(i); tag != "" {
			text += " " + strconv.Quote(tag)
		}
		fields = append(fields, text)
	}
	return braced("struct", fields)
}

func (p typePrinter) iface(t *types.Interface) string {
	var methods []string
	for m := range t.Methods() { // sorted, as reflect has them
		name := m.Name()
		if !m.Exported() {
			name = p.qualify(m.Pkg()) + "." + name
		}
		methods = append(methods, name+p.signature(m.Signature()))
	}
	return braced("interface", methods)
}

func braced(keyword string, parts []string) string {
	if len(parts) == 0 {
		return keyword + " {}"
	}
	return keyword + " { " + strings.Join(parts, "; ") + " }"
}

func (p typePrinter) signature(t *types.Signature) string {
	params := p.tuple(t.Params())
	if last := len(params) - 1; t.Variadic() {
		params[last] = "..." + strings.TrimPrefix(params[last], "[]")
	}
	results := p.tuple(t.Results())
	text := "(" + strings.Join(params, ", ") + ")"
	switch len(results) {
	case 0:
		return text
	case 1:
		return text + " " + results[0]
	}
	return text + " (" + strings.Join(results, ", ") + ")"
}

func (p typePrinter) tuple(t *types.Tuple) (texts []string) {
	for v := range t.Variables() {
		texts = append(texts, p.text(v.Type()))
	}
	return texts
}
