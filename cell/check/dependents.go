package check

import (
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/joey-go/joey/cell/source"
)

// rebuild settles the draft together with the functions of earlier cells that use what it changes. Functions that no longer compile are
// left out, unless the cell uses them itself.
func (d *draft) rebuild() *pass {
	for {
		d.bindMethods()
		p := d.settle()
		if !d.addDependents(p) && !d.dropBroken(p) && !d.addMethods(p) {
			return p
		}
	}
}

// addDependents adds what mentions a changed name; true if there was something to add. A function that is built again changes itself if its
// type does, so the caller asks again.
func (d *draft) addDependents(p *pass) bool {
	changed := d.changed(p)
	if len(changed) == 0 {
		return false
	}
	n := len(d.again)
	for key, x := range d.scope.decls {
		if x.fn == nil || d.again[key] != nil || d.gone[key] != "" || d.declares(key) || x.fn.Recv == nil && d.owned[key] {
			continue
		}
		for name := range x.uses {
			if changed[name] {
				d.add(key, x)
				break
			}
		}
	}
	return len(d.again) > n
}

// changed are the names whose users cannot stay as they are: late binding does not reach them.
func (d *draft) changed(p *pass) map[string]bool {
	changed := map[string]bool{}
	consider := func(name string) {
		old, obj := d.scope.live[name], p.pkg.Scope().Lookup(name)
		switch {
		case obj == nil || obj.Pkg() != p.pkg || invalid(obj.Type()):
		case d.scope.imports[name] != nil:
			changed[name] = true
		case old != nil && !lateBound(old, obj) && !sameConst(old, obj):
			changed[name] = true
		}
	}
	for name := range d.owned {
		consider(name)
	}
	for key := range d.again {
		consider(key)
	}
	for _, spec := range d.file.Imports {
		key := importKey(spec)
		if old := d.scope.imports[key]; d.scope.live[key] != nil || old != nil && old.Path.Value != spec.Path.Value {
			changed[key] = true
		}
	}
	return changed
}

func invalid(t types.Type) bool { return t == nil || strings.Contains(t.String(), "invalid type") }

// lateBound says whether code that was built with old can reach obj: the same kind of thing with the same type. Instances of generic
// functions are bound when they are built.
func lateBound(old, obj types.Object) bool {
	if old == nil || old.Pkg().Path() != obj.Pkg().Path() || !types.Identical(old.Type(), obj.Type()) {
		return false
	}
	switch obj := obj.(type) {
	case *types.Func:
		_, ok := old.(*types.Func)
		return ok && obj.Signature().TypeParams() == nil
	case *types.Var:
		_, ok := old.(*types.Var)
		return ok
	}
	return false
}

func sameConst(old, obj types.Object) bool {
	a, ok1 := old.(*types.Const)
	b, ok2 := obj.(*types.Const)
	return ok1 && ok2 && types.Identical(a.Type(), b.Type()) && a.Val().Kind() == b.Val().Kind() &&
		a.Val().ExactString() == b.Val().ExactString() && a.Val().Kind() != constant.Unknown
}

// dropBroken leaves out a declaration of an earlier cell that has an error; true if there was one.
func (d *draft) dropBroken(p *pass) bool {
	for _, key := range slices.Sorted(maps.Keys(d.again)) {
		x := d.again[key]
		if x.fn == nil {
			continue
		}
		for _, e := range p.errs {
			if !within(x.fn, e) {
				continue
			}
			d.drop(key, x, d.located(d.fault(e)).Error())
			return true
		}
	}
	return false
}

func within(n ast.Node, e types.Error) bool { return n.Pos() <= e.Pos && e.Pos < n.End() }

func (d *draft) located(e *source.Error) *source.Error { return &source.Error{Pos: e.Pos, Msg: e.Msg} }

func (d *draft) drop(key string, x *decl, reason string) {
	delete(d.again, key)
	d.gone[key] = reason
	if x.fn.Recv == nil {
		return
	}
	for _, l := range d.late {
		if l.fn == d.asFunc[x.fn] {
			d.broken[l.method] = reason
		}
	}
}
