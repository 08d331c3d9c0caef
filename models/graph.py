"""Graphs as ONNX files."""

import numpy as np
import onnx
from onnx import helper

IR_VERSION = 8
OPSETS = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 3)]


def model(name, nodes, inputs, outputs, constants=()):
    """Inputs and outputs are lists of name, element type and shape; constants are pairs of name and array."""
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(*o) for o in outputs],
        [onnx.numpy_helper.from_array(np.asarray(values), name) for name, values in constants],
    )
    return helper.make_model(graph, producer_name="joey/models", ir_version=IR_VERSION, opset_imports=OPSETS)
