package facts

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// TraceName is a function's name in go/ssa's way. The body of a range over a function is a part of the function around it.
func TraceName(f *ssa.Function) string {
	for isYield(f) {
		f = f.Parent()
	}
	if f.Pkg != nil {
		return f.RelString(f.Pkg.Pkg)
	}
	return f.Name()
}

// Symbol is a function's name as the compiler gives it; "" for wrappers, which its stack traces leave out.
func Symbol(f *ssa.Function) string {
	if p := f.Parent(); p != nil {
		kind, n := ".func", 0
		yield := isYield(f)
		for _, g := range p.AnonFuncs[:slices.Index(p.AnonFuncs, f)+1] {
			if isYield(g) == yield {
				n++
			}
		}
		switch {
		case yield:
			kind = "-range"
		case p.Parent() != nil && !isYield(p): // main.f.func1.2
			kind = "."
		}
		return fmt.Sprintf("%s%s%d", Symbol(p), kind, n)
	}
	switch {
	case f.Pkg == nil && len(f.TypeArgs()) == 0, f.Synthetic != "" && len(f.TypeArgs()) == 0 && f.Name() != "init":
		return ""
	case strings.HasPrefix(f.Name(), "cellꞏ"):
		if f.Pkg.Func("main") != nil {
			return "main.init" // a program: what is set before main
		}
		return "main.main"
	}
	return declaredSymbol(f)
}

func isYield(f *ssa.Function) bool { return strings.HasPrefix(f.Synthetic, "range-over-func") }

// declaredSymbol is main.f, main.T.m, main.(*T).m or main.f[...].
func declaredSymbol(f *ssa.Function) string {
	path := "main"
	if p := PkgOf(f); p != nil && !strings.HasPrefix(p.Path(), "main") {
		path = p.Path()
	}
	name, _, _ := strings.Cut(f.Name(), "[")
	if recv := f.Signature.Recv(); recv != nil {
		name = receiver(recv.Type()) + "." + name
	} else if len(f.TypeArgs()) > 0 {
		name += "[...]"
	}
	return path + "." + name
}

func receiver(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return "(*" + receiver(t.Elem()) + ")"
	case *types.Named:
		if t.TypeArgs().Len() > 0 {
			return t.Obj().Name() + "[...]"
		}
		return t.Obj().Name()
	}
	return t.String()
}
