"""Writes the small models of the tests to the folder that is the only argument."""
import sys
from pathlib import Path

from onnx import TensorProto as T
from onnx import helper as h

folder = Path(sys.argv[1])


def value(name, shape, kind=T.FLOAT):
    return h.make_tensor_value_info(name, kind, shape)


def write(name, nodes, inputs, outputs, initializer=()):
    graph = h.make_graph(nodes, name, inputs, outputs, initializer)
    opsets = [h.make_opsetid("", 17), h.make_opsetid("ai.onnx.ml", 3)]
    model = h.make_model(graph, opset_imports=opsets, ir_version=9)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


rows = value("x", ["N", 3])
axes = h.make_tensor("axes", T.INT64, [1], [1])
total = h.make_node("ReduceSum", ["x"], ["y"], keepdims=0)
per_row = h.make_node("ReduceSum", ["x", "axes"], ["z"], keepdims=1)

write("scalar", [total], [rows], [value("y", [])])
write("lying", [per_row], [rows], [value("z", [1, 1])], [axes])  # gives N rows
write("rankless", [per_row], [rows], [value("z", None)], [axes])
write("mixed", [total, per_row], [rows], [value("y", []), value("z", [1, 1])], [axes])
write("twice", [per_row], [rows], [value("z", ["N", 1]), value("z", ["N", 1])], [axes])
write("unknown-beside-scalar", [total, h.make_node("Reshape", ["x", "to"], ["z"])], [rows, value("to", [None], T.INT64)], [value("y", []), value("z", None)])
write("echo", [total], [rows], [value("y", []), rows])
write("echo-row", [per_row], [rows], [value("z", ["N", 1]), rows], [axes])
write("none", [h.make_node("NonZero", ["x"], ["y"])], [rows], [value("y", [2, None], T.INT64)])
write("free", [total], [value("x", ["N", None])], [value("y", [])])

kinds = {"f64": T.DOUBLE, "i8": T.INT8, "i16": T.INT16, "i32": T.INT32, "i64": T.INT64, "u8": T.UINT8, "u16": T.UINT16,
         "u32": T.UINT32, "u64": T.UINT64, "bool": T.BOOL, "text": T.STRING}
write("types",
      [h.make_node("Identity", [k], [k + "_out"]) for k in kinds],
      [value(k, ["N"], kind) for k, kind in kinds.items()],
      [value(k + "_out", ["N"], kind) for k, kind in kinds.items()])

half = T.FLOAT16
same = [h.make_node("Identity", ["x"], ["y"]), h.make_node("Mul", ["x", "x"], ["z"])]
write("half", same, [value("x", ["N", 3], half)], [value("y", ["N", 3], half), value("z", ["N", 3], half)])
write("half-echo", same[1:], [value("x", ["N", 3], half)], [value("z", ["N", 3], half), value("x", ["N", 3], half)])
write("half-free", same, [value("x", ["N", None], half)], [value("y", ["N", None], half), value("z", ["N", "M"], half)])
write("half-cast", [h.make_node("Cast", ["x"], ["y"], to=half)], [rows], [value("y", ["N", 3], half)])
write("half-scalar", [h.make_node("ReduceSum", ["x"], ["y"], keepdims=0)], [value("x", [1], half)], [value("y", [], half)])
write("half-unknown", [h.make_node("Reshape", ["x", "shape"], ["y"])], [value("x", [4], half), value("shape", [2], T.INT64)], [value("y", [None, None], half)])
write("bfloat", [h.make_node("Cast", ["x"], ["y"], to=T.BFLOAT16)], [rows], [value("y", ["N", 3], T.BFLOAT16)])

maps = h.make_sequence_type_proto(h.make_map_type_proto(T.INT64, h.make_tensor_type_proto(T.FLOAT, [])))
write("zipmap", [h.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[0, 1, 2])],
      [rows], [h.make_value_info("y", maps)])

# Doubles a number for ever: only a cancelled run ends.
body = h.make_graph(
    [h.make_node("Identity", ["go_on"], ["go_on_out"]), h.make_node("Add", ["s", "s"], ["s_out"])], "body",
    [value("i", [], T.INT64), value("go_on", [], T.BOOL), value("s", [1])],
    [value("go_on_out", [], T.BOOL), value("s_out", [1])])
write("endless", [h.make_node("Loop", ["", "yes", "x"], ["y"], body=body)], [value("x", [1])], [value("y", [1])],
      [h.make_tensor("yes", T.BOOL, [], [True])])
