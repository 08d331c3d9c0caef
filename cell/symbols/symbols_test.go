package symbols

import (
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPackage(t *testing.T) {
	t.Parallel()
	var s Set
	assert.Empty(t, s.built, "a set builds nothing before it is asked")
	table := s.Package("strings")
	assert.Equal(t, "A", table["ToUpper"].Call([]reflect.Value{reflect.ValueOf("a")})[0].String())
	assert.Equal(t, reflect.TypeFor[*strings.Builder](), table["Builder"].Type())
	assert.Equal(t, []string{"strings"}, keys(s.built), "and then what was asked for")
	assert.Nil(t, s.Package("no/such"))
	assert.NotContains(t, s.Package("runtime/internal/sys"), "GOOS")
}

func keys(m map[string]Table) (ks []string) {
	for k := range m {
		ks = append(ks, k)
	}
	return ks
}

func TestVariablesByAddress(t *testing.T) {
	t.Parallel()
	var s Set
	eof := s.Package("io")["EOF"]
	require.Equal(t, reflect.Pointer, eof.Kind())
	assert.Equal(t, io.EOF, eof.Elem().Interface())
}

func TestWrapperCarriesAnInterface(t *testing.T) {
	t.Parallel()
	var s Set
	w := reflect.New(s.Package("io")["_Reader"].Type().Elem()).Elem()
	w.FieldByName("IValue").Set(reflect.ValueOf("what it carries"))
	w.FieldByName("WRead").Set(reflect.ValueOf(func(b []byte) (int, error) { return copy(b, "x"), io.EOF }))
	b, err := io.ReadAll(w.Interface().(io.Reader))
	require.NoError(t, err)
	assert.Equal(t, "x", string(b))
}

func TestOverride(t *testing.T) {
	t.Parallel()
	mine := reflect.ValueOf(func() string { return "mine" })
	s := Set{Override: map[string]Table{"os": {"Getwd": mine}, "session": {"F": mine}}}
	assert.Equal(t, mine.Pointer(), s.Package("os")["Getwd"].Pointer())
	assert.Contains(t, s.Package("os"), "Exit")
	assert.Contains(t, s.Package("session"), "F")
	var other Set
	assert.NotEqual(t, mine.Pointer(), other.Package("os")["Getwd"].Pointer(), "another set is not changed")
}

func TestInterfacesWithHiddenMethodsHaveNoWrapper(t *testing.T) {
	t.Parallel()
	var s Set
	assert.Contains(t, s.Package("reflect"), "Type")
	assert.NotContains(t, s.Package("reflect"), "_Type")
	assert.NotContains(t, s.Package("cmp"), "Ordered")
}
