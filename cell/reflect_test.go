package cell_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/display"
)

// TestReflectAcrossCells reflects on types and values of cells that ran before any used package reflect, and on a type that was
// declared again: its values keep the type that they were made with.
func TestReflectAcrossCells(t *testing.T) {
	t.Parallel()
	s, err := cell.NewSession(cell.Options{})
	require.NoError(t, err)
	for _, c := range []struct{ src, want string }{
		{"type P struct { X int `k:\"v\"`; y *P }\nfunc (p *P) Up(n int) int { p.X += n; return p.X }\nvar held any = &P{X: 1}\n1", "1"},
		{"import \"reflect\"\nv := reflect.ValueOf(held).Elem()\nv.Type().Field(0).Tag.Get(\"k\")", `"v"`},
		{"v.Addr().MethodByName(\"Up\").Call([]reflect.Value{reflect.ValueOf(4)})[0].Int()", "5"},
		{"func (p *P) Up(n int) int { return -n }\nv.Addr().MethodByName(\"Up\").Call([]reflect.Value{reflect.ValueOf(4)})[0].Int()", "-4"},
		{"type P struct { X, Z string }\nreflect.TypeOf(P{}) == v.Type()", "false"},
		{"reflect.TypeOf(P{}).Field(1).Name + v.Type().Field(1).Name + v.Type().String()", `"Zymain.P"`},
		{"reflect.TypeOf(P{}).AssignableTo(v.Type())", "false"},
		{"v", `<main.P Value>`},
	} {
		r, err := s.Run(t.Context(), cell.Cell{Name: "In", Source: c.src})
		require.NoError(t, err, c.src)
		assert.Equal(t, c.want, r.Bundle.Data[display.Plain], c.src)
	}
}
