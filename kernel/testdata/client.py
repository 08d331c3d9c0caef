"""Drives a kernel through jupyter_client. One scenario a run: client.py SCENARIO ARGV…, where ARGV starts the kernel.

A scenario asserts by itself; what it prints goes to the test's log.
"""
import base64
import json
import os
import queue
import re
import select
import signal
import sys
import time

import zmq
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

TIMEOUT = 20


class Kernel:
    """A running kernel and a client of it."""

    def __init__(self, argv, transport="tcp", interrupt_mode="message"):
        self.km = KernelManager(transport=transport)
        self.km._kernel_spec = KernelSpec(
            argv=argv + ["{connection_file}"], language="go", display_name="test", interrupt_mode=interrupt_mode
        )
        self.km.start_kernel()
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=TIMEOUT)

    def close(self):
        """Ends the kernel, which says by its exit code whether it left goroutines behind."""
        self.kc.shutdown()
        try:
            code = self.km.provisioner.process.wait(timeout=5)
        finally:
            self.kc.stop_channels()
            self.km.shutdown_kernel(now=True)
        assert code == 0, code

    def reply(self, msg_id, channel="shell"):
        get = getattr(self.kc, f"get_{channel}_msg")
        while True:
            msg = get(timeout=TIMEOUT)
            if msg["parent_header"].get("msg_id") == msg_id:
                return msg

    def outputs(self, msg_id):
        """The messages on iopub from busy to idle."""
        messages = []
        while True:
            msg = self.kc.get_iopub_msg(timeout=TIMEOUT)
            if msg["parent_header"].get("msg_id") != msg_id:
                continue
            messages.append(msg)
            if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
                return messages

    def run(self, code, **options):
        msg_id = self.kc.execute(code, **options)
        return self.reply(msg_id)["content"], self.outputs(msg_id)

    def ask(self, request, asked, channel="shell"):
        msg = self.kc.session.msg(request, asked)
        getattr(self.kc, f"{channel}_channel").send(msg)
        reply = self.reply(msg["header"]["msg_id"], channel)
        for header in reply["parent_header"], msg["header"]:
            header.pop("date")  # jupyter_client has parsed one of them
        assert reply["parent_header"] == msg["header"], reply
        out = self.outputs(msg["header"]["msg_id"])
        assert content(out, "status") == [{"execution_state": "busy"}, {"execution_state": "idle"}], out
        return reply["content"]


def types(messages):
    return [m["msg_type"] for m in messages if m["msg_type"] != "status"]


def content(messages, kind):
    return [m["content"] for m in messages if m["msg_type"] == kind]


def text(messages, name):
    return "".join(c["text"] for c in content(messages, "stream") if c["name"] == name)


def kernel_info(k):
    for channel in "shell", "control":
        info = k.ask("kernel_info_request", {}, channel)
        assert info["status"] == "ok" and info["protocol_version"] == "5.4", info
        assert info["implementation"] == "joey" and info["implementation_version"] == "1.2.3"
        language = info["language_info"]
        assert language["name"] == "go" and language["mimetype"] == "text/x-go" and language["file_extension"] == ".go"
        assert language["codemirror_mode"] == "go" and language["pygments_lexer"] == "go" and language["version"]
        assert isinstance(info["help_links"], list) and "1.2.3" in info["banner"]


def execute(k):
    reply, out = k.run("6*7")
    assert reply == {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}, reply
    assert types(out) == ["execute_input", "execute_result"], types(out)
    assert content(out, "execute_input") == [{"code": "6*7", "execution_count": 1}]
    assert content(out, "execute_result") == [{"execution_count": 1, "data": {"text/plain": "6*7"}, "metadata": {}}]
    assert all(m["header"]["version"] == "5.4" for m in out)

    reply, out = k.run("secret", silent=True)
    assert reply["status"] == "ok" and types(out) == [], out
    reply, out = k.run("aside", store_history=False)
    assert reply["execution_count"] == 2
    reply, out = k.run("next x := 1", user_expressions={"x": "y", "z": "fail z"})
    assert reply["execution_count"] == 2 and reply["user_expressions"] == {
        "x": {"status": "ok", "data": {"text/plain": "y"}, "metadata": {}},
        "z": {"status": "error", "ename": "Failure", "evalue": "z", "traceback": ["Failure: z"]},
    }
    assert reply["payload"] == [{"source": "set_next_input", "text": "x := 1", "replace": False}]

    reply, out = k.run("show id1 <b>a</b>\nupdate id1 b\nclear")
    assert types(out) == ["execute_input", "display_data", "update_display_data", "clear_output"]
    shown, updated = content(out, "display_data")[0], content(out, "update_display_data")[0]
    assert shown == {"data": {"text/plain": "<b>a</b>"}, "metadata": {}, "transient": {"display_id": "id1"}}, shown
    assert updated["data"] == {"text/plain": "b"} and updated["transient"] == {"display_id": "id1"}


