// Package locals remembers what Go calls types that functions declare: reflect shows the n-th such type of a package as T·n where it is a
// type argument, and puts the type arguments of a generic function before the type's own (T[int;string]). go/types keeps neither, and
// go/ssa makes a type afresh for each instance of its function. The memory lies with the types' package, and goes with it.
// The package imports cell/source alone.
package locals

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"github.com/joey-go/joey/cell/source"
)

// names is a package's memory, an object of a scope that contains no source, so that no name leads to it.
type names struct {
	types.Object
	numbers map[token.Pos]int // by the place of the declaration, which all instances share

	mu   sync.Mutex // programs print while later cells are compiled
	args map[*types.TypeName][]types.Type
}

const name = "types that functions declare"

// Number numbers the types that a package's functions declare, in the order of its files and of the text, which is not that of the syntax:
// a cell's statements stand behind its functions there.
func Number(p *types.Package, info *types.Info, position func(token.Pos) source.Pos) {
	var at []token.Pos
	for _, obj := range info.Defs {
		t, ok := obj.(*types.TypeName)
		if !ok || t.IsAlias() || t.Parent() == p.Scope() || t.Pkg() != p {
			continue
		}
		if _, param := t.Type().(*types.TypeParam); !param {
			at = append(at, t.Pos())
		}
	}
	if len(at) == 0 {
		return
	}
	slices.Sort(at)
	file := map[string]int{}
	for i, pos := range at {
		if name := position(pos).Cell; file[name] == 0 {
			file[name] = i + 1
		}
	}
	slices.SortStableFunc(at, func(a, b token.Pos) int {
		x, y := position(a), position(b)
		return cmp.Or(cmp.Compare(file[x.Cell], file[y.Cell]), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	numbers := map[token.Pos]int{}
	for i, pos := range at {
		numbers[pos] = i + 1
	}
	s := types.NewScope(p.Scope(), token.NoPos, token.NoPos, name)
	s.Insert(&names{
		Object:  types.NewLabel(token.NoPos, p, name),
		numbers: numbers,
		args:    map[*types.TypeName][]types.Type{},
	})
}

// Scope is the child of p's scope that holds the memory, nil if there is none.
func Scope(p *types.Package) *types.Scope {
	for c := range p.Scope().Children() {
		if c.Lookup(name) != nil {
			return c
		}
	}
	return nil
}

func of(t *types.TypeName) *names {
	if t.Pkg() == nil {
		return nil
	}
	s := Scope(t.Pkg())
	if s == nil {
		return nil
	}
	return s.Lookup(name).(*names)
}

// Instantiate notes that t was made for the instance of its function with these type arguments.
func Instantiate(t *types.TypeName, args []types.Type) {
	if n := of(t); n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.args[t] = args
	}
}

// Of returns the number of a type, 0 if no function declares it, and the type arguments of its function.
func Of(t *types.TypeName) (number int, args []types.Type) {
	n := of(t)
	if n == nil {
		return 0, nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.numbers[t.Pos()], n.args[t]
}
