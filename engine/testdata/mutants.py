"""Asks the models that have answered in the test (fates.json is the only argument) the same, and prints what differs."""
import json
import sys

import numpy as np
import onnxruntime as ort

ort.set_default_logger_severity(4)
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
KINDS = {"float": np.float32, "double": np.float64, "string": np.object_, "bool": np.bool_, "float16": np.float16}


def ones(value, rows):
    kind = value.type[len("tensor("):-1]
    shape = [d if isinstance(d, int) and d >= 0 else rows for d in value.shape]
    if kind == "string":
        return np.full(shape, "a", object)
    return np.ones(shape, KINDS.get(kind) or np.dtype(kind))


def bits(a):
    if a.dtype == np.float16:
        a = a.astype(np.float32)
    if a.dtype in (np.float32, np.float64):
        return a.astype(a.dtype.newbyteorder(">")).tobytes().hex()
    return None


for fate in json.load(open(sys.argv[1])):
    if fate.get("Step") != "answer":
        continue
    session = ort.InferenceSession(fate["File"], options, providers=["CPUExecutionProvider"])
    try:
        asked = {v.name: ones(v, fate["Rows"]) for v in session.get_inputs()}
    except UnicodeDecodeError:
        continue  # a mutated name of a dimension is no UTF-8: Python's binding cannot tell the shape
    answer = session.run(None, asked)
    for got, want, name in zip(fate["Outputs"], answer, [o.name for o in session.get_outputs()], strict=True):
        want = np.asarray(want)
        same = got["Name"] == name and (got["Shape"] or []) == list(want.shape) and bits(want) in (None, got["Bits"])
        if not same:
            print(fate["Mutant"], name, got["Shape"], want.shape, got["Bits"][:80], (bits(want) or "")[:80])
