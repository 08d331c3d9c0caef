package rt

import (
	"reflect"
	"strings"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// callPrint calls fmt.Println or fmt.Printf without reflection, which takes longer than the printing: cells print in loops. It is false,
// and has done nothing, if an operand or a verb wants more than what compiled code makes of it.
func (r *Program) callPrint(c *compiledFunc, results, args []any) bool {
	operands, ok := args[len(args)-1].(*[]any)
	if !ok || !compiledOnly(*operands) {
		return false
	}
	var n int
	var err error
	switch print := c.fn.Interface().(type) {
	case func(...any) (int, error):
		n, err = print(*operands...)
	case func(string, ...any) (int, error):
		format, ok := args[0].(*string)
		if !ok || strings.ContainsAny(*format, "Tp") { // see fixVerbs
			return false
		}
		n, err = print(*format, *operands...)
	default:
		return false
	}
	set(elem(results[0]), reflect.ValueOf(n))
	d := elem(results[1])
	set(d, r.fromGo(reflect.ValueOf(&err).Elem(), d.Type()))
	return true
}

func compiledOnly(operands []any) bool {
	for _, x := range operands {
		switch x.(type) {
		case Box, mirror.Value, mirror.Type:
			return false
		}
	}
	return true
}
