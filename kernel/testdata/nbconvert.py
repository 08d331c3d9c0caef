"""What a cell prints arrives whole and in order in the notebook that nbconvert writes: 30,000 small prints, and 200 MB. nbconvert.py ARGV…"""
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat

PRINTS, MEGABYTES = 30_000, 200


def main(*argv):
    spec = Path("jupyter/kernels/joey")
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({"argv": [*argv, "{connection_file}"], "display_name": "Joey", "language": "go"}))
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "joey", "display_name": "Joey", "language": "go"}})
    nb.cells = [
        nbformat.v4.new_code_cell(f'import ("fmt"; "strings")\nfor i := range {PRINTS} {{\n\tfmt.Println(i)\n}}'),
        nbformat.v4.new_code_cell(
            f'pad := strings.Repeat("x", 1014)\nfor i := range {MEGABYTES << 10} {{\n\tfmt.Printf("%08d %s\\n", i, pad)\n}}'
        ),
    ]
    nbformat.write(nb, "in.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--log-level", "WARN", "--to", "notebook", "--execute", "in.ipynb", "--output", "out.ipynb",
         "--ExecutePreprocessor.iopub_timeout=60"],
        check=True,
        env={**os.environ, "JUPYTER_PATH": str(Path("jupyter").absolute())},
    )
    small, large = ["".join(o["text"] for o in c.outputs if o.output_type == "stream") for c in nbformat.read("out.ipynb", 4).cells]
    assert small == "".join(f"{i}\n" for i in range(PRINTS)), len(small)
    pad = "x" * 1014
    assert large == "".join(f"{i:08d} {pad}\n" for i in range(MEGABYTES << 10)), len(large)


if __name__ == "__main__":
    main(*sys.argv[1:])
