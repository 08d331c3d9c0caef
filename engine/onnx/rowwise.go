package onnx

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// A batch may be put to a model in parts only if each row of its answer depends on that row alone. No run tells that for sure, so the
// graph has to: isRowWise goes through its nodes, knows of the usual operators when they keep rows apart, and takes every other for one that
// does not. What it says no to is answered as well, in one piece.

// flow is what is known of a value of the graph.
type flow struct {
	constant bool    // not of the inputs; else its first dimension is the rows
	rank     int     // of one with rows
	dims     []int64 // of a constant
	ints     []int64 // its values, if they are int64
}

// isRowWise says that a model, whose inputs and outputs are those, answers each row by itself.
func isRowWise(model []byte, inputs, outputs []Value) bool {
	free := func(v Value) bool { return len(v.Shape) > 0 && v.Shape[0] < 0 }
	if slices.ContainsFunc(slices.Concat(inputs, outputs), func(v Value) bool { return !free(v) }) {
		return false
	}
	all := fieldsOf(model)
	graph, ok := all.message(7)
	if !ok || len(all.texts(25)) > 0 { // functions of its own might be named as operators are
		return false
	}
	g := rowGraph{}
	for _, v := range inputs {
		g[v.Name] = flow{rank: len(v.Shape)}
	}
	for _, f := range graph {
		if f.number == 5 {
			t := fieldsOf(f.bytes)
			g[t.text(8)] = t.constant()
		}
	}
	for _, f := range graph {
		if f.number == 1 && !g.node(fieldsOf(f.bytes)) {
			return false
		}
	}
	return !slices.ContainsFunc(outputs, func(v Value) bool {
		out, ok := g[v.Name]
		return !ok || out.constant || out.rank != len(v.Shape)
	})
}

// rowGraph is the values that nodes have given so far, which come in their order.
type rowGraph map[string]flow

// node adds what a node gives; false if that may mix rows.
func (g rowGraph) node(n fields) bool {
	attributes := map[string]fields{}
	for _, f := range n {
		if f.number == 5 {
			a := fieldsOf(f.bytes)
			attributes[a.text(1)] = a
		}
	}
	op := operator{name: strings.TrimPrefix(n.text(7), "ai.onnx") + "." + n.text(4), attributes: attributes}
	for _, name := range n.texts(1) {
		in, ok := g[name]
		if name != "" && !ok {
			return false
		}
		op.in = append(op.in, in)
		op.given = append(op.given, name != "")
	}
	if op.name == ".Constant" {
		value, ok := attributes["value"].message(5)
		if !ok {
			return false
		}
		g[n.text(2)] = value.constant()
		return true
	}
	if len(op.in) == 0 || op.in[0].constant && op.name != ".Gather" && !elementwise[op.name] {
		return false
	}
	ranks, outputs := op.ranks(), n.texts(2)
	if len(ranks) < len(outputs) {
		return false
	}
	for i, name := range outputs {
		g[name] = flow{rank: ranks[i]}
	}
	return true
}

// operator is a node with what goes in.
type operator struct {
	name       string // ".Add", ".ml.Scaler"
	in         []flow
	given      []bool // false for an optional input that is left out
	attributes map[string]fields
}

// elementwise are operators each element of whose result depends on one of each operand.
var elementwise = set(`.Abs .Add .And .Cast .Ceil .Clip .Div .Elu .Equal .Erf .Exp .Floor .Gelu .Greater .GreaterOrEqual .HardSigmoid .HardSwish .Identity .IsInf .IsNaN
	.LeakyRelu .Less .LessOrEqual .Log .Max .Mean .Min .Mod .Mul .Neg .Not .Or .PRelu .Pow .Reciprocal .Relu .Round .Selu .Sigmoid .Sign .Softplus .Softsign .Sqrt .Sub .Sum
	.Tanh .ThresholdedRelu .Where .Xor .ml.CategoryMapper .ml.LabelEncoder`)

// ofMatrix are operators of a matrix of features that give a matrix, a row for each row.
var ofMatrix = set(`.ml.Binarizer .ml.FeatureVectorizer .ml.Imputer .ml.LinearRegressor .ml.Normalizer .ml.SVMRegressor .ml.Scaler .ml.TreeEnsemble .ml.TreeEnsembleRegressor`)

// classifiers give a label for each row, and a matrix.
var classifiers = set(`.ml.LinearClassifier .ml.SVMClassifier .ml.TreeEnsembleClassifier`)

// reductions run along axes.
var reductions = set(`.ReduceL1 .ReduceL2 .ReduceLogSum .ReduceLogSumExp .ReduceMax .ReduceMean .ReduceMin .ReduceProd .ReduceSum .ReduceSumSquare`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(names) {
		all[name] = true
	}
	return all
}

