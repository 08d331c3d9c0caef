"""Prints, as JSON, what ONNX's checker and ONNX Runtime make of the models in a folder.

    python check.py FOLDER
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from generate import transactions  # noqa: E402: the folder above is no package


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def auc(score, fraud):
    """The chance that a fraud scores above a genuine transaction; a tie is half of it."""
    order = score[fraud][:, None] - score[~fraud][None]
    return float((order > 0).mean() + (order == 0).mean() / 2)


def report(path, record, x, fraud):
    loaded = onnx.load(path)
    onnx.checker.check_model(loaded, full_check=True)
    run = session(path)
    (source,), (target,) = run.get_inputs(), run.get_outputs()
    one = run.run(None, {source.name: record})[0]
    batch = run.run(None, {source.name: x})[0]
    return {
        "ir": loaded.ir_version,
        "opsets": {opset.domain: opset.version for opset in loaded.opset_import},
        "input": [source.name, source.type, source.shape],
        "output": [target.name, target.type, target.shape],
        "record": one.tolist(),
        "record_in_batch": run.run(None, {source.name: np.concatenate([x, record])})[0][-1].tolist(),
        "range": [float(batch.min()), float(batch.max())],
        "auc": auc(batch[:, 0], fraud),
    }


folder = pathlib.Path(sys.argv[1])
record = np.array(json.loads((folder / "smoke_test.json").read_text())["tensor"], dtype=np.float32)
x, fraud = transactions(seed=7, rows=2000, fraud_share=0.1)
x = x.astype(np.float32)
print(json.dumps({path.stem: report(path, record, x, fraud) for path in sorted(folder.glob("*.onnx"))}, indent=1))
