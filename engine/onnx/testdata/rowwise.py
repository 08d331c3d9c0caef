"""Writes models that answer each row by itself, yes-….onnx, and such that do not or might not, no-….onnx, to the folder that is the only argument."""
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

folder = Path(sys.argv[1])


def write(name, *nodes, out=("N", 4), kind=T.FLOAT, shape=("N", 4), opset=17, functions=(), **constants):
    """Each node is an operator, what goes in, and attributes; its output is its number, and the last one's is y."""
    made = []
    for i, (op, inputs, attributes) in enumerate(nodes):
        outputs = ["y"] if i == len(nodes) - 1 else [str(i)]
        made.append(h.make_node(op, inputs.split(), attributes.pop("outputs", outputs), **attributes))
    value = h.make_tensor_value_info
    graph = h.make_graph(made, name, [value("x", T.FLOAT, shape)], [value("y", kind, out)],
                         [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset), h.make_opsetid("ai.onnx.ml", 3), h.make_opsetid("own", 1)],
                         ir_version=9, functions=functions)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


f = lambda *shape: np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
i = lambda *values: np.array(values, dtype=np.int64)

write("yes-add", ("Add", "x c", {}), c=f(4))
write("yes-add-row", ("Mul", "x c", {}), c=f(1, 4))
write("yes-add-scalar", ("Sub", "c x", {}), c=np.float32(2))
write("yes-self", ("Mul", "x x", {}), ("Sigmoid", "0", {}))
write("yes-matmul", ("MatMul", "x c", {}), ("Relu", "0", {}), c=f(4, 4))
write("yes-gemm", ("Gemm", "x c b", {"transB": 1}), c=f(4, 4), b=f(4))
write("yes-softmax", ("Softmax", "x", {}))
write("yes-softmax-11", ("Softmax", "x", {}), opset=11)
write("yes-logsoftmax", ("LogSoftmax", "x", {"axis": -1}))
write("yes-mean", ("ReduceMean", "x", {"axes": [1], "keepdims": 1}), out=("N", 1))
write("yes-max", ("ReduceMax", "x", {"axes": [-1], "keepdims": 0}), out=("N",))
write("yes-sum", ("ReduceSum", "x a", {}), out=("N", 1), a=i(1))
write("yes-argmax", ("ArgMax", "x", {"axis": 1}), out=("N", 1), kind=T.INT64)
write("yes-concat", ("Neg", "x", {}), ("Concat", "x 0", {"axis": 1}), out=("N", 8))
write("yes-columns", ("Gather", "x a", {"axis": 1}), out=("N", 2), a=i(2, 0))
write("yes-lookup", ("Clip", "x low high", {}), ("Cast", "0", {"to": T.INT64}), ("Gather", "c 1", {}), out=("N", 4, 2), c=f(5, 2), low=np.float32(0), high=np.float32(4))
write("yes-reshape", ("Reshape", "x a", {}), ("Transpose", "0", {"perm": [0, 2, 1]}), ("Flatten", "1", {}), a=i(0, 2, 2))
write("yes-squeeze", ("Unsqueeze", "x a", {}), ("Squeeze", "0 a", {}), a=i(1))
write("yes-slice", ("Slice", "x from to a", {}), out=("N", 2), a=i(1), to=i(3), **{"from": i(1)})
write("yes-attention", ("Reshape", "x a", {}), ("MatMul", "0 0", {}), ("Flatten", "1", {}), a=i(0, 2, 2))
write("yes-norm", ("LayerNormalization", "x c", {}), c=f(4))
write("yes-constant", ("Constant", "", {"value": h.make_tensor("c", T.FLOAT, [4], [1, 2, 3, 4])}), ("Max", "x 0", {}))
write("yes-scaler", ("Scaler", "x", {"domain": "ai.onnx.ml", "offset": [0.5], "scale": [2.0]}))
write("yes-norm-lines", ("Reshape", "x a", {}), ("LayerNormalization", "0 c", {}), out=("N", 2, 2), a=i(0, 2, 2), c=f(1, 2, 2))
write("yes-batchnorm", ("BatchNormalization", "x s b m v", {}), s=f(4), b=f(4), m=f(4), v=f(4) + 2)
write("yes-conv", ("Reshape", "x a", {}), ("Conv", "0 c", {}), out=("N", 3, 3), a=i(0, 1, 4), c=f(3, 1, 2))
write("yes-pool", ("Reshape", "x a", {}), ("MaxPool", "0", {"kernel_shape": [2]}), ("GlobalAveragePool", "1", {}), out=("N", 1, 1), a=i(0, 1, 4))
write("yes-normalizer", ("Normalizer", "x", {"domain": "ai.onnx.ml", "norm": "L2"}))
write("yes-regressor", ("LinearRegressor", "x", {"domain": "ai.onnx.ml", "coefficients": [1.0, 2.0, -3.0, 0.5], "intercepts": [0.25]}), out=("N", 1))
write("yes-features", ("FeatureVectorizer", "x x", {"domain": "ai.onnx.ml", "inputdimensions": [4, 4]}), out=("N", 8))
write("yes-extractor", ("ArrayFeatureExtractor", "x a", {"domain": "ai.onnx.ml"}), out=("N", 2), a=i(3, 1))
write("yes-onehot", ("Cast", "x", {"to": T.INT64}), ("OneHotEncoder", "0", {"domain": "ai.onnx.ml", "cats_int64s": [0, 1, 2]}), out=("N", 4, 3))
write("yes-where", ("Greater", "x c", {}), ("Where", "0 x c", {}), c=np.float32(0.3))

