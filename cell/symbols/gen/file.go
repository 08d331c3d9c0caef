package main

import (
	"bytes"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// file is the table of one package.
type file struct {
	pkg     *types.Package
	fn      string
	imports map[string]string // path to the name under which the file imports it
	hidden  map[string]bool   // unexported types that have entries
	entries bytes.Buffer
	wraps   bytes.Buffer
}

func newFile(pkg *types.Package, fn string) *file {
	f := &file{pkg: pkg, fn: fn, imports: map[string]string{}, hidden: map[string]bool{}}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			f.object(obj)
		}
	}
	return f
}

func (f *file) object(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Func:
		if obj.Signature().TypeParams() == nil {
			f.entry(obj.Name(), f.ref(obj))
		}
	case *types.Var:
		f.entry(obj.Name(), "&"+f.ref(obj))
		f.hiddenType(obj)
	case *types.TypeName:
		if constraint(obj) {
			return
		}
		f.entry(obj.Name(), "(*"+f.ref(obj)+")(nil)")
		if i, ok := obj.Type().Underlying().(*types.Interface); ok && f.wrappable(i) {
			f.wrap("_"+ident(obj.Pkg().Path())+"_"+obj.Name(), "_"+obj.Name(), i)
		}
	}
}

// hiddenType lets cells have a variable's value although its type has no exported name, as that of binary.LittleEndian.
func (f *file) hiddenType(obj *types.Var) {
	n, ok := obj.Type().(*types.Named)
	if !ok || n.Obj().Exported() || n.Obj().Pkg() != obj.Pkg() || types.IsInterface(n) || f.hidden[n.Obj().Name()] {
		return
	}
	f.hidden[n.Obj().Name()] = true
	fmt.Fprintf(&f.entries, "\t\t%q: reflect.Zero(reflect.PointerTo(reflect.TypeOf(%s))),\n", "Hidden_"+n.Obj().Name(), f.ref(obj))
}

// constraint reports types that no variable can have: generic ones and constraint interfaces.
func constraint(obj *types.TypeName) bool {
	switch t := obj.Type().(type) {
	case *types.Named:
		if t.TypeParams() != nil {
			return true
		}
	case *types.Alias:
		if t.TypeParams() != nil {
			return true
		}
	}
	i, ok := obj.Type().Underlying().(*types.Interface)
	return ok && !i.IsMethodSet()
}

func (f *file) entry(name, expr string) {
	fmt.Fprintf(&f.entries, "\t\t%q: reflect.ValueOf(%s),\n", name, expr)
}

func (f *file) ref(obj types.Object) string { return f.qualify(obj.Pkg()) + "." + obj.Name() }

func (f *file) qualify(p *types.Package) string {
	if name, ok := f.imports[p.Path()]; ok {
		return name
	}
	name := fmt.Sprintf("p%d", len(f.imports))
	f.imports[p.Path()] = name
	return name
}

// wrappable: a struct of ours can only have the methods whose names and types we may write.
func (f *file) wrappable(i *types.Interface) bool {
	if i.NumMethods() == 0 {
		return false
	}
	for m := range i.Methods() {
		if !m.Exported() || !writable(m.Signature(), map[types.Type]bool{}) {
			return false
		}
	}
	return true
}

// writable reports whether a type can be written outside its package.
func writable(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	in := func(t types.Type) bool { return writable(t, seen) }
	switch t := t.(type) {
	case *types.Named:
		obj := t.Obj()
		if obj.Pkg() != nil && (!obj.Exported() || private(obj.Pkg().Path())) {
			return false
		}
		for a := range t.TypeArgs().Types() {
			if !in(a) {
				return false
			}
		}
		return true
	case *types.Alias:
		return (t.Obj().Pkg() == nil || t.Obj().Exported()) && in(types.Unalias(t))
	case *types.Map:
		return in(t.Key()) && in(t.Elem())
	case *types.Signature:
		return tupleWritable(t.Params(), in) && tupleWritable(t.Results(), in)
	case *types.Struct:
		for v := range t.Fields() {
			if !v.Exported() || !in(v.Type()) {
				return false
			}
		}
		return true
	case *types.Interface:
		for m := range t.Methods() {
			if !m.Exported() || !in(m.Type()) {
				return false
			}
		}
		return true
	case interface{ Elem() types.Type }:
		return in(t.Elem())
	}
	return true
}

func tupleWritable(t *types.Tuple, in func(types.Type) bool) bool {
	for v := range t.Variables() {
		if !in(v.Type()) {
			return false
		}
	}
	return true
}

// wrap writes the struct that carries a cell's value as this interface: the value, and a func for each method.
func (f *file) wrap(name, key string, i *types.Interface) {
	var fields, methods bytes.Buffer
	for m := range i.Methods() {
		params, args := f.params(m.Signature())
		results := f.results(m.Signature())
		fmt.Fprintf(&fields, "\tW%s func(%s)%s\n", m.Name(), params, results)
		ret := ""
		if m.Signature().Results().Len() > 0 {
			ret = "return "
		}
		fmt.Fprintf(&methods, "func (w %s) %s(%s)%s { %sw.W%s(%s) }\n", name, m.Name(), params, results, ret, m.Name(), args)
	}
	fmt.Fprintf(&f.wraps, "\ntype %s struct {\n\tIValue any\n%s}\n\n%s", name, &fields, &methods)
	f.entry(key, "(*"+name+")(nil)")
}

func (f *file) params(sg *types.Signature) (decl, args string) {
	var ds, as []string
	for i := range sg.Params().Len() {
		t, dots := sg.Params().At(i).Type(), ""
		name := fmt.Sprintf("a%d", i)
		arg := name
		if sg.Variadic() && i == sg.Params().Len()-1 {
			t, dots, arg = t.(*types.Slice).Elem(), "...", name+"..."
		}
		ds = append(ds, name+" "+dots+types.TypeString(t, f.qualify))
		as = append(as, arg)
	}
	return strings.Join(ds, ", "), strings.Join(as, ", ")
}

func (f *file) results(sg *types.Signature) string {
	var rs []string
	for v := range sg.Results().Variables() {
		rs = append(rs, types.TypeString(v.Type(), f.qualify))
	}
	if len(rs) == 0 {
		return ""
	}
	return " (" + strings.Join(rs, ", ") + ")"
}

// text returns the file, nil if the package has nothing for a table.
func (f *file) text() []byte {
	if f.entries.Len() == 0 {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(header + "\nimport (\n\t\"reflect\"\n")
	paths := make([]string, 0, len(f.imports))
	for p := range f.imports {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		fmt.Fprintf(&b, "\t%s %q\n", f.imports[p], p)
	}
	fmt.Fprintf(&b, ")\n\nfunc %s() Table {\n\treturn Table{\n%s\t}\n}\n%s", f.fn, &f.entries, &f.wraps)
	return b.Bytes()
}
