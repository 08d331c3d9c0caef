"""Times Jupyter kernels side by side, interleaved, and prints medians, ratios and the marks that Joey has set itself.

usage: kernels.py [-n RUNS] [--cells CELLS]

The client is a lean one over ZeroMQ: jupyter_client itself takes about a millisecond a message, which would hide what a kernel needs.
"""
import argparse
import glob
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

import zmq
from jupyter_client.kernelspec import KernelSpecManager

EMPTY_CELLS = 300
PRINTS = 30_000
TIMEOUT = 60_000  # ms

# What is run in each kernel: the same in its language.
CODE = {
    "joey": {
        "import": 'import "fmt"',
        "prints": f"for i := range {PRINTS} {{\n\tfmt.Println(i)\n}}",
        "variable": "kept := 42",
        "loop": "for {\n}",
        "check": 'if kept != 42 {\n\tpanic("lost")\n}',
        "cell": "func f{i}(n int) int {{\n\treturn n + {i}\n}}\nkept = f{i}(1) - {i}\nkept",
        "prepare": "kept = 0",
    },
    "python3": {
        "import": "",
        "prints": f"for i in range({PRINTS}):\n    print(i)",
        "variable": "kept = 42",
        "loop": "while True:\n    pass",
        "check": "assert kept == 42",
        "cell": "def f{i}(n):\n    return n + {i}\nkept = f{i}(1) - {i}\nkept",
        "prepare": "",
    },
}


