"""Answers requests of one row as Joey does, with onnxruntime and pyarrow: a row goes to each model in turn, and what they say goes to an
Arrow stream with the columns of Joey's log, which is written and flushed after so many requests.

usage: requests.py FILE ROWS MODEL…    the first model is the champion; ROWS are those between two flushes. For each line on stdin, a number
of requests, a line comes back: the seconds of the processor.
"""
import functools
import hashlib
import json
import pathlib
import sys
import time
import uuid

import numpy as np
import onnxruntime as ort
import pyarrow as pa


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class Model:
    def __init__(self, path):
        self.session = session(path)
        self.name, self.version = pathlib.Path(path).stem, str(uuid.uuid4())
        self.sha = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
        self.input, self.output = self.session.get_inputs()[0].name, self.session.get_outputs()[0].name


@functools.cache
def offsets(n, width):
    return pa.array(np.arange(0, (n + 1) * width, width, dtype=np.int32))


def lists(arrays, width):
    return pa.ListArray.from_arrays(offsets(len(arrays), width), pa.array(np.concatenate(arrays, axis=None)))


@functools.cache
def same(value, n):
    return pa.repeat(value, n)


@functools.cache
def shapes(shape, n):
    return lists([shape] * n, len(shape))


NONE = pa.scalar([], pa.list_(pa.string()))


class Log:
    """What differs between rows waits in a list for each column, and what does not is repeated when they are a batch: of the ways tried
    the quickest."""

    def __init__(self, path, version, models, rows):
        self.version, self.models, self.rows, self.names = version, models, rows, [m.name for m in models[1:]]
        self.file, self.writer = pa.OSFile(path, "wb"), None
        self.clear()

    def clear(self):
        self.times, self.inputs, self.outputs, self.elapsed, self.steps = [], [], [], [], []

    def append(self, now, values, outputs, elapsed, steps):
        self.times.append(now)
        self.inputs.append(values)
        self.outputs.append(outputs)
        self.elapsed.append(elapsed)
        self.steps.append(steps)
        if len(self.times) >= self.rows:
            batch = self.batch()
            if self.writer is None:
                self.writer = pa.ipc.new_stream(self.file, batch.schema)
            self.writer.write_batch(batch)
            self.file.flush()
            self.clear()

    def batch(self):
        n, champion = len(self.times), self.models[0]
        elapsed, outputs = np.array(self.elapsed), list(zip(*self.outputs))
        columns = {
            "time": pa.array(np.array(self.times) // 1_000_000, pa.timestamp("ms", "UTC")), "pipeline_version": same(self.version, n),
            "model_name": same(champion.name, n), "model_version": same(champion.version, n), "model_sha": same(champion.sha, n),
            "elapsed": pa.array(elapsed[:, 0]), "check_failures": same(NONE, n),
            **tensors("in.tensor", self.inputs), "metadata.elapsed": lists(self.steps, 2),
        }
        for i, m in enumerate(self.models):
            owner = f"out_{m.name}" if i else "out"
            if i:
                columns |= {f"{owner}.version": same(m.version, n), f"{owner}.sha": same(m.sha, n), f"{owner}.elapsed": pa.array(elapsed[:, i]), f"{owner}.error": same("", n)}
            columns |= tensors(f"{owner}.{m.output}", outputs[i])
        return pa.record_batch(list(columns.values()), names=list(columns))


def tensors(name, arrays):
    """Columns of arrays that have one shape, as those of this work have."""
    return {name: lists(arrays, arrays[0].size), f"{name}.shape": shapes(arrays[0].shape, len(arrays))}


def infer(rows, models, log):
    begun = time.perf_counter_ns()
    values = np.array(rows, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("numbers must be finite")
    narrow, stamp, read = values.astype(np.float32), time.time_ns(), time.perf_counter_ns()
    now, outputs, elapsed = read, [], []
    for m in models:
        outputs.append(m.session.run(None, {m.input: narrow})[0])
        start, now = now, time.perf_counter_ns()
        elapsed.append(now - start)
    log.append(stamp, values, outputs, elapsed, (read - begun, elapsed[0]))
    return {"outputs": outputs[0], "shadow_data": dict(zip(log.names, outputs[1:])), "elapsed": elapsed[0], "time": stamp}


def main():
    models = [Model(m) for m in sys.argv[3:]]
    log = Log(sys.argv[1], str(uuid.uuid4()), models, int(sys.argv[2]))
    rows = json.loads((pathlib.Path(__file__).parents[2] / "models" / "smoke_test.json").read_text())["tensor"]
    for line in sys.stdin:
        requests = int(line)
        begun = time.process_time()
        for _ in range(requests):
            infer(rows, models, log)
        print(time.process_time() - begun, flush=True)


main()
