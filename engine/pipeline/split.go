package pipeline

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/joey-go/joey/engine/tensor"
)

// chooser says which of a step's models answers a request.
type chooser interface {
	choose(in tensor.Input) (int, error)
}

// first is the choice of a step that is no split.
type first struct{}

func (first) choose(tensor.Input) (int, error) { return 0, nil }

// byWeight takes a place between 0 and the sum of the weights, each of which is a stretch of that line.
type byWeight struct {
	*RandomSplit
	random func() float64
}

func (s byWeight) choose(in tensor.Input) (int, error) {
	at := 0.0
	if s.HashKey == nil {
		at = s.random()
	} else {
		value, err := keyOf(in, *s.HashKey, "hash key")
		if err != nil {
			return 0, err
		}
		at = hashed(value)
	}
	return s.at(at), nil
}

// at is the model whose stretch has a place; 0 is the line's beginning and 1 its end.
func (s byWeight) at(place float64) int {
	total := 0.0
	for _, w := range s.Weights {
		total += w.Weight
	}
	place *= total
	for i, w := range s.Weights {
		if place -= w.Weight; place < 0 {
			return i
		}
	}
	return len(s.Weights) - 1 // rounding
}

// hashed is a number in [0, 1) made of a key's value, the same in every process and version: of the SHA-256 of
// "joey-split" and the value, the first 53 bits.
func hashed(value string) float64 {
	sum := sha256.Sum256([]byte("joey-split" + value))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// byKey takes the route of the key's value.
type byKey struct {
	key    string
	values []string // model i+1 is for value i
}

func (s byKey) choose(in tensor.Input) (int, error) {
	value, err := keyOf(in, s.key, "meta key")
	if err != nil {
		return 0, err
	}
	at, found := slices.BinarySearch(s.values, value)
	if !found {
		return 0, nil
	}
	return at + 1, nil
}

// values are the routes' values, in order.
func (s *KeySplit) values() []string { return slices.Sorted(maps.Keys(s.Routes)) }

// keyOf is the one value that a field of the request has, as text: a number that is whole has no fraction, so that 5
// and 5.0 are one.
func keyOf(in tensor.Input, key, what string) (string, error) {
	f, ok := in.Field(key)
	if !ok {
		return "", fmt.Errorf("the request has no field %q, which is the split's %s; it has %s", key, what, quoted(in.Names()))
	}
	values, err := texts(f)
	switch {
	case err != nil:
		return "", err
	case len(values) == 0:
		return "", fmt.Errorf("%s is empty, and it is the split's %s", key, what)
	}
	for i, v := range values {
		if v != values[0] {
			return "", fmt.Errorf("%s is %q, %s is %q: one model answers a request, so its rows have one value of the split's %s; send those of another value by themselves",
				f.Path(i), v, f.Path(0), values[0], what)
		}
	}
	return values[0], nil
}

func texts(f tensor.Named) ([]string, error) {
	switch data := f.Tensor.Data.(type) {
	case []string:
		return data, nil
	case []bool:
		return each(data, strconv.FormatBool), nil
	case []uint64:
		return each(data, func(v uint64) string { return strconv.FormatUint(v, 10) }), nil
	case []float32, []float64:
		wide, err := f.As(tensor.Float64)
		if err != nil {
			return nil, err
		}
		return each(wide.Data.([]float64), func(v float64) string { return strconv.FormatFloat(v+0, 'f', -1, 64) }), nil
	}
	whole, err := f.As(tensor.Int64)
	if err != nil {
		return nil, err
	}
	return each(whole.Data.([]int64), func(v int64) string { return strconv.FormatInt(v, 10) }), nil
}

func each[T any](list []T, text func(T) string) []string {
	all := make([]string, len(list))
	for i, v := range list {
		all[i] = text(v)
	}
	return all
}