def streams(k):
    _, out = k.run("out a\nout b\nerr c\nout d\nresult")
    assert [(c["name"], c["text"]) for c in content(out, "stream")] == [
        ("stdout", "a\nb\n"), ("stderr", "c\n"), ("stdout", "d\n")
    ]
    assert types(out)[-1] == "execute_result"
    _, out = k.run("flood 30000")
    assert text(out, "stdout") == "".join(f"{i}\n" for i in range(30000))
    assert len(content(out, "stream")) < 100


def error(k):
    reply, out = k.run("out before\nfail disk full\nout after")
    fault = {"ename": "Failure", "evalue": "disk full", "traceback": ["Failure: disk full"]}
    assert types(out) == ["execute_input", "stream", "error"] and content(out, "error") == [fault]
    assert reply == {"status": "error", "execution_count": 1, **fault}
    reply, out = k.run("refuse")
    assert reply["ename"] == "KernelError" and content(out, "error")[0]["ename"] == "KernelError", reply
    reply, out = k.run("panic")
    assert reply["status"] == "error", reply
    reply, _ = k.run("still here")
    assert reply["status"] == "ok"


def stop_on_error(k):
    ids = [k.kc.execute("block"), k.kc.execute("never"), k.kc.execute("never too")]
    info = k.kc.kernel_info()
    await_busy(k, ids[0])
    k.km.interrupt_kernel()
    assert [k.reply(i)["content"]["status"] for i in ids] == ["error", "aborted", "aborted"]
    assert k.reply(info)["content"]["status"] == "ok"
    assert [types(k.outputs(i)) for i in ids] == [["error"], [], []]
    ids = [k.kc.execute("block", stop_on_error=False), k.kc.execute("runs")]
    await_busy(k, ids[0])
    k.km.interrupt_kernel()
    assert [k.reply(i)["content"]["status"] for i in ids] == ["error", "ok"]
    for _ in range(20):  # who has seen the error goes on at once
        assert k.run("fail")[0]["status"] == "error"
        assert k.run("runs")[0]["status"] == "ok"


def questions(k):
    assert k.ask("is_complete_request", {"code": "if {…"}) == {"status": "incomplete", "indent": "    "}
    assert k.ask("is_complete_request", {"code": "x"}) == {"status": "complete"}
    assert k.ask("comm_info_request", {}) == {"status": "ok", "comms": {}}
    assert k.ask("whatever_request", {"code": ""})["status"] == "error"
    for known in "is_complete_request", "complete_request", "inspect_request":
        assert k.ask(known, {"code": 1})["status"] == "error"
    msg = k.kc.session.msg("comm_open", {"comm_id": "c", "target_name": "t", "data": {}})
    k.kc.shell_channel.send(msg)
    assert content(k.outputs(msg["header"]["msg_id"]), "comm_close") == [{"comm_id": "c", "data": {}}]
    for other in "comm_msg", "no_such_thing":
        msg = k.kc.session.msg(other, {})
        k.kc.shell_channel.send(msg)
        k.outputs(msg["header"]["msg_id"])