// ranks are those of the outputs, whose first dimension is the rows; nil if rows may be mixed.
func (o operator) ranks() []int {
	x := o.in[0]
	switch {
	case elementwise[o.name]:
		return o.broadcast()
	case ofMatrix[o.name]:
		if slices.ContainsFunc(o.in, func(f flow) bool { return f.constant || f.rank != 2 }) {
			return nil
		}
		return []int{2}
	case classifiers[o.name] && x.rank == 2:
		return []int{1, 2}
	case reductions[o.name]:
		return o.reduced(o.axes(1))
	}
	switch o.name {
	case ".MatMul":
		return o.product()
	case ".Gemm":
		fits := len(o.in) < 3 || o.in[2].constant && o.in[2].spreads(2)
		if x.rank == 2 && o.number("transA", 0) == 0 && o.in[1].constant && fits {
			return []int{2}
		}
	case ".Softmax", ".LogSoftmax": // without an axis the last or the second, by the version
		if axis, ok := o.axis("axis", int64(x.rank)-1); ok && axis > 0 {
			return []int{x.rank}
		}
	case ".LayerNormalization":
		// ONNX Runtime takes a scale and a bias of the rank of x too, which may have a line for each row.
		if axis, ok := o.axis("axis", -1); ok && axis > 0 && o.restConstant() && o.restSpreads() {
			return []int{x.rank}
		}
	case ".BatchNormalization":
		if x.rank > 1 && o.number("training_mode", 0) == 0 && o.restConstant() {
			return []int{x.rank}
		}
	case ".Conv":
		if x.rank > 2 && o.restConstant() {
			return []int{x.rank}
		}
	case ".MaxPool", ".AveragePool", ".GlobalAveragePool", ".GlobalMaxPool":
		if x.rank > 2 {
			return []int{x.rank}
		}
	case ".ml.ArrayFeatureExtractor":
		if x.rank == 2 && o.restConstant() {
			return []int{2}
		}
	case ".ml.OneHotEncoder":
		return []int{x.rank + 1}
	case ".ArgMax", ".ArgMin":
		return o.reduced([]int64{o.number("axis", 0)}, true)
	case ".Concat":
		axis, ok := o.axis("axis", 0)
		if ok && axis > 0 && !slices.ContainsFunc(o.in, func(f flow) bool { return f.constant || f.rank != x.rank }) {
			return []int{x.rank}
		}
	case ".Gather":
		return o.gathered()
	case ".Flatten":
		if o.number("axis", 1) == 1 && x.rank > 0 {
			return []int{2}
		}
	case ".Reshape":
		if len(o.in) != 2 {
			return nil // of a version whose shape is an attribute
		}
		if shape := o.in[1].ints; len(shape) > 0 && shape[0] == 0 && o.number("allowzero", 0) == 0 { // 0: the rows as they are
			return []int{len(shape)}
		}
	case ".Transpose":
		if perm := o.attributes["perm"].numbers(8); len(perm) == x.rank && x.rank > 0 && perm[0] == 0 {
			return []int{x.rank}
		}
	case ".Squeeze":
		if axes, ok := o.axes(1); ok && o.inner(axes, x.rank) {
			return []int{x.rank - len(axes)}
		}
	case ".Unsqueeze":
		if axes, ok := o.axes(1); ok && o.inner(axes, x.rank+len(axes)) {
			return []int{x.rank + len(axes)}
		}
	case ".Slice":
		if len(o.in) > 3 && o.restConstant() && len(o.in[3].ints) > 0 && o.inner(o.in[3].ints, x.rank) {
			return []int{x.rank}
		}
	}
	return nil
}

// spreads says that a constant has one value for all rows when it is put beside a value of a rank.
func (f flow) spreads(rank int) bool {
	return len(f.dims) < rank || len(f.dims) == rank && rank > 0 && f.dims[0] == 1
}

// broadcast wants the rows of all operands beside each other.
func (o operator) broadcast() []int {
	rank := 0
	for i, f := range o.in {
		if o.given[i] && !f.constant {
			rank = max(rank, f.rank)
		}
	}
	for i, f := range o.in {
		if o.given[i] && (f.constant && !f.spreads(rank) || !f.constant && f.rank != rank) {
			return nil
		}
	}
	if rank == 0 {
		return nil
	}
	return []int{rank}
}

func (o operator) product() []int {
	if len(o.in) != 2 {
		return nil
	}
	a, b := o.in[0], o.in[1]
	if b.constant && a.rank >= 2 && len(b.dims) == 2 || !b.constant && a.rank > 2 && b.rank == a.rank {
		return []int{a.rank}
	}
	return nil
}

