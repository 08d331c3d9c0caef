"""Times Jupyter kernels side by side through jupyter_client, interleaved, and prints medians and ratios.

usage: kernels.py [-n RUNS] [KERNEL ...]      the first kernel is compared with each of the others (default: joey python3)
"""
import argparse
import queue
import statistics
import time

from jupyter_client import KernelManager

EMPTY_CELLS = 50


def start(name):
    """Starts a kernel; returns its manager, its client, when it was started and the seconds until kernel_info_reply."""
    begin = time.perf_counter()
    manager = KernelManager(kernel_name=name)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    while True:  # a request sent before the kernel listens is queued by ZeroMQ, so one is enough
        client.kernel_info()
        reply = client.get_shell_msg(timeout=60)
        if reply["msg_type"] == "kernel_info_reply":
            ready = time.perf_counter() - begin
            await_outputs(client)
            return manager, client, begin, ready


def await_outputs(client):
    """A kernel that does not wait for its subscribers loses what it publishes before: ask until something arrives."""
    while True:
        try:
            client.get_iopub_msg(timeout=0.1)
            return
        except queue.Empty:
            client.kernel_info()


def round_trip(client, code):
    """The seconds from execute_request to execute_reply and idle."""
    begin = time.perf_counter()
    reply = client.execute_interactive(code, timeout=60, output_hook=lambda message: None)
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"{code!r} failed: {reply['content']}")
    return time.perf_counter() - begin


def measure(name):
    manager, client, begin, kernel_info = start(name)
    try:
        round_trip(client, "1 + 1")
        first_result = time.perf_counter() - begin
        empty = [round_trip(client, "") for _ in range(EMPTY_CELLS)]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return {
        "start to kernel_info": kernel_info,
        "start to first result": first_result,
        "empty cell, p50": statistics.median(empty),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="runs of each kernel (default 5)")
    parser.add_argument("kernels", nargs="*", default=["joey", "python3"])
    options = parser.parse_args()
    runs = {name: [] for name in options.kernels}
    for _ in range(options.n):
        for name in options.kernels:
            runs[name].append(measure(name))
    base = options.kernels[0]
    for figure in runs[base][0]:
        medians = {name: statistics.median(run[figure] for run in all_runs) for name, all_runs in runs.items()}
        row = "  ".join(f"{name} {medians[name] * 1e3:8.2f} ms" for name in options.kernels)
        ratios = "  ".join(f"{base}/{name} {medians[base] / medians[name]:.3f}" for name in options.kernels[1:])
        print(f"{figure:24}{row}  {ratios}")


main()
