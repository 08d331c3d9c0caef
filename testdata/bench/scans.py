"""Prints what DuckDB and pyarrow take for the same Parquet files, in seconds, and the bytes of pyarrow's: called by BenchmarkAtRest of engine/logs.

Arguments: the folder of the files, the first and the last millisecond of the count."""
import glob, io, json, sys, time

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq

root, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pattern = root + "/**/*.parquet"
files = glob.glob(pattern, recursive=True)


def best(work, times=3):
    found = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        found.append(time.perf_counter() - start)
    return min(found), result


count = f"select count(*) from read_parquet('{pattern}') where time between make_timestamptz({first * 1000}) and make_timestamptz({last * 1000})"
counting, counted = best(lambda: duckdb.sql(count).fetchall()[0][0], 5)
scanning, scanned = best(lambda: sum(b.num_rows for b in ds.dataset(files).to_batches()), 2)


class Size(io.RawIOBase):
    """A file that is only measured."""
    size = 0

    def writable(self):
        return True

    def write(self, b):
        self.size += len(b)
        return len(b)


size = 0
for f in files:
    to = Size()
    table = pq.ParquetFile(f).read()
    pq.write_table(table, to, compression="zstd")
    size += to.size
print(json.dumps({"counting": counting, "counted": counted, "scanning": scanning, "scanned": scanned, "size": size}))
