"""What ONNX Runtime gives from Python: MODEL, then ROWS x WIDTH float32 on stdin, the outputs' bytes in order on stdout, those of
float16 as float32."""
import sys

import numpy as np
import onnxruntime

model, rows, width = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
session = onnxruntime.InferenceSession(model, options)
batch = np.frombuffer(sys.stdin.buffer.read(), "<f4").reshape(rows, width)
given = session.get_inputs()[0]
if given.type == "tensor(float16)":
    with np.errstate(over="ignore"):
        batch = batch.astype(np.float16)
for output in session.run(None, {given.name: batch}):
    sys.stdout.buffer.write((output.astype(np.float32) if output.dtype == np.float16 else output).tobytes())
