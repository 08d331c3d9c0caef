"""Times the same work in Joey with either engine, compiled Go and Python, interleaved, and prints medians and ratios.

usage: cells.py [-n ROUNDS] JOEY      the binary of Joey; the Python is the one that runs this
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

CELLS = pathlib.Path(__file__).parent / "cells"


def run(command):
    """Runs a program; returns, by the name of each piece of work, its seconds and its result."""
    figures = {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        name, nanoseconds, result = line.split()
        figures[name] = (int(nanoseconds) / 1e9, result)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=3, help="runs of each (default 3)")
    parser.add_argument("joey")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        native = pathlib.Path(directory) / "work"
        subprocess.run(["go", "build", "-o", native, CELLS / "work.go"], check=True)
        commands = {
            "closure": [options.joey, "run", "--engine", "closure", CELLS / "work.go"],
            "yaegi": [options.joey, "run", "--engine", "yaegi", CELLS / "work.go"],
            "go": [native],
            "python": [sys.executable, CELLS / "work.py"],
        }
        rounds = [{who: run(command) for who, command in commands.items()} for _ in range(options.n)]
    report(rounds)


def report(rounds):
    print(f"{'':22}{'closure':>12}{'yaegi':>12}{'Go':>12}{'Python':>12}  closure/Go  closure/Python  yaegi/closure")
    for name in rounds[0]["go"]:
        results = {figures[name][1] for figures_of in rounds for figures in figures_of.values()}
        if len(results) != 1:
            raise SystemExit(f"{name}: results differ: {results}")
        closure, yaegi, go, python = (statistics.median(r[who][name][0] for r in rounds) for who in ("closure", "yaegi", "go", "python"))
        row = "".join(f"{seconds * 1e3:9.2f} ms" for seconds in (closure, yaegi, go, python))
        print(f"{name:22}{row}{closure / go:12.1f}{closure / python:16.2f}{yaegi / closure:15.1f}")


main()
