"""Writes models that do not fit the tutorial's, into the directory given."""
import sys
from pathlib import Path

import numpy
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = [helper.make_opsetid("", 13)]


def save(path, nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=OPSET, ir_version=8)
    checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape)


def main(directory):
    real, whole = TensorProto.FLOAT, TensorProto.INT64
    mean = helper.make_node("ReduceMean", ["x"], ["y"], axes=[1], keepdims=1)
    y = value("y", real, "n", 1)
    save(directory / "narrow.onnx", [mean], [value("x", real, "n", 28)], [y])
    save(directory / "flat.onnx", [helper.make_node("Identity", ["x"], ["y"])], [value("x", real, "n")], [value("y", real, "n")])
    save(directory / "two-inputs.onnx", [helper.make_node("Add", ["x", "b"], ["y"])],
         [value("x", real, "n", 29), value("b", real, "n", 29)], [value("y", real, "n", 29)])
    # Two outputs, and a model that takes their difference by other names.
    two = [value("x", real, "n", 2)]
    save(directory / "pair.onnx", [helper.make_node("Neg", ["x"], ["left"]), helper.make_node("Abs", ["x"], ["right"])], two,
         [value("left", real, "n", 2), value("right", real, "n", 2)])
    save(directory / "minus.onnx", [helper.make_node("Sub", ["p", "q"], ["d"])],
         [value("p", real, "n", 2), value("q", real, "n", 2)], [value("d", real, "n", 2)])
    # Goes round for ever if some number is above 0.
    body = helper.make_graph(
        [helper.make_node("Identity", ["go_on"], ["go_on_out"]), helper.make_node("Identity", ["s"], ["s_out"])], "body",
        [value("i", whole), value("go_on", TensorProto.BOOL), value("s", real, "n", 2)],
        [value("go_on_out", TensorProto.BOOL), value("s_out", real, "n", 2)])
    zero = numpy_helper.from_array(numpy.array(0, dtype=numpy.float32), "zero")
    save(directory / "endless.onnx",
         [helper.make_node("ReduceMax", ["x"], ["m"], keepdims=0), helper.make_node("Greater", ["m", "zero"], ["go"]),
          helper.make_node("Loop", ["", "go", "x"], ["y"], body=body)], two, [value("y", real, "n", 2)], [zero])
    # A number, a text, a truth value and a matrix, each returned as it is.
    inputs = [value("n", whole, "n"), value("s", TensorProto.STRING, "n", 1), value("ok", TensorProto.BOOL, "n"), value("x", real, "n", 2)]
    save(directory / "mixed.onnx", [helper.make_node("Identity", [v.name], [v.name + "_out"]) for v in inputs], inputs,
         [value("n_out", whole, "n"), value("s_out", TensorProto.STRING, "n", 1), value("ok_out", TensorProto.BOOL, "n"), value("x_out", real, "n", 2)])
    # Takes any number of rows by its signature, and fails for all but one.
    shape = numpy_helper.from_array(numpy.array([1, 29], dtype=numpy.int64), "shape")
    save(directory / "one-row.onnx",
         [helper.make_node("Reshape", ["x", "shape"], ["r"]), helper.make_node("ReduceMean", ["r"], ["y"], axes=[1], keepdims=1)],
         [value("x", real, "n", 29)], [y], [shape])
    save(directory / "integers.onnx", [helper.make_node("Identity", ["x"], ["y"])],
         [value("x", whole, "n", 2)], [value("y", whole, "n", 2)])
    # Takes one row, by its signature.
    save(directory / "single.onnx", [helper.make_node("Neg", ["x"], ["y"])], [value("x", real, 1, 2)], [value("y", real, 1, 2)])
    # One row for all.
    save(directory / "total.onnx", [helper.make_node("ReduceMean", ["x"], ["y"], axes=[0], keepdims=1)],
         [value("x", real, "n", 2)], [value("y", real, "m", 2)])
    # Divides by zero: infinity for what is positive, NaN for zero.
    zero = numpy_helper.from_array(numpy.array([0], dtype=numpy.float32), "zero")
    save(directory / "by-zero.onnx", [helper.make_node("Div", ["x", "zero"], ["y"])],
         [value("x", real, "n", 2)], [value("y", real, "n", 2)], [zero])
    # Images, the channels before the pixels or behind them.
    for name, kind, shape in [("first", real, ["n", 3, 1, 2]), ("last", real, ["n", "h", "w", 3]), ("bytes", TensorProto.UINT8, ["n", "h", "w", 3]),
                              ("grey", real, ["n", 1, "h", "w"]), ("unclear", real, ["n", 3, 1, 3])]:
        save(directory / f"pixels-{name}.onnx", [helper.make_node("Identity", ["x"], ["y"])], [value("x", kind, *shape)], [value("y", kind, *shape)])
    # The mean of each image, for the examples: brightness.onnx beside this file is the same.
    save(directory / "brightness.onnx", [helper.make_node("ReduceMean", ["image"], ["brightness"], axes=[1, 2, 3], keepdims=0)],
         [value("image", real, "n", 3, "h", "w")], [value("brightness", real, "n")])


main(Path(sys.argv[1]))
