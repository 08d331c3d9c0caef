package interp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kinds are the numeric types with edge values of each, which are its constants and what its variables are set to.
var kinds = []struct{ name, edges string }{
	{"int", "0 1 -1 7 9223372036854775807 -9223372036854775808"},
	{"int8", "0 1 -1 7 127 -128"},
	{"int16", "0 1 -1 7 32767 -32768"},
	{"int32", "0 1 -1 7 2147483647 -2147483648"},
	{"int64", "0 1 -1 7 9223372036854775807 -9223372036854775808"},
	{"uint", "0 1 7 9223372036854775808 18446744073709551615"},
	{"uint8", "0 1 7 128 255"},
	{"uint16", "0 1 7 32768 65535"},
	{"uint32", "0 1 7 2147483648 4294967295"},
	{"uint64", "0 1 7 9223372036854775808 18446744073709551615"},
	{"uintptr", "0 1 7 9223372036854775808 18446744073709551615"},
	{"float32", "0 0.5 -1 3 16777217 1e-45 3.4028234e38"},
	{"float64", "0 0.5 -1 3 9007199254740993 5e-324 1.7976931348623157e308"},
}

// TestConstantOperands compares every operator, with every edge value as a constant on either side and in expressions of expressions, with what
// compiled Go gives: engines have short cuts for constants. testdata/defects/primitives.go has the operators on variables.
func TestConstantOperands(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "constants.go")
	require.NoError(t, os.WriteFile(file, constantOperands(), 0o600))
	compare(t, file)
}

func constantOperands() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("package main\nimport (\"fmt\"; \"math\")\nvar sum uint64")
	line("func add(n uint64) { sum = (sum ^ n) * 1099511628211 }")
	line("func real(f float64) { if f == f { add(math.Float64bits(f)) } }") // NaNs differ in their bits
	line("func end(name string, v any) { fmt.Printf(\"%%s %%v %%016x\\n\", name, v, sum); sum = 0 }")
	for _, k := range kinds {
		float := strings.HasPrefix(k.name, "float")
		note := "add(uint64(%s))"
		if float {
			note = "real(float64(%s))"
		}
		edges := strings.Fields(k.edges)
		line("func of_%s(a, b %[1]s) {", k.name)
		for _, c := range edges {
			for _, e := range numericExpressions(c, float) {
				line(note, e)
			}
			if c != "0" && !float {
				line(note, "a / "+c)
				line(note, "a % "+c)
			}
			if !float {
				line("if a != 0 { add(uint64(%s / a)); add(uint64(%[1]s %% a)) }", c)
			}
			for _, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
				line("if a %s %s { add(1) } else { add(2) }", op, c)
				line("if x := a + b; !(%s %s x) { add(3) }", c, op)
				line("{ t := a*2 %s %s; if t || b == %[2]s { add(4) } }", op, c)
			}
		}
		if !float {
			for _, other := range kinds {
				line(note, fmt.Sprintf("%s(%s(a + 1)) ^ (b & 7)", k.name, other.name))
			}
			for _, n := range []int{0, 1, 7, 8, 31, 32, 63, 64} {
				line("add(uint64(a << %d)); add(uint64(a >> %[1]d)); add(uint64((a + b) >> %[1]d)); add(uint64(7 << (uint8(a) & %[1]d)))", n)
			}
		}
		line("}")
	}
	line("func main() {")
	for _, k := range kinds {
		line("for _, a := range []%s{%s} { for _, b := range []%[1]s{%[2]s} { of_%[1]s(a, b) }; end(%[1]q, a) }", k.name, strings.ReplaceAll(k.edges, " ", ", "))
	}
	line("}")
	return []byte(b.String())
}

// numericExpressions are those of a, b and a constant that no value stops.
func numericExpressions(c string, float bool) (list []string) {
	ops := []string{"+", "-", "*", "&", "|", "^", "&^"}
	if float {
		ops = []string{"+", "-", "*"}
		list = append(list, c+" / a")
		if c != "0" {
			list = append(list, "a / "+c, "a * b / "+c)
		}
	}
	for _, op := range ops {
		list = append(list, fmt.Sprintf("a %s %s", op, c), fmt.Sprintf("%s %s a", c, op), fmt.Sprintf("-(a %s %s)", op, c), fmt.Sprintf("(a %s %s) * (b - %[3]s)", op, c, c))
	}
	return append(list, fmt.Sprintf("a*%s + b", c), fmt.Sprintf("b - (%s - a)", c))
}
