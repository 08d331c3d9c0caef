package rt

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"unsafe"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
	"github.com/joey-go/joey/cell/source"
)

// runtimeError is what the Go runtime would have raised. The text is Go's, without "runtime error: ".
type runtimeError string

func (e runtimeError) Error() string { return "runtime error: " + string(e) }

// RuntimeError marks the error as runtime.Error does.
func (e runtimeError) RuntimeError() {}

func (e runtimeError) goType() string { return "runtime.errorString" }

// boundsFault is a runtimeError of an index or a slice. It is a struct, as in the Go runtime: fmt.Print tells it from a string.
type boundsFault struct{ runtimeError }

func (e boundsFault) goType() string { return "runtime.boundsError" }

// assertionError is a failed type assertion: the runtime's own error would name what represents the program's types.
type assertionError struct{ text string }

func (e assertionError) Error() string { return e.text }

// RuntimeError marks the error as runtime.Error does.
func (e assertionError) RuntimeError() {}

func (e assertionError) goType() string { return "*runtime.TypeAssertionError" }

// plainError is a runtime.Error whose text has no prefix.
type plainError string

func (e plainError) goType() string { return "runtime.plainError" }

// hashFault is the plainError of an empty map's key.
type hashFault struct{ plainError }

func (e hashFault) goType() string { return "maps.unhashableTypeError" }

func (e plainError) Error() string { return string(e) }

// RuntimeError marks the error as runtime.Error does.
func (e plainError) RuntimeError() {}

// fatalError is what nothing recovers and ends a compiled program.
type fatalError string

func (e fatalError) Error() string { return string(e) }

// Stop is the panic of the error rule: a cell ends because nobody took this error. User code cannot recover it.
type Stop struct{ Err error }

// errInterrupted is why an interrupted cell ends.
var errInterrupted = errors.New("interrupted")

// raised carries a value that user code gave to panic, so that it is never mistaken for a panic of the engine.
type raised struct{ value any }

// Format prints the value, for compiled code that recovers it and prints it, such as net/http.
func (p raised) Format(s fmt.State, verb rune) { formatRaised(p.value, s, verb) }

// Format prints the value.
func (p *panicking) Format(s fmt.State, verb rune) { formatRaised(p.value, s, verb) }

func formatRaised(v any, s fmt.State, verb rune) {
	fmt.Fprintf(s, fmt.FormatString(s, verb), recoveredValue(v))
}

// panicking is a panic on its way up. It is the value that Go's own panic carries between frames with deferred calls.
type panicking struct {
	value     any
	final     bool // user code must not recover it
	recovered bool
	earlier   *panicking // the one whose deferred call raised this one
}

// after is q with the panic p before all that led to q. It copies: compiled code, such as sync.OnceFunc, raises a panic that it has kept
// a second time, which may have led to p, and other goroutines may read it.
func (q *panicking) after(p *panicking) *panicking {
	for e := p; e != nil; e = e.earlier {
		if e == q {
			return q
		}
	}
	next := *q
	next.earlier = p
	if q.earlier != nil {
		next.earlier = q.earlier.after(p)
	}
	return &next
}

// Panic is the builtin.
func (r *Runtime) Panic(p any) {
	v := *p.(*any)
	if v == nil {
		v = new(runtime.PanicNilError)
	}
	panic(raised{v})
}

// RangeContinued is raised when an iterator calls a loop's body that has ended. state is what go/ssa keeps of the loop.
func (r *Runtime) RangeContinued(state any) {
	why := "function for loop body returned false"
	switch elem(state).Int() {
	case -1:
		why = "loop body panic"
	case -2:
		why = "whole loop exit"
	}
	panic(runtimeError("range function continued iteration after " + why))
}

// RangeMissed is raised when an iterator has recovered a panic of a loop's body.
func (r *Runtime) RangeMissed() {
	panic(runtimeError("range function recovered a loop body panic and did not resume panicking"))
}

// Starts ends a cell that starts a goroutine with a func that is nil.
func (r *Runtime) Starts(f any) {
	if elem(f).IsNil() {
		panic(&panicking{value: fatalError("go of nil func value"), final: true})
	}
}

// nilDereference raises the runtime's own panic.
func nilDereference() {
	var p *int
	*p = 1
}

func nilError() (e any) {
	defer func() { e = recover() }()
	nilDereference()
	return nil
}

