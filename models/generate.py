"""Trains the models of the notebooks on synthetic data and writes them as ONNX, with some of the data as requests.

    python generate.py [--out DIR]

The same versions (requirements.txt) write the same bytes on every machine. Vector units add and round in different
orders, so nothing is written that depends on the last bits: features, tree gradients and weights are rounded to
binary fractions, on which float64 sums are exact, before anything is decided or stored.
"""

import argparse
import pathlib

import fraud
import houses


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent, help="folder to write to")
    out = parser.parse_args().out
    for name, model in (fraud.models() | houses.models()).items():
        (out / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    houses.write_data(out)


if __name__ == "__main__":
    main()
