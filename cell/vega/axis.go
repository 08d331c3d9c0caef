package vega

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// tick is a mark at an axis.
type tick struct {
	at    float64
	label string
}

// ticks are some n marks at round values, or one for each band.
func (a *axis) ticks(n int) []tick {
	switch a.kind {
	case nominal:
		list := make([]tick, len(a.bands))
		for i, b := range a.bands {
			list[i] = tick{float64(i), b}
		}
		return list
	case temporal:
		return timeTicks(a.lo, a.hi, n)
	default:
		return numberTicks(a.lo, a.hi, n)
	}
}

func numberTicks(lo, hi float64, n int) []tick {
	step := niceStep((hi - lo) / float64(max(n, 1)))
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var list []tick
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9 && len(list) < 100; i++ {
		v := i * step
		list = append(list, tick{v, number(v, max(math.Abs(lo), math.Abs(hi)), decimals)})
	}
	return list
}

// number writes v with commas, or in exponent form where the axis is beyond them.
func number(v, most float64, decimals int) string {
	if most >= 1e12 || most < 1e-6 && most > 0 {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	if strings.Trim(whole, "0.,") == "" {
		sign = ""
	}
	return sign + whole
}

const day = 24 * 3600.0

// steps are those of a time axis up to days, in seconds, with the form of their labels.
var steps = []struct {
	seconds float64
	form    string
}{
	{1, "15:04:05"}, {5, "15:04:05"}, {15, "15:04:05"}, {30, "15:04:05"}, {60, "15:04"}, {300, "15:04"}, {900, "15:04"}, {1800, "15:04"},
	{3600, "15:04"}, {3 * 3600, "Jan 2 15:04"}, {6 * 3600, "Jan 2 15:04"}, {12 * 3600, "Jan 2 15:04"}, {day, "Jan 2"}, {2 * day, "Jan 2"}, {7 * day, "Jan 2"},
}

// timeTicks are at whole seconds, days, months or years, in UTC.
func timeTicks(lo, hi float64, n int) []tick {
	want := (hi - lo) / float64(max(n, 1))
	if want < 0.5 || math.Abs(lo) > 1e11 || math.Abs(hi) > 1e11 { // beyond what has a form of its own
		return []tick{{lo, at(lo).Format(time.RFC3339Nano)}}
	}
	for _, s := range steps {
		if s.seconds < want {
			continue
		}
		var list []tick
		for v := math.Ceil(lo/s.seconds) * s.seconds; v <= hi; v += s.seconds {
			list = append(list, tick{v, at(v).Format(s.form)})
		}
		return list
	}
	months, form := 1, "Jan 2006"
	for _, m := range []int{1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12000} {
		if months = m; float64(m)*30*day >= want {
			break
		}
	}
	if months >= 12 {
		form = "2006"
	}
	start := at(lo)
	first := (start.Year()*12 + int(start.Month()) - 1) / months * months
	var list []tick
	for m := first; len(list) < 100; m += months {
		t := time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC)
		v := float64(t.Unix())
		if v > hi {
			break
		}
		if v >= lo {
			list = append(list, tick{v, t.Format(form)})
		}
	}
	return list
}

func at(seconds float64) time.Time {
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64((seconds-whole)*1e9)).UTC()
}
