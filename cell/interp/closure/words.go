package closure

import "reflect"

// wordsHold says that interfaces look as expected: a word for the type, and one that is the value if that is one pointer, else its address.
// If it is false, what leans on that takes the slow way through reflect.
var wordsHold = checkWords()

func checkWords() bool {
	p, m, f := new(int), map[int]int{}, func() {}
	var a, b any = p, new(int)
	return reflect.TypeOf(&a).Elem().Size() == 2*wordSize && pointerIn(a) == P(p) && typeIn(a) == typeIn(b) && typeIn(a) != typeIn(m) &&
		pointerIn(m) == *(*P)(P(&m)) && pointerIn(f) == *(*P)(P(&f)) && *(*int)(pointerIn(7)) == 7
}

func typeIn(v any) P { return (*[2]P)(P(&v))[0] }

// pointerIn is the second word of an interface.
func pointerIn(v any) P { return (*[2]P)(P(&v))[1] }

// typeWord is the type word of an interface that holds a t.
func typeWord(t reflect.Type) P { return typeIn(reflect.Zero(t).Interface()) }

// operand returns a func that makes the any that holds a *t: what the runtime is given for a variable.
func operand(t reflect.Type) func(p P) any {
	if !wordsHold {
		return func(p P) any { return reflect.NewAt(t, p).Interface() }
	}
	w := typeWord(reflect.PointerTo(t))
	return func(p P) any {
		e := [2]P{w, p}
		return *(*any)(P(&e))
	}
}