// normalise finds out what a recovered value means: the engine and reflect raise strings where Go has errors of its own.
func normalise(v any) *panicking {
	switch p := v.(type) {
	case *panicking:
		return p
	case raised:
		return &panicking{value: p.value}
	case Stop, *source.Error:
		return &panicking{value: p, final: true}
	case reflect.Value:
		return normalise(p.Interface())
	case mirror.Panic:
		return &panicking{value: p.Value}
	case runtime.Error:
		return &panicking{value: p}
	case *reflect.ValueError:
		return &panicking{value: nilError()}
	case string:
		return fromText(p)
	}
	return &panicking{value: v}
}

func fromText(s string) *panicking {
	switch {
	case strings.Contains(s, "zero Value"), strings.Contains(s, "nil pointer"), strings.Contains(s, "call of nil function"):
		return &panicking{value: nilError()}
	case strings.Contains(s, "index out of range"):
		return &panicking{value: boundsFault{"index out of range"}}
	case strings.Contains(s, "out of bounds"):
		return &panicking{value: boundsFault{"slice bounds out of range"}}
	case strings.Contains(s, "cannot convert slice with length"):
		return &panicking{value: boundsFault{runtimeError(s)}}
	case strings.HasPrefix(s, "reflect"):
		return &panicking{value: &source.Error{Msg: "internal error of the engine: " + s, Hint: "please report this cell"}, final: true}
	}
	return &panicking{value: s}
}

// history is the panics that led to p and p, oldest first, as Go prints them: one that is raised anew with its own value stands for both.
// The mark is p's.
func (r *Runtime) history(p *panicking, mark string) (texts []string) {
	if e := p.earlier; e != nil {
		switch {
		case e.recovered && sameValue(e.value, p.value):
			return r.history(e, " [recovered, repanicked]")
		case e.recovered:
			texts = r.history(e, " [recovered]")
		default:
			texts = r.history(e, "")
		}
	}
	text, _ := r.textOf(p.value)
	return append(texts, text+mark)
}

// sameValue compares what was given to panic; values that Go cannot compare are the same if they are at one address.
func sameValue(a, b any) (same bool) {
	defer func() {
		if recover() != nil {
			same = address(a) == address(b)
		}
	}()
	return a == b
}

// address is where an interface keeps its value.
func address(v any) unsafe.Pointer {
	if b, ok := v.(Box); ok {
		v = b.Value
	}
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&v))[1]
}

// textOf is the text of a panic's value. One whose Error or String panics itself is fatal in Go.
func (r *Runtime) textOf(v any) (text string, fatal bool) {
	text, broken := r.said(func() string { return r.text(v) })
	if broken != "" {
		return "panic while printing panic value: " + broken, true
	}
	return text, false
}

// messageOf is what an error says.
func (r *Runtime) messageOf(err error) string {
	text, broken := r.said(err.Error)
	if broken != "" {
		return "the error's own method Error panics: " + broken
	}
	return text
}

// said calls what may call methods of a program, and says what they panic with.
func (r *Runtime) said(f func() string) (text, broken string) {
	defer func() {
		if e := recover(); e != nil {
			value := normalise(e).value
			if s, ok := value.(string); ok && s != "" {
				broken = s
			} else {
				broken = "type " + r.dynamicType(value)
			}
		}
	}()
	return f(), ""
}

// dynamicType names the type of a value in an interface as compiled Go does.
func (r *Runtime) dynamicType(v any) string {
	switch v := v.(type) {
	case Box:
		return typeString(v.Type.Go)
	case interface{ goType() string }:
		return v.goType()
	}
	return reflect.TypeOf(v).String()
}

// text is how Go prints a panic's value.
func (r *Runtime) text(v any) string {
	if b, ok := v.(Box); ok {
		v = r.export(b)
	}
	switch v := v.(type) {
	case *source.Error:
		return v.Msg
	case interface {
		runtime.Error
		Addr() uintptr
	}:
		return fmt.Sprintf("%v (address %#x)", v, v.Addr())
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case Formatted:
		return v.panicText()
	}
	return valueText(reflect.TypeOf(v), v)
}

// valueText is how Go prints a value without a text of its own, but for the address where we print what is there.
func valueText(t reflect.Type, v any) string {
	switch basic := basicType(t.Kind()); {
	case basic == nil:
		return fmt.Sprintf("(%s) %v", t, v)
	case basic == t:
		return fmt.Sprint(v)
	case t.Kind() == reflect.String:
		return fmt.Sprintf("%s(\"%s\")", t, v)
	}
	return fmt.Sprintf("%s(%v)", t, v)
}