class Kernel:
    """A running kernel and a client that does no more than it must."""

    def __init__(self, name):
        spec = KernelSpecManager().get_kernel_spec(name)
        argv = [os.environ["JOEY_BIN"], *spec.argv[1:]] if name == "joey" and os.environ.get("JOEY_BIN") else spec.argv
        self.interrupt_mode = spec.interrupt_mode
        self.key, self.session, self.n = uuid.uuid4().hex.encode(), uuid.uuid4().hex, 0
        ports = dict(zip(("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"), free_ports(5)))
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json", delete=False)
        json.dump({"transport": "tcp", "ip": "127.0.0.1", "key": self.key.decode(), "signature_scheme": "hmac-sha256", **ports}, self.file)
        self.file.close()
        self.context = zmq.Context()
        self.shell, self.control = self.socket(zmq.DEALER, ports["shell_port"]), self.socket(zmq.DEALER, ports["control_port"])
        self.iopub = self.socket(zmq.SUB, ports["iopub_port"])
        self.iopub.subscribe(b"")
        replaced = {"{connection_file}": self.file.name, "python": sys.executable}  # as jupyter_client does
        argv = [replaced.get(a, a) for a in argv]
        self.begin = time.perf_counter()
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **spec.env}, start_new_session=True)
        self.await_info()
        self.kernel_info = time.perf_counter() - self.begin
        while True:  # a kernel that does not wait for its subscribers loses what it publishes before
            if self.iopub.poll(100):
                break
            self.send(self.shell, "kernel_info_request", {})
            self.receive(self.shell)
        while self.iopub.poll(20):
            self.receive(self.iopub)

    def socket(self, kind, port):
        s = self.context.socket(kind)
        s.linger, s.reconnect_ivl, s.rcvtimeo, s.rcvhwm = 0, 1, TIMEOUT, 0
        s.connect(f"tcp://127.0.0.1:{port}")
        return s

    def await_info(self):
        self.send(self.shell, "kernel_info_request", {})  # ZeroMQ keeps it until the kernel listens
        assert self.receive(self.shell)[0]["msg_type"] == "kernel_info_reply"

    def send(self, to, kind, content):
        self.n += 1
        header = {
            "msg_id": f"{self.session}_{self.n}", "msg_type": kind, "session": self.session, "username": "", "version": "5.4",
            "date": "2026-01-01T00:00:00Z",
        }
        frames = [json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode()]
        to.send_multipart([b"<IDS|MSG>", hmac.digest(self.key, b"".join(frames), hashlib.sha256).hex().encode(), *frames])
        return header["msg_id"]

    def receive(self, from_):
        """The header, parent and content (both still encoded) of the next message."""
        frames = from_.recv_multipart()
        at = frames.index(b"<IDS|MSG>") + 2
        return json.loads(frames[at]), frames[at + 1], frames[at + 3]

    def execute(self, code):
        return self.send(self.shell, "execute_request", {
            "code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": False,
        })

    def run(self, code, want="ok"):
        """The seconds from execute_request to execute_reply and idle, and the text that arrived before idle."""
        begin = time.perf_counter()
        asked = self.execute(code).encode()
        text = self.outputs(asked)
        status = json.loads(self.receive(self.shell)[2])
        took = time.perf_counter() - begin
        assert status["status"] == want, (code, status)
        return took, "".join(text)

    def outputs(self, asked, until="idle"):
        text = []
        while True:
            header, parent, body = self.receive(self.iopub)
            if asked not in parent:
                continue
            if header["msg_type"] == "stream":
                text.append(json.loads(body)["text"])
            elif header["msg_type"] == "status" and json.loads(body)["execution_state"] == until:
                return text

    def interrupt(self, code):
        """The seconds from an interrupt of a busy loop to its reply and idle."""
        asked = self.execute(code).encode()
        self.outputs(asked, "busy")
        time.sleep(0.3)
        begin = time.perf_counter()
        if self.interrupt_mode == "message":
            self.send(self.control, "interrupt_request", {})
        else:
            self.process.send_signal(signal.SIGINT)
        self.outputs(asked)
        assert json.loads(self.receive(self.shell)[2])["status"] == "error"
        return time.perf_counter() - begin

    def processes(self):
        """The kernel and all its descendants."""
        children = {}
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat) as f:
                    pid, rest = f.read().split(" (", 1)
            except OSError:
                continue
            children.setdefault(rest.rpartition(") ")[2].split()[1], []).append(pid)
        found, new = [], [str(self.process.pid)]
        while new:
            found += new
            new = [child for pid in new for child in children.get(pid, [])]
        return found

    def memory(self):
        """The PSS of the kernel and its descendants in MB: pages that they share count once."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/smaps_rollup") as f:
                total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M)[1])
        return total / 1024

    def close(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.context.destroy(linger=0)
        os.unlink(self.file.name)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def measure(name):
    code, kernel = CODE[name], Kernel(name)
    try:
        kernel.run("1 + 1")
        first_result = time.perf_counter() - kernel.begin
        time.sleep(1)
        idle = kernel.memory()
        empty = sorted(kernel.run("")[0] for _ in range(EMPTY_CELLS))
        kernel.run(code["import"])
        prints, text = kernel.run(code["prints"])
        assert text == "".join(f"{i}\n" for i in range(PRINTS)), f"{name} lost text: {len(text)}"
        kernel.run(code["variable"])
        interrupt = kernel.interrupt(code["loop"])
        kernel.run(code["check"])
    finally:
        kernel.close()
    return {
        "start to kernel_info, ms": kernel.kernel_info * 1e3,
        "start to first result, ms": first_result * 1e3,
        "empty cell p50, ms": empty[len(empty) // 2] * 1e3,
        "empty cell p99, ms": empty[len(empty) * 99 // 100] * 1e3,
        "idle PSS, MB": idle,
        f"{PRINTS} prints, ms": prints * 1e3,
        "interrupt of a loop, ms": interrupt * 1e3,
    }


# Joey's part of what ipykernel needs (issue 5).
MARKS = dict(zip(
    ("start to kernel_info, ms", "start to first result, ms", "empty cell p50, ms", "empty cell p99, ms", "idle PSS, MB",
     f"{PRINTS} prints, ms", "interrupt of a loop, ms"),
    (1 / 20, 1 / 6, 1 / 6, 1 / 4, 3 / 4, 1 / 3, 1 / 4),
))


def endure(name, cells):
    """Latency and memory of a kernel over many cells, each with a new function, in its second and its last tenth."""
    code, kernel = CODE[name], Kernel(name)
    try:
        kernel.run(code["variable"])
        times, memory, tenth = [], {}, cells // 10
        for i in range(cells):
            times.append(kernel.run(code["cell"].format(i=i))[0])
            if i + 1 in (2 * tenth, cells):
                memory[i + 1] = kernel.memory()
    finally:
        kernel.close()
    first, last = (statistics.median(part) * 1e3 for part in (times[tenth:2 * tenth], times[-tenth:]))
    print(f"{cells} cells, {name:8} p50 {first:.2f} → {last:.2f} ms, PSS {memory[2 * tenth]:.1f} → {memory[cells]:.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=5, help="runs of each kernel (default 5)")
    parser.add_argument("--cells", type=int, default=10_000, help="cells of the long run (default 10000, 0 for none)")
    options = parser.parse_args()
    runs = {name: [] for name in CODE}
    for _ in range(options.n):
        for name in CODE:
            runs[name].append(measure(name))
    for figure, mark in MARKS.items():
        joey, peer = (statistics.median(run[figure] for run in runs[name]) for name in ("joey", "python3"))
        verdict = "holds" if joey <= mark * peer else "MISSED"
        print(f"{figure:27} joey {joey:8.2f}  ipykernel {peer:8.2f}  ratio 1/{peer / joey:<5.1f} mark 1/{1 / mark:<5.3g} {verdict}", flush=True)
    if options.cells:
        for name in CODE:
            endure(name, options.cells)


main()
