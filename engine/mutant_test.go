package engine_test

import (
	"bytes"
	"math"
	"math/rand/v2"

	"google.golang.org/protobuf/encoding/protowire"
)

// mutator changes ONNX models: bytes, their end, or fields of their messages.
type mutator struct {
	*rand.Rand
	names [][]byte // of values of the model
}

// message says which fields of a protobuf message are messages themselves.
type message map[protowire.Number]message

// onnxModel is onnx.proto as far as fields of messages go.
var onnxModel = func() message {
	tensor := message{}
	shape := message{1: {}}                     // dim
	value := message{2: {1: {2: shape}}}        // type, tensor_type, shape
	attribute := message{5: tensor, 10: tensor} // t, tensors
	graph := message{1: {5: attribute}, 5: tensor, 11: value, 12: value, 13: value}
	attribute[6] = graph // a body
	return message{7: graph, 8: {}}
}()

// mutant is the model with one to three changes.
func (m mutator) mutant(model []byte) []byte {
	model, m.names = bytes.Clone(model), namesOf(model)
	for range 1 + m.IntN(3)*m.IntN(2) {
		switch m.IntN(8) {
		case 0:
			for range 1 + m.IntN(4) {
				if len(model) > 0 {
					model[m.IntN(len(model))] ^= byte(1 + m.IntN(255))
				}
			}
		case 1:
			model = model[:m.IntN(len(model)+1)]
		default:
			model = m.change(model, onnxModel)
		}
	}
	return model
}

// namesOf are the names of the graph's nodes' inputs and outputs.
func namesOf(model []byte) (all [][]byte) {
	for _, graph := range partsOf(model) {
		for _, node := range partsOf(graph.value) {
			for _, p := range partsOf(node.value) {
				if graph.number == 7 && node.number == 1 && p.number <= 2 {
					all = append(all, p.value)
				}
			}
		}
	}
	return all
}

// part is a field as it lies in a message.
type part struct {
	number protowire.Number
	typ    protowire.Type
	raw    []byte // with its tag
	value  []byte // without; of bytes, without their length
}

func partsOf(b []byte) []part {
	var all []part
	for len(b) > 0 {
		number, typ, head := protowire.ConsumeTag(b)
		if head < 0 {
			return all
		}
		n := protowire.ConsumeFieldValue(number, typ, b[head:])
		if n < 0 {
			return all
		}
		p := part{number, typ, b[:head+n], b[head : head+n]}
		if typ == protowire.BytesType {
			p.value, _ = protowire.ConsumeBytes(p.value)
		}
		b, all = b[head+n:], append(all, p)
	}
	return all
}

func (p part) with(value []byte) []byte {
	b := protowire.AppendTag(nil, p.number, p.typ)
	if p.typ == protowire.BytesType {
		return protowire.AppendBytes(b, value)
	}
	return append(b, value...)
}

// change gives the message with another field. Each field's number is as likely, however often it is there.
func (m mutator) change(b []byte, is message) []byte {
	parts := partsOf(b)
	if len(parts) == 0 {
		return protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), m.Uint64())
	}
	var numbers []protowire.Number
	alike := map[protowire.Number][]int{}
	for i, p := range parts {
		if alike[p.number] == nil {
			numbers = append(numbers, p.number)
		}
		alike[p.number] = append(alike[p.number], i)
	}
	same := alike[numbers[m.IntN(len(numbers))]]
	at := same[m.IntN(len(same))]
	inner, isMessage := is[parts[at].number]
	switch n := m.IntN(20); {
	case n == 0: // gone
		parts[at].raw = nil
	case n == 1: // twice
		parts[at].raw = append(bytes.Clone(parts[at].raw), parts[at].raw...)
	case n == 2 || n == 3 && !isMessage: // another one in its place
		parts[at].raw = parts[same[m.IntN(len(same))]].raw
	case isMessage:
		parts[at].raw = parts[at].with(m.change(parts[at].value, inner))
	default:
		parts[at].raw = parts[at].with(m.leaf(parts[at]))
	}
	var out []byte
	for _, p := range parts {
		out = append(out, p.raw...)
	}
	return out
}

// leaf is another value.
func (m mutator) leaf(p part) []byte {
	switch p.typ {
	case protowire.VarintType:
		v, _ := protowire.ConsumeVarint(p.value)
		near := []uint64{v + 1, v - 1, v * 2, v * 1000, 0, 1, uint64(m.IntN(30)), math.MaxUint64}
		far := []uint64{1 << 24, 1 << 31, 1 << 33, 1 << 40, 1 << 62, math.MaxInt64, 1 << 63, m.Uint64()}
		return protowire.AppendVarint(nil, [][]uint64{near, far}[m.IntN(2)][m.IntN(8)])
	case protowire.Fixed32Type:
		values := []uint32{0, math.Float32bits(float32(math.NaN())), math.Float32bits(float32(math.Inf(1))), m.Uint32()}
		return protowire.AppendFixed32(nil, values[m.IntN(len(values))])
	case protowire.BytesType:
		return m.text(p.value)
	default:
		return bytes.Clone(p.value)
	}
}

// operators are put in the place of names; some of them are ONNX's.
var operators = []string{"Add", "MatMul", "Gemm", "Relu", "Reshape", "Gather", "Concat", "Loop", "If", "Identity", "ConstantOfShape", "Expand", "Transpose", "ReduceSum", "Shape", "TreeEnsembleRegressor", "ai.onnx.ml", "com.microsoft", "x"}

// text is another string, which may be packed numbers or a tensor's bytes as well.
func (m mutator) text(b []byte) []byte {
	b = bytes.Clone(b)
	switch m.IntN(8) {
	case 0:
		return nil
	case 5, 6:
		if len(m.names) == 0 {
			return nil
		}
		return m.names[m.IntN(len(m.names))]
	case 1:
		return b[:m.IntN(len(b)+1)]
	case 2:
		return append(b, b...)
	case 3:
		return []byte(operators[m.IntN(len(operators))])
	case 4:
		return append(b, 0xff, 0, byte(m.IntN(256)))
	default:
		if len(b) == 0 {
			return []byte{0}
		}
		b[m.IntN(len(b))] ^= byte(1 + m.IntN(255))
		return b
	}
}
