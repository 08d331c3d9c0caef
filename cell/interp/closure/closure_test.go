package closure

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
	"github.com/joey-go/joey/cell/source"
)

// If Go laid out funcs in another way, all would still be right, and calls of func values ten times as slow.
func TestFuncsAreFoundAgain(t *testing.T) {
	t.Parallel()
	m := newFuncMaker()
	assert.True(t, wordsHold, "interfaces do not look as expected")
	require.NotZero(t, m.stub, "funcs that reflect makes do not look as expected")
	for _, f := range []any{
		(func())(nil), (func(int, int) bool)(nil), (func(int) int)(nil), (func(string) string)(nil), (func(float64) float64)(nil),
		(func(any) bool)(nil), (func(any, any) int)(nil), (func(string, string) int)(nil), (func() int)(nil), (func(int, string))(nil),
	} {
		typ := reflect.TypeOf(f)
		assert.NotZero(t, m.templates[typ].code, "%s goes through reflect", typ)
		assertFound(t, m, typ)
	}
	assertFound(t, m, reflect.TypeFor[func([]int, map[string]bool) (int, error)]())
}

func assertFound(t *testing.T, m *funcMaker, typ reflect.Type) {
	t.Helper()
	kind := &funcKind{typ: typ, maker: m, plain: m.templates[typ]}
	k := &closure{kind: kind}
	assert.Same(t, k, kind.own(kind.make(k)), typ)
	other := reflect.New(typ)
	other.Elem().Set(reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value { return nil }))
	assert.Nil(t, kind.own(*(*P)(other.UnsafePointer())), typ)
}

func TestFramesTellTheCollectorTheirPointers(t *testing.T) {
	t.Parallel()
	all := []reflect.Type{
		reflect.TypeFor[int8](), reflect.TypeFor[string](), reflect.TypeFor[any](), reflect.TypeFor[[]byte](), reflect.TypeFor[*int](), reflect.TypeFor[complex128](),
		reflect.TypeFor[struct {
			A bool
			B *int
			C string
		}](), reflect.TypeFor[[3]any](), reflect.TypeFor[[1000]*int](), reflect.TypeFor[struct{}](), reflect.TypeFor[map[int]int](), reflect.TypeFor[[2]int16](),
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := newLayout()
		taken := map[uintptr]bool{}
		offsets := map[uintptr]reflect.Type{}
		for range r.IntN(20) {
			typ := all[r.IntN(len(all))]
			o := l.local(typ)
			for w := uintptr(0); w < max(typ.Size(), 1); w += wordSize {
				require.False(t, taken[o+w], "seed %d: two values at one place", seed)
				taken[o+w] = true
			}
			offsets[o] = typ
		}
		frame := l.typ()
		pointers := make([]bool, frame.Size()/wordSize)
		markPointers(frame, 0, pointers)
		for o, typ := range offsets {
			require.Less(t, o, frame.Size(), "seed %d", seed)
			want := make([]bool, (typ.Size()+wordSize-1)/wordSize)
			markPointers(typ, 0, want)
			for i, p := range want {
				require.Equal(t, p, pointers[o/wordSize+uintptr(i)], "seed %d: word %d of %s", seed, i, typ)
			}
		}
	}
	assert.Zero(t, headerSize%unsafe.Alignof(uintptr(0)))
}

// reflect never frees a type that it has made.
func TestFrameTypesAreFew(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		l := newLayout()
		for range r.IntN(8) {
			l.local([]reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[bool](), reflect.TypeFor[*int](), reflect.TypeFor[float64](), reflect.TypeFor[map[int]int]()}[r.IntN(5)])
		}
		seen[l.typ()] = true
	}
	assert.Less(t, len(seen), 8)
}

type noSymbols struct{}

func (noSymbols) Package(string) map[string]reflect.Value { return nil }

// What does not look as expected takes the slow way, which is right too.
func TestFuncsThatAreNotFoundAreCalledByReflection(t *testing.T) {
	t.Parallel()
	e := New(Options{Symbols: noSymbols{}})
	e.funcs = &funcMaker{}
	const src = `package main
type T struct{ n int }
func (t *T) Add(k int) int { t.n += k; return t.n }
func apply(f func(int, int) int, a, b int) int { return f(a, b) }
func main() {
	sum := 0
	add := func(a, b int) int { sum += a; return a + b }
	if apply(add, 1, 2) != 3 || sum != 1 { panic("closure") }
	t := &T{1}
	m, x := t.Add, (*T).Add
	if m(2) != 3 || x(t, 3) != 6 { panic("method") }
	defer func() { if e := recover(); e != "stop" { panic("recover") } }()
	func(f func()) { f() }(func() { panic("stop") })
}`
	unit, err := e.Load(build(t, src))
	require.NoError(t, err)
	require.NoError(t, unit.Run(context.Background()))
}

func TestNilIsFoundBeforeWhatFollowsIt(t *testing.T) {
	t.Parallel()
	const src = `package main
var (
	xs []int
	array *[3]int
	number *int
	k = 5
)
func message(f func()) (m string) {
	defer func() { m = recover().(error).Error() }()
	f()
	return ""
}
func main() {
	const missing = "runtime error: invalid memory address or nil pointer dereference"
	if m := message(func() { println(array[k]) }); m != missing { panic(m) }
	if m := message(func() { array[k] = 1 }); m != missing { panic(m) }
	if m := message(func() { *number += xs[k] }); m != missing { panic(m) }
}`
	unit, err := New(Options{Symbols: noSymbols{}}).Load(build(t, src))
	require.NoError(t, err)
	require.NoError(t, unit.Run(context.Background()))
}

func build(t *testing.T, src string) *lower.Program {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "main.go", src, parser.SkipObjectResolution)
	require.NoError(t, err)
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
	pkg, err := (&types.Config{GoVersion: "go1.26"}).Check("main", fset, []*ast.File{file}, info)
	require.NoError(t, err)
	p, err := lower.Build(&check.Typed{
		Fset: fset, Pkg: pkg, Files: []*ast.File{file}, Info: info, Entry: "main",
		Position: func(p token.Pos) source.Pos { return source.Pos{Cell: "main.go", Line: fset.Position(p).Line} },
	})
	require.NoError(t, err)
	return p
}

var _ rt.Symbols = noSymbols{}
