package logs

import (
	"math"
	"math/big"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/joey-go/joey/engine/tensor"
)

// filters tells whether a row's small columns say whether the query wants it.
func (q Query) filters() bool {
	return q.Valid != nil || q.Disagree != nil || q.Model != "" || q.ModelVersion != ""
}

// filter gives what tells, from a row's small columns, whether the query can want it.
func (b *batch) filter(q Query) (func(row int) bool, error) {
	if !q.filters() {
		return func(int) bool { return true }, nil
	}
	shadows := b.challengers()
	if err := b.need(append([]int{fixedFailures, fixedModelName, fixedModelVersion}, shadows...)...); err != nil {
		return nil, err
	}
	failures := b.columns[fixedFailures].(*array.List)
	return func(row int) bool {
		if q.Valid != nil {
			start, end := failures.ValueOffsets(row)
			if *q.Valid == (end > start) {
				return false
			}
		}
		if q.Disagree != nil && !slices.ContainsFunc(shadows, func(i int) bool { return !b.columns[i].IsNull(row) }) {
			return false
		}
		return q.Model == "" && q.ModelVersion == "" || b.tookPart(row, q, shadows)
	}, nil
}

// challengers are the indexes of the columns that each challenger of a row has: their versions'.
func (b *batch) challengers() []int {
	var all []int
	for i, c := range b.layout {
		if c.part == partShadow && c.field == fieldVersion {
			all = append(all, fixedCount+i)
		}
	}
	return all
}

// tookPart tells whether the query's model and version is among a row's.
func (b *batch) tookPart(row int, q Query, shadows []int) bool {
	is := func(name, version string) bool {
		return (q.Model == "" || q.Model == name) && (q.ModelVersion == "" || q.ModelVersion == version)
	}
	if is(text(b.columns[fixedModelName], row), text(b.columns[fixedModelVersion], row)) {
		return true
	}
	return slices.ContainsFunc(shadows, func(i int) bool {
		return !b.columns[i].IsNull(row) && is(b.layout[i-fixedCount].model, text(b.columns[i], row))
	})
}

// disagrees tells whether a challenger answered otherwise than the champion: it failed, it has another number of
// outputs, or one of them, taken in order whatever their names, has another shape, another kind of elements, or an
// element that is further from the champion's than bound. Not a number is near to itself only, as an infinity is;
// truth values and strings are near if they are equal.
func disagrees(e Entry, bound float64) bool {
	return slices.ContainsFunc(e.Shadow, func(s Shadow) bool {
		return s.Err != "" || !slices.EqualFunc(e.Outputs, s.Outputs, func(a, b tensor.Named) bool {
			return slices.Equal(a.Tensor.Shape, b.Tensor.Shape) && near(a.Tensor.Data, b.Tensor.Data, bound)
		})
	})
}

// near compares tensors of one shape.
func near(a, b any, bound float64) bool {
	switch x := a.(type) {
	case []bool:
		y, ok := b.([]bool)
		return ok && slices.Equal(x, y)
	case []string:
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	}
	x, y := numbers(a), numbers(b)
	if x == nil || y == nil {
		return false
	}
	for i := range x.length {
		if !x.near(y, i, bound) {
			return false
		}
	}
	return true
}

// numeric reads a tensor of numbers: as float64, and whole ones exactly too.
type numeric struct {
	length int
	float  func(i int) float64
	whole  func(i int) *big.Int // nil for floats
}

func numbers(data any) *numeric {
	switch d := data.(type) {
	case []float32:
		return &numeric{len(d), func(i int) float64 { return float64(d[i]) }, nil}
	case []float64:
		return &numeric{len(d), func(i int) float64 { return d[i] }, nil}
	case []int8:
		return signed(d)
	case []int16:
		return signed(d)
	case []int32:
		return signed(d)
	case []int64:
		return signed(d)
	case []uint8:
		return unsigned(d)
	case []uint16:
		return unsigned(d)
	case []uint32:
		return unsigned(d)
	case []uint64:
		return unsigned(d)
	}
	return nil
}

func signed[T int8 | int16 | int32 | int64](d []T) *numeric {
	return &numeric{len(d), func(i int) float64 { return float64(d[i]) }, func(i int) *big.Int { return big.NewInt(int64(d[i])) }}
}

func unsigned[T uint8 | uint16 | uint32 | uint64](d []T) *numeric {
	return &numeric{len(d), func(i int) float64 { return float64(d[i]) }, func(i int) *big.Int { return new(big.Int).SetUint64(uint64(d[i])) }}
}

// exact53 is the largest size at which each whole number is a float64.
const exact53 = 1 << 53

func (n *numeric) near(o *numeric, i int, bound float64) bool {
	x, y := n.float(i), o.float(i)
	if n.whole != nil && o.whole != nil && (math.Abs(x) >= exact53 || math.Abs(y) >= exact53) {
		d := new(big.Int).Sub(n.whole(i), o.whole(i))
		return new(big.Float).SetInt(d.Abs(d)).Cmp(big.NewFloat(bound)) <= 0
	}
	if x == y || math.IsNaN(x) && math.IsNaN(y) {
		return true
	}
	return math.Abs(x-y) <= bound && !math.IsInf(x, 0) && !math.IsInf(y, 0) // NaN is beyond each bound
}
