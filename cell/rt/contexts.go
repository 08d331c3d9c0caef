package rt

import (
	"context"
	"reflect"

	own "github.com/joey-go/joey/cell/rt/context"
)

// withValue is context.WithValue.
func (r *Runtime) withValue(parent context.Context, key, value any) context.Context {
	return own.WithValue(parent, key, value, func(v any) string {
		if f, ok := v.(interface{ TypeString() string }); ok {
			return f.TypeString()
		}
		return reflect.TypeOf(v).String()
	})
}
