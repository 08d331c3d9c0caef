// Package context makes contexts that hold values of cells: the standard library's would print the types that those have to compiled code.
// It has the library's name because fmt prints the name of the type. The package imports none of ours.
package context

import (
	"context"
	"fmt"
)

// valueCtx is a context with one value. The context inside has it too, and answers all but String.
type valueCtx struct {
	context.Context
	text string
}

// WithValue is the library's, with its checks. typeString names the type of a key or a value.
func WithValue(parent context.Context, key, value any, typeString func(any) string) context.Context {
	c := context.WithValue(parent, key, value)
	return &valueCtx{c, name(parent) + ".WithValue(" + text(key, typeString) + ", " + text(value, typeString) + ")"}
}

// String is what the library's prints.
func (c *valueCtx) String() string { return c.text }

func name(c context.Context) string {
	if s, ok := c.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", c)
}

func text(v any, typeString func(any) string) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case string:
		return v
	case fmt.Stringer:
		return v.String()
	}
	return typeString(v)
}
