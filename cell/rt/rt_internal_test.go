package rt

import (
	"errors"
	"go/token"
	"go/types"
	"io"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/petermattis/goid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/source"
)

func eval(t *testing.T, expr string) types.Type {
	t.Helper()
	tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, expr)
	require.NoError(t, err)
	return tv.Type
}

func TestTypeStringIsReflects(t *testing.T) {
	t.Parallel()
	for expr, v := range map[string]any{
		"[]any":             []any{},
		"map[string][]byte": map[string][]byte{},
		"struct{X rune; Y error; Z struct{}}": struct {
			X rune
			Y error
			Z struct{}
		}{},
		"*interface{Error() string}":     (*interface{ Error() string })(nil),
		"func(...any) (int, <-chan int)": (func(...any) (int, <-chan int))(nil),
	} {
		assert.Equal(t, reflect.TypeOf(v).String(), typeString(eval(t, expr)), expr)
	}
}

func TestSameType(t *testing.T) {
	t.Parallel()
	for expr, v := range map[string]any{
		"[]any": []any{}, "map[string]error": map[string]error{}, "func(int, ...string) bool": (func(int, ...string) bool)(nil),
		"[2]*int8": [2]*int8{}, "<-chan uint": (<-chan uint)(nil), "complex64": complex64(0),
	} {
		assert.True(t, sameType(eval(t, expr), reflect.TypeOf(v)), expr)
		assert.False(t, sameType(eval(t, expr), reflect.TypeFor[io.Reader]()), expr)
		assert.False(t, sameType(eval(t, expr), reflect.TypeFor[[]int]()), expr)
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raised any
		want   string
	}{
		"reflect's index":  {"reflect: slice index out of range", "runtime error: index out of range"},
		"yaegi's nil":      {"reflect: call of reflect.Value.Field on zero Value", "runtime error: invalid memory address or nil pointer dereference"},
		"a nil func":       {"reflect: call of nil function", "runtime error: invalid memory address or nil pointer dereference"},
		"reflect's bounds": {"reflect.Value.Slice: slice index out of bounds", "runtime error: slice bounds out of range"},
	} {
		p := normalise(c.raised)
		err, ok := p.value.(runtime.Error)
		if assert.True(t, ok, name) {
			assert.Equal(t, c.want, err.Error(), name)
			assert.False(t, p.final, name)
		}
	}
	assert.Equal(t, &panicking{value: "reflect: mine"}, normalise(raised{"reflect: mine"}), "what user code raised is left alone")
	assert.True(t, normalise(Stop{errors.New("x")}).final)
	assert.True(t, normalise(&source.Error{}).final)
	assert.True(t, normalise("reflect.Set: value of type int is not assignable to type string").final)
}

func TestVerbsThatFmtAnswersItself(t *testing.T) {
	t.Parallel()
	n := types.NewNamed(types.NewTypeName(0, types.NewPackage("main", "mainꞏ3"), "P", nil), types.NewStruct(nil, nil), nil)
	r := New(nil, Hooks{}, Frames{})
	p := r.export(Box{r.Type(n), struct{}{}})
	format, operands := answerVerbs("%d %5T %% %v %*d %T", []any{1, p, p, 3, 4, 5})
	assert.Equal(t, "%d %5s %% %v %*d %T", format)
	assert.Equal(t, []any{1, "main.P", p, 3, 4, 5}, operands)
}

func TestIDsAreThoseOfStackTraces(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { assert.Equal(t, tracedID(), currentID()) })
	}
	wg.Wait()
	fast := reflect.ValueOf(goid.Get).Pointer() == reflect.ValueOf(identify()).Pointer()
	assert.True(t, fast, "the library does not know this release of Go: waits of goroutines take ten times as long")
}