def comms(k):
    """Messages of a comm that is open pass a cell that runs; comm_info knows which are."""
    send(k, "comm_open", comm_id="c1", target_name="echo", data={})
    assert k.ask("comm_info_request", {}) == {"status": "ok", "comms": {"c1": {"target_name": "echo"}}}
    running = k.kc.execute("comm other\nblock")
    await_busy(k, running)
    _, out = send(k, "comm_msg", comm_id="c1", data={"a": [1]}, metadata={"m": 1}, buffers=[b"\x00\xff", b""])
    back = [m for m in out if m["msg_type"] == "comm_msg"][0]
    assert back["content"] == {"comm_id": "c1", "data": {"a": [1]}} and back["metadata"] == {"m": 1}, back
    assert [bytes(b) for b in back["buffers"]] == [b"\x00\xff", b""], back
    k.km.interrupt_kernel()
    k.reply(running)
    known = {"c1": {"target_name": "echo"}, "other": {"target_name": "other"}}
    assert k.ask("comm_info_request", {})["comms"] == known
    assert k.ask("comm_info_request", {"target_name": "other"})["comms"] == {"other": {"target_name": "other"}}
    send(k, "comm_close", comm_id="other", data={})
    send(k, "comm_open", comm_id="c2", target_name="nobody", data={})
    assert list(k.ask("comm_info_request", {})["comms"]) == ["c1"]


def send(k, kind, metadata=None, buffers=None, **asked):
    """Sends a message of a comm. Returns its ID and what it caused."""
    msg = k.kc.session.msg(kind, asked, metadata=metadata)
    k.kc.session.send(k.kc.shell_channel.socket, msg, buffers=buffers)
    return msg["header"]["msg_id"], k.outputs(msg["header"]["msg_id"])


def editing_help(k):
    """Positions count code points: 𝔤 is one."""
    item = {"start": 4, "end": 6, "text": "inserted 𝔤r!", "type": "class", "signature": "exclamation"}
    assert k.ask("complete_request", {"code": "out 𝔤reat", "cursor_pos": 6}) == {
        "status": "ok", "matches": ["𝔤r!"], "cursor_start": 4, "cursor_end": 6,
        "metadata": {"_jupyter_types_experimental": [item]},
    }
    assert k.ask("complete_request", {"code": "", "cursor_pos": 0}) == {
        "status": "ok", "matches": [], "cursor_start": 0, "cursor_end": 0, "metadata": {"_jupyter_types_experimental": []}
    }
    assert k.ask("inspect_request", {"code": "𝔤reat", "cursor_pos": 2, "detail_level": 0}) == {
        "status": "ok", "found": True, "data": {"text/plain": "𝔤r"}, "metadata": {}
    }
    assert k.ask("inspect_request", {"code": "", "cursor_pos": 0, "detail_level": 0}) == {
        "status": "ok", "found": False, "data": {}, "metadata": {}
    }


def history(k):
    for code in "a/b", "out x", "a/b", "c":
        k.run(code)
    ask = lambda **q: k.ask("history_request", {"raw": True, "output": False, **q})["history"]
    assert ask(hist_access_type="tail", n=2) == [[1, 3, "a/b"], [1, 4, "c"]]
    assert ask(hist_access_type="range", session=0, start=2, stop=4) == [[1, 2, "out x"], [1, 3, "a/b"]]
    assert ask(hist_access_type="range", session=1, start=3) == [[1, 3, "a/b"], [1, 4, "c"]]
    assert ask(hist_access_type="range", session=-1, start=1) == []
    assert ask(hist_access_type="search", pattern="a*", n=5) == [[1, 1, "a/b"], [1, 3, "a/b"]]
    assert ask(hist_access_type="search", pattern="?*", unique=True) == [[1, 2, "out x"], [1, 3, "a/b"], [1, 4, "c"]]
    assert ask(hist_access_type="tail", n=3, output=True) == [
        [1, 2, ["out x", None]], [1, 3, ["a/b", "a/b"]], [1, 4, ["c", "c"]]
    ]
    assert k.ask("history_request", {"hist_access_type": "other"})["status"] == "error"


def asks(k):
    """A cell asks its user, over the stdin channel of the client that sent it."""
    other = BlockingKernelClient(connection_file=k.km.connection_file)
    other.load_connection_file()
    other.start_channels()
    msg_id = k.kc.execute("ask name? \nask again? ", allow_stdin=True)
    for prompt, answer in ("name? ", "Ada"), ("again? ", "Grace"):
        question = k.kc.get_stdin_msg(timeout=TIMEOUT)
        assert question["msg_type"] == "input_request" and question["parent_header"]["msg_id"] == msg_id
        assert question["content"] == {"prompt": prompt, "password": False}
        k.kc.input(answer)
    assert k.reply(msg_id)["content"]["status"] == "ok"
    assert text(k.outputs(msg_id), "stdout") == "Ada\nGrace\n"
    assert not other.stdin_channel.msg_ready()
    other.stop_channels()
    reply, _ = k.run("ask more?", allow_stdin=False)  # as nbconvert runs cells
    assert reply["evalue"] == "this front end takes no input (allow_stdin is false)", reply


