package tensor

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unsafe"
)

// Input is a request: one tensor or several, in their order.
type Input struct {
	// Fields are as they came. What JSON has is int64 where all of a field's numbers are integers, else float64, or bool or string; a model's
	// element types come with Named.As. No two have one name.
	Fields []Named
	// Table says that the fields are columns, whose first dimension is the row: records or Arrow, not the tensor form.
	Table bool
	// Raw is the request byte for byte if it came as JSON. It is what Python's json writes, so it may hold NaN, Infinity and -Infinity, which
	// encoding/json refuses to marshal: write the bytes themselves.
	Raw json.RawMessage
	// Took is how long it took to read the request; 0 if nobody looked.
	Took time.Duration
}

// Field finds a field by its name.
func (in Input) Field(name string) (Named, bool) {
	for _, f := range in.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Named{}, false
}

// Names are the fields' names.
func (in Input) Names() []string {
	names := make([]string, len(in.Fields))
	for i, f := range in.Fields {
		names[i] = f.Name
	}
	return names
}

// Infinite finds the first number that is NaN or infinite, and gives its path.
func (in Input) Infinite() (path string, value float64, found bool) {
	for _, f := range in.Fields {
		i := -1
		switch data := f.Tensor.Data.(type) {
		case []float64:
			i, value = infinite(data)
		case []float32:
			i, value = infinite(data)
		}
		if i >= 0 {
			return f.Path(i), value, true
		}
	}
	return "", 0, false
}

// infinite looks at 64 bytes at once, and then for the place.
func infinite[F float](data []F) (int, float64) {
	size, magnitude, one := int(unsafe.Sizeof(F(0))), uint64(math.MaxInt64), uint64(1)<<52
	if size == 4 { // two numbers in a word
		magnitude, one = 0x7fff_ffff_7fff_ffff, 0x0080_0000_0080_0000
	}
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(data))), len(data)*size/8)
	for i := finite(words, magnitude, one) * 8 / size; i < len(data); i++ {
		if v := data[i]; v-v != 0 {
			return i, float64(v)
		}
	}
	return -1, 0
}

// finite is the number of words at the beginning that have only finite numbers, about. Who adds one to an exponent of ones has it carried into the
// place of the sign, and not with any other.
func finite(words []uint64, magnitude, one uint64) int {
	i := 0
	for ; i+8 <= len(words); i += 8 {
		w := words[i : i+8 : i+8]
		a, b := (w[0]&magnitude+one)|(w[1]&magnitude+one), (w[2]&magnitude+one)|(w[3]&magnitude+one)
		c, d := (w[4]&magnitude+one)|(w[5]&magnitude+one), (w[6]&magnitude+one)|(w[7]&magnitude+one)
		if (a|b|c|d)&^magnitude != 0 {
			break
		}
	}
	return i
}

// Path is where the i-th element lies, "tensor[3][7]".
func (n Named) Path(i int) string {
	index := make([]int, len(n.Tensor.Shape))
	for axis := len(index) - 1; axis >= 0; axis-- {
		size := int(n.Tensor.Shape[axis])
		index[axis], i = i%size, i/size
	}
	return elementPath(n.Name, index)
}

func elementPath(name string, index []int) string {
	var b strings.Builder
	b.WriteString(name)
	for _, i := range index {
		fmt.Fprintf(&b, "[%d]", i)
	}
	return b.String()
}
