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
from fraud import transactions  # noqa: E402: the folder above is no package
from houses import HEATING, flats, houses  # noqa: E402


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def auc(score, fraud):
    """The chance that a fraud scores above a genuine transaction; a tie is half of it."""
    order = score[fraud][:, None] - score[~fraud][None]
    return float((order > 0).mean() + (order == 0).mean() / 2)


def load(path):
    loaded = onnx.load(path)
    onnx.checker.check_model(loaded, full_check=True)
    run = session(path)
    return run, {
        "ir": loaded.ir_version,
        "opsets": {opset.domain: opset.version for opset in loaded.opset_import},
        "inputs": [[i.name, i.type, i.shape] for i in run.get_inputs()],
        "outputs": [[o.name, o.type, o.shape] for o in run.get_outputs()],
    }


def of_transactions(path, record, x, fraud):
    run, facts = load(path)
    source = run.get_inputs()[0].name
    batch = run.run(None, {source: x})[0]
    return facts | {
        "record": run.run(None, {source: record})[0].tolist(),
        "record_in_batch": run.run(None, {source: np.concatenate([x, record])})[0][-1].tolist(),
        "range": [float(batch.min()), float(batch.max())],
        "auc": auc(batch[:, 0], fraud),
    }


def same_alone(run, inputs, batch):
    """Whether rows get the same answers alone as in a batch, to the bit."""
    alone = [run.run(None, {name: v[i:i + 1] for name, v in inputs.items()}) for i in range(100)]
    return all((np.concatenate([a[k] for a in alone]) == batch[k][:100]).all() for k in range(len(batch)))


def of_houses(path, x, price):
    run, facts = load(path)
    (batch,) = run.run(None, {"house": x})
    (hut,) = run.run(None, {"house": np.array([[1, 1, 12, 0, 1, 90, 0, 35]], dtype=np.float32)})
    return facts | {
        "same_alone": same_alone(run, {"house": x}, [batch]),
        "error": float(np.median(np.abs(batch[:, 0] - price) / price)),
        "hut": float(hut[0, 0]),
    }


def of_demand(encoder, demand, x, quick):
    first, facts = load(encoder)
    second, more = load(demand)
    (embedding,) = first.run(None, {"house": x})
    (percent,) = second.run(None, {"features": embedding})
    return {
        "house_encoder": facts | {"same_alone": same_alone(first, {"house": x}, [embedding])},
        "house_demand": more | {"same_alone": same_alone(second, {"features": embedding}, [percent]), "auc": auc(percent[:, 0], quick)},
    }


def of_flats(path, district, area, rooms, furnished, heating, target):
    run, facts = load(path)
    inputs = {
        "district": district.astype(np.int64), "area": area.astype(np.float32), "rooms": rooms.astype(np.float32),
        "furnished": furnished, "heating": np.array(HEATING, dtype=object)[heating],
    }
    rent, band, label = run.run(None, inputs)
    return facts | {
        "same_alone": same_alone(run, inputs, [rent, band, label]),
        "error": float(np.median(np.abs(rent - target) / target)),
        "bands": {name: sorted(set(band[label == name].tolist())) for name in sorted(set(label))},
    }


folder = pathlib.Path(sys.argv[1])
record = np.array(json.loads((folder / "smoke_test.json").read_text())["tensor"], dtype=np.float32)
x, fraud = transactions(seed=7, rows=2000, fraud_share=0.1)
reports = {
    name: of_transactions(folder / f"{name}.onnx", record, x.astype(np.float32), fraud)
    for name in ["keras_ccfraud", "modelA", "xgboost_ccfraud"]
}
x, price, quick = houses(seed=7, rows=2000)
x = x.astype(np.float32)
reports |= {name: of_houses(folder / f"{name}.onnx", x, price) for name in ["house_linear", "house_boosted", "house_forest"]}
reports |= of_demand(folder / "house_encoder.onnx", folder / "house_demand.onnx", x, quick)
reports["flat_rent"] = of_flats(folder / "flat_rent.onnx", *flats(seed=7, rows=2000))
print(json.dumps(reports, indent=1))
