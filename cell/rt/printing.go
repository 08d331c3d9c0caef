package rt

import (
	"go/types"
	"reflect"
	"strings"

	mirror "github.com/joey-go/joey/cell/rt/reflect"
)

// Prints reports fmt.Print, Println and Printf, which cells call in loops. To call them by reflection takes longer than the printing.
func Prints(f *types.Func) bool {
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != "fmt" {
		return false
	}
	switch f.Name() {
	case "Print", "Println", "Printf":
		return f.Signature().Recv() == nil
	}
	return false
}

// Print1 to Print4 are calls of compiled function k, which Prints, whose results only the error rule wants: true if there is an error,
// and then Printed tells the results. Operands are given as they are, and each number of them has an operation: yaegi takes twice as long
// for pointers, and again for variadic functions.
func (r *Program) Print1(k int, a any) bool { return r.print(k, a) }

// Print2 has two operands.
func (r *Program) Print2(k int, a, b any) bool { return r.print(k, a, b) }

// Print3 has three operands.
func (r *Program) Print3(k int, a, b, c any) bool { return r.print(k, a, b, c) }

// Print4 has four operands.
func (r *Program) Print4(k int, a, b, c, d any) bool { return r.print(k, a, b, c, d) }

// Single is the slice that a call with one operand for ...any gets. The operand's type is one whose values any holds as they are.
func (r *Program) Single(a any) []any { return []any{a} }

// printResults is what a call returned: a number of bytes, and an error as cells know it.
type printResults struct {
	n   int
	err any
}

func (r *Program) print(k int, operands ...any) bool {
	c := r.funcs[k]
	n, err, ok := c.printPlain(operands)
	if ok && err == nil {
		return false
	}
	p := printResults{n: n}
	switch {
	case ok:
		p.err = r.fromGo(reflect.ValueOf(&err).Elem(), anyType).Interface()
	case c.formats():
		format, _ := operands[0].(string)
		operands = operands[1:]
		r.callCompiled(c, []any{&p.n, &p.err}, []any{&format, &operands})
	default:
		r.callCompiled(c, []any{&p.n, &p.err}, []any{&operands})
	}
	if p.err == nil {
		return false
	}
	r.failed.Store(currentID(), p)
	return true
}

// Printed tells what the goroutine's print, of which Print1 or its like said that it failed, returned.
func (r *Program) Printed(n, err any) {
	if v, ok := r.failed.LoadAndDelete(currentID()); ok {
		p := v.(printResults)
		*n.(*int), *err.(*any) = p.n, p.err
	}
}

// callPrint is print for a call that gives its results and operands as all calls do. It is false, and has done nothing, if an
// operand or a verb wants more than what compiled code makes of it.
func (r *Program) callPrint(c *compiledFunc, results, args []any) bool {
	operands, ok := args[len(args)-1].(*[]any)
	if !ok {
		return false
	}
	plain := *operands
	if format, ok := args[0].(*string); ok {
		plain = append([]any{*format}, plain...)
	}
	n, err, ok := c.printPlain(plain)
	if !ok {
		return false
	}
	set(elem(results[0]), reflect.ValueOf(n))
	d := elem(results[1])
	set(d, r.fromGo(reflect.ValueOf(&err).Elem(), d.Type()))
	return true
}

// formats says that the first operand of a function that Prints is a format.
func (c *compiledFunc) formats() bool {
	_, ok := c.print.(func(string, ...any) (int, error))
	return ok
}

// printPlain prints operands, the format first if there is one. It is false if one of them wants more than what compiled code makes of it.
func (c *compiledFunc) printPlain(operands []any) (n int, err error, ok bool) {
	for _, x := range operands {
		switch x.(type) {
		case Box, mirror.Value, mirror.Type:
			return 0, nil, false
		}
	}
	switch print := c.print.(type) {
	case func(...any) (int, error):
		n, err = print(operands...)
		return n, err, true
	case func(string, ...any) (int, error):
		format, ok := operands[0].(string)
		if !ok || strings.ContainsAny(format, "Tp") { // see fixVerbs
			return 0, nil, false
		}
		n, err = print(format, operands[1:]...)
		return n, err, true
	}
	return 0, nil, false
}
