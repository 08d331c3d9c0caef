package rt

import (
	"fmt"
	"os"
	"reflect"
	"strings"
)

// Print is the builtin print or println: to standard error. Since Go 1.26 the runtime prints
// floats as fmt does.
func (r *Runtime) Print(line bool, operands ...any) {
	var b strings.Builder
	for i, p := range operands {
		if line && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(printed(elem(p)))
	}
	if line {
		b.WriteByte('\n')
	}
	os.Stderr.WriteString(b.String())
}

func printed(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Chan, reflect.Map, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("0x%x", v.Pointer())
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]0x%x", v.Len(), v.Cap(), v.Pointer())
	case reflect.Interface:
		if v.IsNil() {
			return "(0x0,0x0)"
		}
		return fmt.Sprintf("(%p,%p)", reflect.TypeOf(v.Interface()), v.Addr().Interface())
	}
	return fmt.Sprint(v.Interface())
}
