package rt

import (
	"fmt"
	"log/slog"
	"reflect"
)

// fixLogged gives cells' values among the arguments of log/slog the methods that its handlers ask for, and no others:
// a handler that finds MarshalJSON does not ask an error for its text.
func fixLogged(in []reflect.Value) {
	for i, v := range in {
		switch x := v.Interface().(type) {
		case []any:
			forms := make([]any, len(x))
			for k := range x {
				forms[k] = logForm(x[k])
			}
			in[i] = reflect.ValueOf(forms)
		default:
			if v.Type() == anyType && x != nil {
				in[i].Set(reflect.ValueOf(logForm(x)))
			}
		}
	}
}

func logForm(x any) any {
	b, ok := unexport(x).(Box)
	if !ok {
		return x
	}
	f := Formatted{b, b.Type.r}
	_, isError := x.(error)
	switch {
	case b.Type.has("LogValue", "", "log/slog.Value"):
		return logValuer{f}
	case b.Type.method("MarshalText") != nil:
		return logText{f}
	case isError && b.Type.method("MarshalJSON") == nil:
		return logError{f}
	}
	return x
}

type logValuer struct{ Formatted }

func (l logValuer) LogValue() slog.Value { return l.box.call("LogValue")[0].Interface().(slog.Value) }

type logText struct{ Formatted }

func (l logText) MarshalText() ([]byte, error) { return encoded(l.Formatted).bytes("MarshalText") }

type logError struct{ f Formatted }

func (l logError) Error() string                 { return l.f.box.call("Error")[0].String() }
func (l logError) Format(s fmt.State, verb rune) { l.f.Format(s, verb) }
func (l logError) exported() Box                 { return l.f.box }
