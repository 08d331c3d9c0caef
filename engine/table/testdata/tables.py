"""Writes one table in several formats, and tables that are no requests, into the directory given."""
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

out = Path(sys.argv[1])
values = {
    "f16": (pa.float16(), [0.5, -2.0, 65504.0]), "f32": (pa.float32(), [0.5, -0.0, 3.25]), "f64": (pa.float64(), [0.1, 1e300, -5e-324]),
    "i8": (pa.int8(), [-128, 0, 127]), "i16": (pa.int16(), [-32768, 0, 32767]), "i32": (pa.int32(), [-2**31, 0, 2**31 - 1]),
    "i64": (pa.int64(), [-2**63, 2**53 + 1, 2**63 - 1]), "u8": (pa.uint8(), [0, 1, 255]), "u16": (pa.uint16(), [0, 1, 65535]),
    "u32": (pa.uint32(), [0, 1, 2**32 - 1]), "u64": (pa.uint64(), [0, 1, 2**63]), "ok": (pa.bool_(), [True, False, True]),
    "text": (pa.string(), ["", "é\n", "日本"]), "large": (pa.large_string(), ["a", "b", "c"]),
    "list": (pa.list_(pa.float32()), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "fixed": (pa.list_(pa.float64(), 2), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    "wide": (pa.large_list(pa.int64()), [[1], [2], [3]]), "texts": (pa.list_(pa.string()), [["a", "b"], ["c", "d"], ["e", "f"]]),
}
whole = pa.table({name: pa.array([pa.scalar(v, pa.float32()).as_py() for v in data] if name == "f16" else data, typ if name != "f16" else pa.float32()).cast(typ)
                  for name, (typ, data) in values.items()})
nested = whole.append_column("nested", pa.array([[[1, 2], [3, 4]]] * 3, pa.list_(pa.list_(pa.int32()))))
category = nested.append_column("category", pa.array(["a", "b", "a"]).dictionary_encode())


def arrow(name, table, compression=None, stream=False, rows=2):
    options = pa.ipc.IpcWriteOptions(compression=compression)
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(out / name), "wb") as sink, new(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)


arrow("plain.arrow", category)
arrow("lz4.arrow", category, "lz4")
arrow("zstd.arrow", category, "zstd")
arrow("stream.arrow", category, stream=True)
arrow("sliced.arrow", pa.concat_tables([category.slice(2), category, category.slice(0, 1)]).slice(1, 3), rows=9)
narrow = whole
for compression in ["none", "snappy", "gzip", "zstd"]:
    pq.write_table(narrow, out / f"{compression}.parquet", compression=compression, row_group_size=2)
pq.write_table(narrow, out / "v2.parquet", data_page_version="2.0", use_dictionary=False)
(out / "plain.csv").write_text("f64,i64,ok,text,list\n0.1,-9223372036854775808,True,x,\"[1.0, 2.0]\"\n1e300,9007199254740993,false,\"a,b\",\"[3.0, 4.0]\"\n-5e-324,9223372036854775807,TRUE,1,\"[5.0, 6.0]\"\n")
plain = category.to_pydict()
(out / "want.json").write_text(json.dumps({k: plain[k] for k in plain}))

bad = {
    "null": pa.table({"a": pa.array([1, None])}), "null-in-list": pa.table({"a": pa.array([[1.0], [None]])}),
    "ragged": pa.table({"a": pa.array([[1.0], [1.0, 2.0]])}), "empty-list": pa.table({"a": pa.array([[], []], pa.list_(pa.int32()))}),
    "date": pa.table({"a": pa.array([1, 2], pa.date32())}), "struct": pa.table({"a": pa.array([{"b": 1, "c": 2}])}), "no-rows": pa.table({"a": pa.array([], pa.int32())}),
    "many": pa.table({"a": pa.array([1] * (2**24 + 1), pa.int8())}),
}
for name, table in bad.items():
    arrow(name + ".arrow", table, rows=2**25)
    pq.write_table(table, out / (name + ".parquet"))
many = pa.table({"x": pa.array([[float(i), float(i) + 0.5] for i in range(5000)], pa.list_(pa.float32())), "s": [str(i) for i in range(5000)]})
pq.write_table(many, out / "groups.parquet", row_group_size=1300, data_page_size=2000)