func (o operator) reduced(axes []int64, ok bool) []int {
	rank := o.in[0].rank
	if !ok || !o.inner(axes, rank) {
		return nil
	}
	if o.number("keepdims", 1) == 0 {
		rank -= len(axes)
	}
	return []int{rank}
}

// gathered takes columns by constant indices, or of a constant table the lines whose numbers the rows have.
func (o operator) gathered() []int {
	if len(o.in) != 2 {
		return nil
	}
	data, at := o.in[0], o.in[1]
	switch axis := o.number("axis", 0); {
	case !data.constant && at.constant && o.inner([]int64{axis}, data.rank):
		return []int{data.rank - 1 + len(at.dims)}
	case data.constant && !at.constant && axis == 0 && len(data.dims) > 0:
		return []int{at.rank + len(data.dims) - 1}
	}
	return nil
}

// inner says that there are axes, that none is the rows, and none is there twice, which some operators take for one.
func (o operator) inner(axes []int64, rank int) bool {
	seen := map[int64]bool{}
	for _, a := range axes {
		if a < 0 {
			a += int64(rank)
		}
		if a <= 0 || a >= int64(rank) || seen[a] {
			return false
		}
		seen[a] = true
	}
	return len(axes) > 0
}

// axes are those of an attribute, as older versions of operators have them, or of a constant input.
func (o operator) axes(input int) ([]int64, bool) {
	if a, ok := o.attributes["axes"]; ok {
		return a.numbers(8), true
	}
	if len(o.in) > input && o.given[input] && o.in[input].constant {
		return o.in[input].ints, true
	}
	return nil, false
}

// axis is counted from the front.
func (o operator) axis(name string, without int64) (int64, bool) {
	axis, rank := o.number(name, without), int64(o.in[0].rank)
	if axis < 0 {
		axis += rank
	}
	return axis, axis >= 0 && axis < rank
}

func (o operator) number(attribute string, without int64) int64 {
	if all := o.attributes[attribute].numbers(3); len(all) > 0 {
		return all[0]
	}
	return without
}

func (o operator) restConstant() bool {
	return !slices.ContainsFunc(o.in[1:], func(f flow) bool { return !f.constant && f.rank > 0 })
}

func (o operator) restSpreads() bool {
	return !slices.ContainsFunc(o.in[1:], func(f flow) bool { return !f.spreads(o.in[0].rank) })
}

// fields are those of a message of protocol buffers; what is damaged ends them, and ONNX Runtime has read the whole before.
type fields []wireField

type wireField struct {
	number protowire.Number
	bytes  []byte // of text, messages and packed numbers
	varint uint64
}

func fieldsOf(b []byte) fields {
	var all fields
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil
		}
		b = b[n:]
		f := wireField{number: number}
		switch typ {
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			f.varint, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(number, typ, b)
		}
		if n < 0 {
			return nil
		}
		b, all = b[n:], append(all, f)
	}
	return all
}

// message is the only one of a number.
func (f fields) message(number protowire.Number) (fields, bool) {
	is := func(one wireField) bool { return one.number == number }
	at := slices.IndexFunc(f, is)
	if at < 0 || slices.ContainsFunc(f[at+1:], is) {
		return nil, false
	}
	return fieldsOf(f[at].bytes), true
}

func (f fields) texts(number protowire.Number) []string {
	var all []string
	for _, one := range f {
		if one.number == number {
			all = append(all, string(one.bytes))
		}
	}
	return all
}

func (f fields) text(number protowire.Number) string {
	if all := f.texts(number); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// numbers are those of a repeated integer, packed or not.
func (f fields) numbers(number protowire.Number) []int64 {
	var all []int64
	for _, one := range f {
		if one.number != number {
			continue
		}
		if one.bytes == nil {
			all = append(all, int64(one.varint))
			continue
		}
		for b := one.bytes; len(b) > 0; {
			v, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return nil
			}
			all, b = append(all, int64(v)), b[n:]
		}
	}
	return all
}

// constant is a TensorProto: its dimensions, and its values if they are int64 and lie in the file.
func (f fields) constant() flow {
	c := flow{constant: true, dims: f.numbers(1)}
	const int64s = 7
	if kind := f.numbers(2); len(kind) != 1 || kind[0] != int64s {
		return c
	}
	c.ints = f.numbers(7)
	if raw := f.text(9); raw != "" {
		for b := []byte(raw); len(b) >= 8; b = b[8:] {
			v, _ := protowire.ConsumeFixed64(b)
			c.ints = append(c.ints, int64(v))
		}
	}
	return c
}
