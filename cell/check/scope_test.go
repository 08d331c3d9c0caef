package check_test

import (
	"errors"
	"fmt"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// lateBound are the declared names of a cell that later reach callers of the earlier ones.
func lateBound(typed *check.Typed) map[string]bool {
	names := map[string]bool{}
	for _, n := range typed.Names {
		names[n.Obj.Name()] = n.LateBound
	}
	return names
}

func TestNamesSayWhatIsLateBound(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "x := 1\nvar y string\nfunc f() int { return x }\nfunc G[T any](t T) T { return t }\ntype P struct{}\nconst c = 1\nfunc user() P { return P{} }")
	typed := s.must(t, "In [2]", "x := 2\nvar y int\nfunc f() int { return 0 }\nfunc G[T any](t T) T { return t }\ntype P struct{}\nconst c = 1\nz := 1")
	assert.Equal(t, map[string]bool{
		"x": true, "f": true, // same kind, same type
		"y": false, "G": false, "P": false, "c": false, "z": false,
		"user": false, // built again, and its own type changes
	}, lateBound(typed))
}

func TestDependentsAreBuiltAgain(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "func g() int { return 1 }\nfunc h() int { return g() }\nfunc other() int { return 2 }")
	typed := s.must(t, "In [2]", "func g() int { return 3 }")
	assert.Equal(t, map[string]bool{"g": true}, lateBound(typed), "callers reach a function of the same type without being built again")
	typed = s.must(t, "In [3]", "func g() (n uint8) { return }\nfunc h() uint8 { return g() }")
	assert.NotContains(t, lateBound(typed), "other")
}

func TestNotesNameWhatIsGoneAndWhatStaysOld(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "func g() int { return 1 }\nfunc h() int { return g() }")
	s.must(t, "In [2]", "call := func() int { return g() }")
	s.must(t, "In [3]", `func g() string { return "s" }`)
	assert.Equal(t, []string{
		"h no longer compiles and is gone: In [1]:2:23: cannot use g() (value of type string) as int value in return statement",
		"function values made by In [2] still use the earlier g; run it again to change that",
	}, s.notes)
	_, err := s.run("In [4]", "h()")
	assert.ErrorContains(t, err, "undefined: h (In [1]:2:23: cannot use g()")
}

func TestARejectedCellChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "import \"fmt\"\ntype P struct{ a int }\nx := 1\nfunc f() int { return x }")
	for _, bad := range []string{
		"x := \"s\"\nundefined1()",
		"type P struct{ b int }\nundefined1()",
		"func f() string { return 1 }",
		"import \"strings\"\nundefined1()",
		"func (p P) M() int { return undefined1 }",
		"x := )",
	} {
		_, err := s.run("bad", bad)
		require.Error(t, err, bad)
	}
	s.must(t, "In [2]", "var n int = x + f() + P{a: 1}.a\nfmt.Println(n)")
	for _, gone := range []string{"P{}.M()", "strings.ToUpper(``)", "P{}.b"} {
		_, err := s.run("In [3]", gone)
		assert.Error(t, err, gone)
	}
}

// A program that the engine refuses has been checked but never committed: its methods have no code.
func TestMethodsOfACellThatNeverRanAreRefused(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "type P struct{ a int }")
	cell, err := split.Parse(s.set, source.NewText("In [2]", "func (p P) M() int { return 1 }"))
	require.NoError(t, err)
	_, err = s.scope.Check(cell)
	require.NoError(t, err)
	_, err = s.run("In [3]", "P{}.M()")
	assert.ErrorContains(t, err, "P{}.M undefined (the cell that declared it was rejected)")
	s.must(t, "In [4]", "func (p P) M() int { return 2 }\nP{}.M()")
}

func TestACellThatStopsKeepsWhatItSet(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "b := 1")
	typed := s.must(t, "In [2]", "a := 1\nb := \"s\"\nc := 2")
	s.scope.Stopped(typed, 1)
	s.must(t, "In [3]", "a + b")
	_, err := s.run("In [4]", "c")
	assert.ErrorContains(t, err, "undefined: c (In [2] stopped before it set c)")
}

func TestDeclarationsAloneAreInGosOrder(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "var a = b + f()\nvar c int\nvar b = 2\nfunc f() int { return d }\nvar d = 4")
	s.must(t, "In [2]", "var p, q = r, 1\nvar r = q\nvar _, _ *int = nil, &r")
}

func TestTypesOfOtherCellsHaveThePathMain(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	typed := s.must(t, "In [1]", "type P struct{}\np := &P{}")
	assert.Equal(t, "*main.P", types.TypeString(typed.Pkg.Scope().Lookup("p").Type(), check.Qualifier))
	assert.Equal(t, "main", typed.Pkg.Path())
}

// The cost of a check must not grow with the session.
func BenchmarkCheckLateInASession(b *testing.B) {
	s := newSession(b)
	for i := range 2000 {
		s.must(b, fmt.Sprint("In ", i), fmt.Sprintf("a%d := %d\nfunc h%d(x int) int { return x + a%d }", i, i, i, i))
	}
	for b.Loop() {
		s.must(b, "In", "1 + 1")
	}
}

// No cell makes the check panic, and every error has a place in it.
func FuzzCheck(f *testing.F) {
	for _, src := range []string{
		"x := 1\nx", "x := x + 1", "type P struct{ a int }\nfunc (p P) M() {}\nP{1}.M()", "func (p Q) M() int { return 1 }",
		"type Q[T any] struct{}\nfunc (q *Q[T]) N() {}", "import . \"math\"\nPi", "var a, b = b, a", "goto l\nl:\nx;",
		"for i := range f() { defer g(i) }", "func main() {}\nfunc init() {}", "q := Q{1, 2}\nq.Old()", "const c = iota", "y, err := two()\ntwo()",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		s := newSession(t)
		s.must(t, "first", "type Q struct{ a, b int }\nfunc (q Q) Old() int { return q.a }\nx, y := 1, 2\nfunc two() (int, error) { return x, nil }")
		for _, name := range []string{"In [1]", "In [2]"} {
			_, err := s.run(name, src)
			var list source.ErrorList
			if err == nil {
				continue
			}
			require.True(t, errors.As(err, &list), "%v", err)
			for _, e := range list {
				assert.True(t, e.Pos.IsValid(), "%v", e)
			}
		}
	})
}

func TestAnErrorThatMixesARedefinedTypesValuesNamesTheCells(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(t, "In [1]", "type P struct{ X int }; p := P{1}")
	for i, c := range []struct{ src, want string }{
		{"type P struct{ X, Y int }\nfunc use(p P) int { return p.X }\nuse(p)",
			"cannot use p (variable of struct type P (of In [1])) as P (of In [2]) value in argument to use"},
		{"type P struct{ Y int }\np == P{}", "invalid operation: p == P{} (mismatched types P (of In [1]) and P (of In [3]))"},
		{"type P struct{ Y int }\np.Y", "p.Y undefined (type P (of In [1]) has no field or method Y)"},
		{"p.Y", "p.Y undefined (type P has no field or method Y)"},
	} {
		_, err := s.run(fmt.Sprintf("In [%d]", i+2), c.src)
		assert.ErrorContains(t, err, c.want)
	}
}
