package tensor

import "math"

// Half is an element of float16, in the bits of IEEE 754's binary16. Models take halves; what they give is widened to float32, so that nothing
// else has to know them.
type Half uint16

const (
	halfInfinity  = 0x7c00
	halfNaN       = 0x7e00
	halfTooLarge  = 65520 // from here on the nearest half is infinite
	smallestPower = -14   // of two that is a normal half
)

// Float32 is the same number.
func (h Half) Float32() float32 {
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// halfOf is the half that is nearest to a number, of two the even one. It does not exist for finite numbers that would become infinite.
func halfOf(f float64) (h Half, ok bool) {
	var sign Half
	if math.Signbit(f) {
		sign = 0x8000
	}
	f = math.Abs(f)
	switch {
	case f != f:
		return sign | halfNaN, true
	case math.IsInf(f, 0):
		return sign | halfInfinity, true
	case f >= halfTooLarge:
		return 0, false
	case f == 0: // of no power of two
		return sign, true
	}
	_, power := math.Frexp(f)
	power = max(power-1, smallestPower)
	ulps := Half(math.RoundToEven(math.Ldexp(f, 10-power))) // up to 2048, which is the next power's 1024
	return sign | Half(power-smallestPower)<<10 + ulps, true
}

func halves[F float | integer](n Named, from []F) ([]Half, error) {
	out := make([]Half, len(from))
	for i, v := range from {
		h, ok := halfOf(float64(v))
		if !ok {
			return nil, misfit(n, i, v, Float16, outOfRange)
		}
		out[i] = h
	}
	return out, nil
}

// Widened is the tensor with halves as float32, which holds them all.
func (t Tensor) Widened() Tensor {
	data, ok := t.Data.([]Half)
	if !ok {
		return t
	}
	wide := make([]float32, len(data))
	for i, h := range data {
		wide[i] = h.Float32()
	}
	return Tensor{Type: Float32, Shape: t.Shape, Data: wide}
}