def await_busy(k, msg_id):
    """Waits until a cell runs, which its execute_input shows."""
    while True:
        msg = k.kc.get_iopub_msg(timeout=TIMEOUT)
        if msg["parent_header"].get("msg_id") == msg_id and msg["msg_type"] == "execute_input":
            return


def interrupt(k):
    for _ in range(3):
        msg_id = k.kc.execute("block")
        await_busy(k, msg_id)
        k.km.interrupt_kernel()
        assert k.reply(msg_id)["content"]["ename"] == "Interrupted"
        assert types(k.outputs(msg_id)) == ["error"]
    assert k.run("alive")[0]["execution_count"] == 4


def control_while_busy(k):
    msg_id = k.kc.execute("block")
    await_busy(k, msg_id)
    assert k.ask("kernel_info_request", {}, "control")["status"] == "ok"
    assert k.ask("interrupt_request", {}, "control") == {"status": "ok"}
    assert k.reply(msg_id)["content"]["status"] == "error"


def shutdown(k):
    """A cell is running and another waits: the clients see how both end."""
    running, waiting = k.kc.execute("out last words\nblock"), k.kc.execute("never")
    await_busy(k, running)
    msg = k.kc.session.msg("shutdown_request", {"restart": True})
    k.kc.control_channel.send(msg)
    assert k.reply(msg["header"]["msg_id"], "control")["content"] == {"status": "ok", "restart": True}
    assert k.reply(running)["content"]["ename"] == "Interrupted"
    assert k.reply(waiting)["content"]["status"] == "aborted"
    seen = []
    while True:
        try:
            seen.append(k.kc.get_iopub_msg(timeout=0.5))
        except queue.Empty:
            break
    ended = [m["parent_header"]["msg_id"] for m in seen if m["content"].get("execution_state") == "idle"]
    assert sorted(ended) == sorted([running, waiting, msg["header"]["msg_id"]])
    assert text(seen, "stdout") == "last words\n"
    assert "shutdown_reply" in types(seen)
    assert wait_exit(k) == 0


def terminate(k):
    msg_id = k.kc.execute("block")
    await_busy(k, msg_id)
    k.km.provisioner.process.send_signal(signal.SIGTERM)
    assert k.reply(msg_id)["content"]["ename"] == "Interrupted"
    assert wait_exit(k) == 0


def wait_exit(k):
    return k.km.provisioner.process.wait(timeout=5)


def restart(k):
    k.run("one")
    k.km.restart_kernel()
    k.kc.wait_for_ready(timeout=TIMEOUT)
    assert k.run("again")[0]["execution_count"] == 1


def heartbeat(k):
    assert k.kc.hb_channel.is_beating()
    k.kc.hb_channel.unpause()
    deadline = time.time() + TIMEOUT
    while not k.kc.hb_channel.is_beating() and time.time() < deadline:
        time.sleep(0.05)
    assert k.kc.is_alive()


def welcome(k):
    """JEP 65, with a raw subscriber: the first message of a subscription is the welcome."""
    session = k.km.client().session
    sub = k.kc.context.socket(zmq.SUB)
    sub.connect(k.kc._make_url("iopub"))
    sub.RCVTIMEO = TIMEOUT * 1000
    sub.subscribe(b"stream")
    idents, frames = session.feed_identities(sub.recv_multipart())
    msg = session.deserialize(frames)
    assert idents == [b"stream"] and msg["msg_type"] == "iopub_welcome", msg
    assert msg["content"] == {"subscription": "stream"} and msg["parent_header"] == {}
    k.run("out a\nresult")
    k.run("out b\nresult")
    for want in "a\n", "b\n":
        _, frames = session.feed_identities(sub.recv_multipart())
        assert session.deserialize(frames)["content"] == {"name": "stdout", "text": want}
    sub.close()


