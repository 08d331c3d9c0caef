"""Answers batches as Joey does, with onnxruntime, pandas and pyarrow: a batch of float32 rows goes to each model, what they say is put
into a table with the columns of Joey's log, and that is written and flushed as an Arrow stream.

usage: batches.py FILE MODEL…    the first model is the champion. For each line on stdin, a number of rows, a line comes back: the seconds.
"""
import os
import sys
import time

import numpy as np
import onnxruntime as ort
import pandas as pd
import pyarrow as pa

WIDTH = 29


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def batch(rows):
    """A record batch as a caller has it: one column of lists, of the values that the Go side makes."""
    values = (np.arange(rows * WIDTH) % 97 / np.float32(97)).astype(np.float32)
    return pa.record_batch([pa.ListArray.from_arrays(np.arange(0, rows * WIDTH + 1, WIDTH, dtype=np.int32), pa.array(values))], names=["tensor"])


SEGMENT = 64 << 20


class Log:
    """A stream that begins anew after as many bytes as Joey's does, so that the memory of its pages is used again, too."""

    def __init__(self, path):
        self.path, self.file, self.writer = path, None, None

    def write(self, table):
        if self.file is None or self.file.tell() >= SEGMENT:
            if self.file is not None:
                self.writer.close()
                self.file.close()
                os.remove(self.path)
            self.file = pa.OSFile(self.path, "wb")
            self.writer = pa.ipc.new_stream(self.file, table.schema)
        self.writer.write_table(table)
        self.file.flush()


def infer(record, sessions, log):
    values = record.column(0).flatten().to_numpy(zero_copy_only=True).reshape(record.num_rows, -1)
    if not np.isfinite(values).all():
        raise ValueError("numbers must be finite")
    columns, now = {"time": pd.Timestamp.now("UTC")}, time.perf_counter_ns()
    for i, s in enumerate(sessions):
        out = s.run(None, {s.get_inputs()[0].name: values})
        begun, now = now, time.perf_counter_ns()
        name = "out" if i == 0 else f"out_{i}"
        for o, v in zip(s.get_outputs(), out):
            columns[f"{name}.{o.name}"] = v.reshape(-1)
        columns[f"{name}.elapsed"] = now - begun
    answers = pd.DataFrame(columns, index=range(record.num_rows))
    table = pa.Table.from_pandas(answers, preserve_index=False).append_column("in.tensor", record.column(0))
    log.write(table)
    return answers


def main():
    log, sessions, record = Log(sys.argv[1]), [session(m) for m in sys.argv[2:]], None
    for line in sys.stdin:
        if record is None or record.num_rows != int(line):
            record = batch(int(line))
        start = time.perf_counter()
        infer(record, sessions, log)
        print(time.perf_counter() - start, flush=True)


main()
