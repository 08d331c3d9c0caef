"""Prints what ONNX Runtime answers each record of a JSON file by itself: the bits of its one float32, a line for each model."""
import json
import sys

import numpy
import onnxruntime

records = json.load(open(sys.argv[1]))
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
for path in sys.argv[2:]:
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    answers = [session.run(None, {name: numpy.array([r["tensor"]], numpy.float32)})[0] for r in records]
    print(json.dumps([int(a.astype(numpy.float32).view(numpy.uint32).ravel()[0]) for a in answers]))
