package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// lateMethod is a method for a type of an earlier cell. go/types crashes on its declaration, so it is checked as a function whose first
// parameter is the receiver.
type lateMethod struct {
	fn     *ast.FuncDecl // the function
	named  *types.Named
	method *types.Func
	isNew  bool
}

// receiver is the name of a method's base type, "" if there is none.
func receiver(f *ast.FuncDecl) string {
	if len(f.Recv.List) == 0 {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// declKey names a function or a method in the tables of a session.
func declKey(f *ast.FuncDecl) string {
	if f.Recv != nil {
		return receiver(f) + "." + f.Name.Name
	}
	return f.Name.Name
}

// methods are the method declarations of the draft, those that are built again included.
func (d *draft) methods() (ms []*ast.FuncDecl) {
	for _, x := range d.file.Decls {
		if f, ok := x.(*ast.FuncDecl); ok && f.Recv != nil {
			ms = append(ms, f)
		}
	}
	for _, x := range d.again {
		if x.fn != nil && x.fn.Recv != nil {
			ms = append(ms, x.fn)
		}
	}
	return ms
}

// bindMethods finds the methods that the draft declares for types of earlier cells. A method that does not fit the type as it is
// (another signature, a generic type) makes the type declared again; old values keep the old type.
func (d *draft) bindMethods() {
	for again := true; again; {
		again = false
		d.asFunc, d.late = map[*ast.FuncDecl]*ast.FuncDecl{}, nil
		lates := map[*ast.FuncDecl]*types.Named{}
		for _, m := range d.methods() {
			name := receiver(m)
			obj, ok := d.scope.live[name].(*types.TypeName)
			if !ok || d.owned[name] {
				continue
			}
			named, ok := types.Unalias(obj.Type()).(*types.Named)
			switch {
			case !ok || named.Obj() != obj:
				d.errorf(m.Name.Pos(), "cannot define a method on %s, which is no type that a cell declares by itself", name)
				d.asFunc[m] = standInFunc(m, name)
			case named.TypeParams() != nil:
				again = d.redeclare(name) || again
			default:
				lates[m] = named
				d.asFunc[m] = standInFunc(m, name)
			}
		}
		if !again && len(lates) > 0 {
			again = d.bind(lates)
		}
	}
}

// addMethods adds the new methods to their types; true if there was one. A types.Named cannot lose a method again: until the cell is
// committed, an added one is pending, and the checks of other cells refuse it. So this comes last, when only the methods that
// it adds are missing.
func (d *draft) addMethods(p *pass) bool {
	var missing []lateMethod
	for _, l := range d.late {
		if l.isNew && methodOf(l.named, l.method.Name()) == nil {
			missing = append(missing, l)
		}
	}
	if len(missing) == 0 || !onlyMisses(p, missing) {
		return false
	}
	for _, l := range missing {
		l.named.AddMethod(l.method)
		d.scope.pending[l.method] = "the cell that declared it was rejected"
	}
	return true
}

// onlyMisses says that all errors are about methods that will be added.
func onlyMisses(p *pass, missing []lateMethod) bool {
	for _, e := range p.errs {
		if !slices.ContainsFunc(missing, func(l lateMethod) bool { return strings.Contains(e.Msg, l.method.Name()) }) {
			return false
		}
	}
	return true
}

// standInFunc is a method as a function. Go wants all parameters named or none.
func standInFunc(m *ast.FuncDecl, typeName string) *ast.FuncDecl {
	params := &ast.FieldList{Opening: m.Type.Params.Opening, Closing: m.Type.Params.Closing}
	for _, list := range []*ast.FieldList{m.Recv, m.Type.Params} {
		for _, field := range list.List {
			f := *field
			if len(f.Names) == 0 {
				f.Names = []*ast.Ident{{Name: "_", NamePos: f.Type.Pos()}}
			}
			params.List = append(params.List, &f)
		}
	}
	t := *m.Type
	t.Params = params
	return &ast.FuncDecl{Doc: m.Doc, Name: &ast.Ident{Name: typeName + "ꞏ" + m.Name.Name, NamePos: m.Name.NamePos}, Type: &t, Body: m.Body}
}

// bind checks the signatures and gives each method its *types.Func; true if a type had to be declared again.
func (d *draft) bind(lates map[*ast.FuncDecl]*types.Named) (again bool) {
	p := d.passOver(d.signatures(), true)
	for m, named := range lates {
		fn := d.asFunc[m]
		f, ok := p.pkg.Scope().Lookup(fn.Name.Name).(*types.Func)
		if !ok || f.Signature().Params().Len() == 0 {
			continue // the full check reports it
		}
		sig := methodSignature(f.Signature())
		old := methodOf(named, m.Name.Name)
		switch {
		case old == nil && d.hasField(named, m):
		case old == nil:
			method := types.NewFunc(m.Name.Pos(), named.Obj().Pkg(), m.Name.Name, sig)
			d.late = append(d.late, lateMethod{fn, named, method, true})
		case sameMethod(old.Signature(), sig):
			_, pending := d.scope.pending[old]
			d.late = append(d.late, lateMethod{fn, named, old, pending && d.broken[old] == ""})
		default:
			again = d.redeclare(named.Obj().Name()) || again
		}
	}
	return again
}

// signatures is the composed file without variables and code.
func (d *draft) signatures() *ast.File {
	f := d.compose()
	decls := f.Decls
	f.Decls = nil
	for _, x := range decls {
		switch x := x.(type) {
		case *ast.FuncDecl:
			if x != d.entry {
				f.Decls = append(f.Decls, x)
			}
		case *ast.GenDecl:
			if x.Tok != token.VAR {
				f.Decls = append(f.Decls, x)
			}
		}
	}
	return f
}

func (d *draft) hasField(named *types.Named, m *ast.FuncDecl) bool {
	st, ok := named.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range st.Fields() {
		if f.Name() == m.Name.Name {
			d.errorf(m.Name.Pos(), "field and method with the same name %s", m.Name.Name)
			return true
		}
	}
	return false
}

// methodSignature takes the receiver out of the parameters.
func methodSignature(sig *types.Signature) *types.Signature {
	var params []*types.Var
	for v := range sig.Params().Variables() {
		params = append(params, v)
	}
	return types.NewSignatureType(params[0], nil, nil, types.NewTuple(params[1:]...), sig.Results(), sig.Variadic())
}

func methodOf(named *types.Named, name string) *types.Func {
	for m := range named.Methods() {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

func sameMethod(a, b *types.Signature) bool {
	return types.Identical(a, b) && types.Identical(a.Recv().Type(), b.Recv().Type())
}

// redeclare lets the cell declare a type of an earlier cell again, with all its methods; false if it does so already.
func (d *draft) redeclare(name string) bool {
	spec := d.scope.decls[name]
	if spec == nil || d.owned[name] {
		return false
	}
	d.owned[name] = true
	d.add(name, spec)
	for key, x := range d.scope.decls {
		if x.fn != nil && x.fn.Recv != nil && receiver(x.fn) == name && !d.declares(key) {
			d.add(key, x)
		}
	}
	return true
}

// add lets a declaration of an earlier cell be built again.
func (d *draft) add(key string, x *decl) {
	d.scope.unkey(x.node())
	d.again[key] = x
}

// declares says whether the cell itself declares a function or method.
func (d *draft) declares(key string) bool {
	for _, x := range d.file.Decls {
		if f, ok := x.(*ast.FuncDecl); ok && declKey(f) == key {
			return true
		}
	}
	return false
}

// defines says whether a method has code in the draft.
func (d *draft) defines(f *types.Func) bool {
	for _, l := range d.late {
		if l.method == f {
			return true
		}
	}
	return false
}