write("no-mean", ("ReduceMean", "x", {"axes": [0], "keepdims": 1}), ("Sub", "x 0", {}))
write("no-mean-of-all", ("ReduceMean", "x", {}), ("Sub", "x 0", {}))
write("no-sum-over-rows", ("ReduceSum", "x a", {}), ("Add", "x 0", {}), a=i(-2))
write("no-cumsum", ("CumSum", "x a", {}), a=np.int64(0))
write("no-softmax", ("Softmax", "x", {"axis": 0}))
write("no-transpose", ("Transpose", "x", {}), ("MatMul", "x 0", {}), out=("N", "N"))
write("no-product", ("MatMul", "x x", {}), shape=("N", "N"), out=("N", "N"))
write("no-fold", ("Reshape", "x a", {}), out=("M", 2), a=i(-1, 2))
write("no-turn", ("Transpose", "x", {"perm": [1, 0]}), ("Transpose", "0", {"perm": [1, 0]}))
write("no-count", ("Shape", "x", {}), ("Cast", "0", {"to": T.FLOAT}), ("ReduceMax", "1", {}), ("Mul", "x 2", {}))
write("no-first-row", ("Gather", "x a", {}), ("Mul", "x 0", {}), a=i(0))
write("no-random", ("RandomUniformLike", "x", {}), ("Add", "x 0", {}))
write("no-sorted", ("TopK", "x k", {"axis": 0, "outputs": ["0", "1"]}), ("Add", "x 0", {}), k=i(1))
write("no-across", ("ReduceMax", "x", {"axes": [1], "keepdims": 0}), ("Add", "x 0", {}), shape=("N", "N"), out=("N", "N"))
write("no-lines", ("Add", "x c", {}), c=f(4, 4))
write("no-norm-lines", ("Reshape", "x a", {}), ("LayerNormalization", "0 c", {}), out=("N", 2, 2), a=i(0, 2, 2), c=f(4, 1, 2))
write("no-norm-bias", ("LayerNormalization", "x c b", {}), c=f(4), b=f(4, 4))
write("no-batchnorm", ("BatchNormalization", "x s b m v", {"training_mode": 1, "outputs": ["y", "1", "2"]}), s=f(4), b=f(4), m=f(4), v=f(4) + 2)
write("no-axis-twice", ("Reshape", "x three", {}), ("Squeeze", "0 a", {}), ("Reshape", "x four", {}), ("Squeeze", "2 one", {}), ("Add", "1 3", {}), ("Reshape", "4 flat", {}),
      out=("N", "M"), flat=i(0, -1), three=i(0, 1, 1, 4), a=i(1, 1), four=i(0, 1, 4), one=i(1))
write("no-three", ("Add", "x c", {}), c=f(3, 1, 4), out=("M", "N", 4))
write("no-indices", ("Reshape", "x a", {}), ("MaxPool", "0", {"kernel_shape": [2], "outputs": ["1", "y"]}), ("Identity", "y", {"outputs": ["z"]}),
      out=("N", 1, 3), kind=T.INT64, a=i(0, 1, 4))
own = h.make_function("own", "Add", ["a", "b"], ["c"], [h.make_node("CumSum", ["a", "b"], ["c"])], [h.make_opsetid("", 17)])
write("no-function", ("Add", "x a", {"domain": "own"}), functions=[own], a=np.int64(0))