def pings(k):
    """A libzmq client that checks its connection itself (ZMTP PING) stays connected, also in a flood."""
    sub = k.kc.context.socket(zmq.SUB)
    sub.HEARTBEAT_IVL, sub.HEARTBEAT_TIMEOUT = 20, 2000
    monitor = sub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    sub.connect(k.kc._make_url("iopub"))
    sub.subscribe(b"")
    sub.RCVTIMEO = TIMEOUT * 1000
    assert b"iopub_welcome" in b"".join(sub.recv_multipart())
    for _ in range(10):
        k.run("flood 100000")
    time.sleep(0.2)
    k.run("out the end")
    while b"the end" not in b"".join(sub.recv_multipart()):
        pass
    assert not monitor.poll(0)
    sub.disable_monitor()
    sub.close()


def serve(k):
    """Keeps a client at work, in peace and under a test's attack on the kernel by turns: each line on stdin is the other's, its end the end.

    It says first what a stranger could have learned: the connection file, the identity, the frames of a request. Then how
    long cells took and how much memory the kernel had in both.
    """
    msg = k.kc.session.msg("execute_request", {"code": "out only once", "silent": True})
    seen = k.kc.session.serialize(msg)
    k.kc.shell_channel.socket.send_multipart(seen)
    k.reply(msg["header"]["msg_id"])
    learned = {"file": k.km.connection_file, "identity": k.kc.session.session, "request": [base64.b64encode(f).decode() for f in seen]}
    print(json.dumps(learned), flush=True)
    n, times, memory, phase = 0, {"quiet": [], "attacked": []}, {}, "quiet"
    while True:
        while not select.select([sys.stdin], [], [], 0)[0]:
            n += 1
            start = time.perf_counter()
            reply, out = k.run(f"out {n}\nvalue {n}")
            times[phase].append(time.perf_counter() - start)
            assert reply["status"] == "ok" and reply["execution_count"] == n, reply
            assert text(out, "stdout") == f"{n}\n" and types(out) == ["execute_input", "stream", "execute_result"], out
            assert content(out, "execute_result")[0]["data"] == {"text/plain": f"value {n}"}, out
            if n % 100 == 0:
                mine = k.kc.execute("ask who?", allow_stdin=True)
                assert k.kc.get_stdin_msg(timeout=TIMEOUT)["content"]["prompt"] == "who?"
                k.kc.input("Ada")
                assert k.reply(mine)["content"]["status"] == "ok" and text(k.outputs(mine), "stdout") == "Ada\n"
                n += 1
        with open(f"/proc/{k.km.provisioner.process.pid}/status") as f:
            now = dict(re.findall(r"(VmHWM|VmRSS):\s+(\d+) kB", f.read()))
        memory.setdefault("quiet", now["VmRSS"])
        memory["attacked"] = now["VmHWM"]
        if not sys.stdin.readline():
            break
        phase = "attacked" if phase == "quiet" else "quiet"
    report = {}
    for phase, took in times.items():
        assert len(took) > 5
        took.sort()
        report[phase] = {
            "cells": len(took), "p50": took[len(took) // 2] * 1e3, "p99": took[len(took) * 99 // 100] * 1e3, "mb": int(memory[phase]) / 1024,
        }
    print(json.dumps(report), flush=True)


def bench(k):
    """Runs an empty cell for each line on stdin, and says when it is done."""
    print("ready", flush=True)
    for _ in sys.stdin:
        print(k.run("")[0]["status"], flush=True)


def orphan(argv):
    """The kernel's parent dies; prints the kernel's address."""
    km = KernelManager()
    km._kernel_spec = KernelSpec(argv=argv + ["{connection_file}"], language="go", display_name="test")
    km.start_kernel()
    kc = km.client()
    kc.start_channels()
    kc.wait_for_ready(timeout=TIMEOUT)
    print(f"{kc.ip}:{kc.shell_port}", flush=True)
    os._exit(0)


def main(scenario, *argv):
    argv = list(argv)
    if scenario == "orphan":
        orphan(argv)
    name, _, variant = scenario.partition(":")
    options = {"ipc": {"transport": "ipc"}, "signal": {"interrupt_mode": "signal"}}.get(variant, {})
    k = Kernel(argv, **options)
    try:
        globals()[name](k)
    finally:
        k.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
