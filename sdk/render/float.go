package render

import (
	"math"
	"strconv"
	"strings"
)

// numpyPrecision is the number of digits after the point.
const numpyPrecision = 8

// floatFormat writes the floats of one array, aligned at their points. It follows numpy/_core/arrayprint.py,
// FloatingFormat, with its defaults.
type floatFormat struct {
	exponent    bool // 1.2e-05 for all elements
	expDigits   int
	precision   int // digits after the point in exponent form
	left, right int // characters before and after the point
}

func newFloatFormat(values []float64) floatFormat {
	finite := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			finite = append(finite, v)
		}
	}
	f := floatFormat{exponent: needsExponent(finite)}
	for _, v := range finite {
		f.measure(v)
	}
	if f.exponent {
		f.right = f.precision + len("e+") + f.expDigits
	}
	f.widen(values)
	return f
}

// needsExponent says whether the values are too large, too small or too far apart for columns of digits.
func needsExponent(finite []float64) bool {
	least, most := math.Inf(1), 0.0
	for _, v := range finite {
		if v != 0 {
			least, most = min(least, math.Abs(v)), max(most, math.Abs(v))
		}
	}
	return most > 0 && (most >= 1e8 || least < 1e-4 || most/least > 1000)
}

// measure makes room for v.
func (f *floatFormat) measure(v float64) {
	if !f.exponent {
		whole, frac, _ := strings.Cut(positional(v), ".")
		f.left, f.right = max(f.left, len(whole)), max(f.right, len(frac))
		return
	}
	mantissa, exp, _ := strings.Cut(scientific(v), "e")
	whole, frac, _ := strings.Cut(mantissa, ".")
	f.left, f.precision = max(f.left, len(whole)), max(f.precision, len(frac))
	f.expDigits = max(f.expDigits, len(exp)-1)
}

// widen makes room for what is no number.
func (f *floatFormat) widen(values []float64) {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			f.left = max(f.left, len(floatRepr(v))-f.right-1)
		}
	}
}

func (f *floatFormat) format(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return padLeft(floatRepr(v), f.left+f.right+1)
	case f.exponent:
		return f.formatExponent(v)
	}
	whole, frac, _ := strings.Cut(positional(v), ".")
	return padLeft(whole, f.left) + "." + frac + strings.Repeat(" ", f.right-len(frac))
}

// formatExponent gives each mantissa the digits of the longest; those of a subnormal beyond its shortest text are not
// zeros.
func (f *floatFormat) formatExponent(v float64) string {
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', f.precision, 64), "e")
	whole, frac, _ := strings.Cut(mantissa, ".")
	return padLeft(whole, f.left) + "." + frac + "e" + exp[:1] + strings.Repeat("0", f.expDigits-len(exp)+1) + exp[1:]
}

// positional is the shortest text that reads back as v, cut to eight decimals, always with a point: "1.".
func positional(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if _, frac, _ := strings.Cut(s, "."); len(frac) > numpyPrecision {
		s = strings.TrimRight(strconv.FormatFloat(v, 'f', numpyPrecision, 64), "0")
	}
	if !strings.Contains(s, ".") {
		s += "."
	}
	return s
}

// scientific is the same in exponent form: "1.e-05".
func scientific(v float64) string {
	s := strconv.FormatFloat(v, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	if _, frac, _ := strings.Cut(mantissa, "."); len(frac) > numpyPrecision {
		mantissa, exp, _ = strings.Cut(strconv.FormatFloat(v, 'e', numpyPrecision, 64), "e")
		mantissa = strings.TrimRight(mantissa, "0")
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += "."
	}
	return mantissa + "e" + exp
}
