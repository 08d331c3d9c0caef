"""What a notebook can do to the real kernel. One scenario a run: faults.py SCENARIO[:signal] ARGV…, as in client.py.

Each scenario ends with a kernel that is up and runs the next cell.
"""
import glob
import os
import re
import resource
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from client import TIMEOUT, Kernel, await_busy, content, text, types

LOST = "Workspaces, models, pipelines and logs are kept."


def worker(k):
    """The process that runs cells, a child of the kernel: the newest one that lives, waited for while one takes another's place."""
    kernel = str(k.km.provisioner.process.pid)
    deadline = time.time() + TIMEOUT
    while time.time() < deadline:
        found = []
        for stat in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(stat) as f:
                    pid, rest = f.read().split(" (", 1)
            except OSError:
                continue  # it has ended
            state, parent = rest.rpartition(") ")[2].split()[:2]
            if parent == kernel and state not in "ZX":
                found.append(int(pid))
        if found:
            return max(found)
        time.sleep(0.01)
    raise AssertionError("the kernel has no worker")


def memory(pid):
    """The most memory that a process has had, in MB."""
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024


def plain(lines):
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def ok(k, code, want=None):
    reply, out = k.run(code)
    assert reply["status"] == "ok", plain(reply["traceback"])
    if want is not None:
        assert content(out, "execute_result")[0]["data"]["text/plain"] == want, out
    return out


def failed(k, code, *want, absent=()):
    """Runs a cell that fails, once in the reply and once on iopub, and whose traceback has each of want."""
    reply, out = k.run(code)
    assert reply["status"] == "error", reply
    errors = content(out, "error")
    assert len(errors) == 1 and errors[0]["traceback"] == reply["traceback"], errors
    said = plain(reply["traceback"])
    print(said, text(out, "stderr"), sep="\n")
    for w in want:
        assert w in said, f"{w!r} not in {said}"
    for a in absent + ("yaegi", "reflect.Value", "goroutine "):
        assert a not in said, f"{a!r} in {said}"
    return out


SETUP = """import ("os"; "syscall"; "unsafe"; "fmt"; "time"; "wallaroo"; "sync")
wl := wallaroo.NewClient()
space := wl.CreateWorkspace("kept")
x := 41"""


def survives(k, fault, *want):
    """A cell ends its process: it says how and where, a new process runs the next cell, the store is there."""
    ok(k, SETUP)
    before = worker(k)
    failed(k, fault, *want, LOST)
    assert worker(k) != before
    reply, _ = k.run("x")
    assert reply["ename"] == "compile error", reply
    ok(k, STORED, '"kept"')


def keeps(k, fault, *want, **more):
    """A cell fails, and its process lives on with all variables."""
    ok(k, SETUP)
    before = worker(k)
    failed(k, fault, *want, **more)
    ok(k, "x + 1", "42")
    assert worker(k) == before


def panic_in_goroutine(k):
    keeps(k, 'func work(n int) {\n\tpanic(fmt.Errorf("job %d: %w", n, os.ErrClosed))\n}\ngo work(3)\nselect {}',
          "job 3: file already closed", "In [2], line 2, in work")


def nil_map(k):
    keeps(k, "var m map[string]int\nm[\"a\"] = 1", "assignment to entry in nil map", "In [2], line 2")


def deferred_panic(k):
    keeps(k, 'func f() {\n\tdefer func() {\n\t\tpanic("the last")\n\t}()\n}\nf()', "the last", "In [2], line 3", "In [2], line 6")


def earlier_cells(k):
    ok(k, SETUP)
    ok(k, 'func inner(n int) int {\n\treturn 10 / n\n}')
    ok(k, 'func outer(n int) int {\n\tm := n - 1\n\treturn inner(m)\n}')
    failed(k, "y := 1\nouter(y)", "integer divide by zero", "In [2], line 2, in inner", "In [3], line 3, in outer", "In [4], line 2")


def stack_overflow(k):
    keeps(k, "func f(n int) int {\n\treturn f(n+1) + 1\n}\nf(0)", "stack overflow", "In [2], line 1, in f")


def exit_code(k):
    survives(k, "fmt.Println(\"before\")\nos.Exit(3)", "exit status 3", "In [2], line 2", "  →   2  os.Exit(3)", "      1  fmt.Println")


def exit_in_goroutine(k):
    survives(k, "go func() {\n\tos.Exit(3)\n}()\nselect {}", "exit status 3", "In [2], line 2, in func literal")


def killed(k):
    survives(k, "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", "signal killed", "In [2], line 1 was running", "  →   1  syscall.Kill")


def killed_between(k):
    ok(k, SETUP)
    os.kill(worker(k), signal.SIGKILL)
    time.sleep(0.3)
    out = ok(k, "1 + 1", "2")
    assert LOST in text(out, "stderr"), out


def segv_signal(k):
    # One line: whichever thread takes the signal may do so a little later than the call that sent it.
    survives(k, "syscall.Kill(os.Getpid(), syscall.SIGSEGV); select {}", "SIGSEGV", "In [2], line 1 was running")


def bad_pointer(k):
    """Go faults at a bad address: that ends the cell, in a goroutine too."""
    keeps(k, "p := (*int)(unsafe.Pointer(uintptr(0xdead0000)))\n*p = 1", "runtime error: invalid memory address", "0xdead0000", "In [2], line 2")
    failed(k, "func bad(p *int) {\n\t*p = 1\n}\ngo bad(p)\nselect {}", "0xdead0000", "In [4], line 2, in bad")
    ok(k, "x + 1", "42")


def died_in_function(k):
    """Of a process that is gone the line of the cell is known, also where a goroutine or a function of another cell ended it."""
    ok(k, SETUP)
    ok(k, "func end(n int) {\n\tsyscall.Kill(os.Getpid(), syscall.SIGKILL)\n\tselect {}\n}")
    failed(k, 'for i := range 3 {\n\tif i == 2 {\n\t\tend(i)\n\t}\n}', "signal killed", "In [3], line 3 was running", LOST)
    ok(k, "import (\"fmt\"; \"time\"; \"os\"; \"syscall\")")
    failed(k, 'fmt.Sprint("a")\ngo func() {\n\tsyscall.Exit(4)\n}()\n\ntime.Sleep(time.Hour)', "In [5], line 6 was running")
    ok(k, 'import ("log"; "os")\ntype T struct{}\nfunc (*T) stop(code int) {\n\tif code == 0 {\n\t\tlog.Fatal("no more")\n\t}\n\tos.Exit(code)\n}')
    failed(k, "t := &T{}\nt.stop(5)", "exit status 5", "In [6], line 7, in T.stop")
    ok(k, 'import "log"')
    failed(k, 'func() {\n\tlog.Fatal("no more")\n}()', "exit status 1", "In [9], line 2, in func literal")
    failed(k, "var m map[string]int\nm[\"a\"] = 1", "nil map", "In [10], line 2")  # and not what the last cell was at


def out_of_memory(k):
    ok(k, SETUP)
    pid = worker(k)
    with open(f"/proc/{pid}/statm") as f:
        size = int(f.read().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (size + (512 << 20), size + (512 << 20)))
    failed(k, "var all [][]byte\nfor {\n\tall = append(all, make([]byte, 16<<20))\n}", "out of memory", "In [2], line 3 was running", LOST)
    ok(k, "1 + 1", "2")


def map_write(k):
    code = """m := map[int]int{}
for g := range 4 {
	go func() {
		for i := 0; ; i++ {
			m[i%100+g] = i
		}
	}()
}
select {}"""
    ok(k, SETUP)
    failed(k, code, "concurrent map", "In [2], line 9 was running")
    ok(k, "1 + 1", "2")


def closed_stdout(k):
    ok(k, SETUP)
    failed(k, 'syscall.Close(1)\nfmt.Println("unheard")', "bad file descriptor", "In [2], line 2")
    ok(k, "x + 1", "42")
    out = ok(k, 'fmt.Println("heard")')
    assert text(out, "stdout") == "heard\n", out


def full_pipe(k):
    """A cell makes its pipe refuse what the kernel has not read, and fills it."""
    ok(k, SETUP)
    code = """syscall.SetNonblock(1, true)
b := make([]byte, 4096)
for {
	if _, err := syscall.Write(1, b); err != nil {
		fmt.Fprintln(os.Stderr, err)
		break
	}
}"""
    for _ in range(3):
        assert text(ok(k, code), "stderr") == "resource temporarily unavailable\n"
        assert len(text(ok(k, 'fmt.Print(string(make([]byte, 1<<20)))'), "stdout")) == 1 << 20
    ok(k, "x + 1", "42")


def other_pipe(k):
    """A cell fills a pipe that nobody reads."""
    ok(k, SETUP)
    said = stop(k, k.kc.execute("r, w, _ := os.Pipe()\nw.Write(make([]byte, 1<<20))\nr.Close()"), keep=False)
    assert LOST in said and "In [2]" in said
    ok(k, "1 + 1", "2")


def stop(k, msg, keep=True):
    """Interrupts a cell once it runs."""
    await_busy(k, msg)
    time.sleep(0.2)
    k.km.interrupt_kernel()
    start = time.time()
    reply = k.reply(msg)["content"]
    took = time.time() - start
    k.outputs(msg)
    assert reply["status"] == "error" and reply["ename"].lower() == "interrupted", reply
    said = plain(reply["traceback"])
    print(f"{took * 1000:.0f} ms", said)
    if keep:
        assert took < 1.5 and LOST not in said, said
    return said


def interrupted(k, code, place="In [2]", setup=""):
    ok(k, SETUP + setup)
    before = worker(k)
    assert place in stop(k, k.kc.execute(code))
    ok(k, "x + 1", "42")
    assert worker(k) == before


def loop(k):
    interrupted(k, "for {\n}")


# Another goroutine may still do something, or the runtime would tell the deadlock at once.
ALIVE = "\ngo func() {\n\tfor {\n\t\ttime.Sleep(time.Minute)\n\t}\n}()"


def channel(k):
    interrupted(k, "c := make(chan int)\n<-c", setup=ALIVE)


def select(k):
    interrupted(k, "select {}", setup=ALIVE)


def sleep(k):
    interrupted(k, "time.Sleep(time.Hour)")


def mutex(k):
    interrupted(k, "var mu sync.Mutex\nmu.Lock()\nmu.Lock()", setup=ALIVE)


def wait_group(k):
    interrupted(k, "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()", setup=ALIVE)


def deadlock(k):
    keeps(k, "c := make(chan int)\n<-c", "deadlock", "In [2], line 2")


def compiled(k):
    """Compiled code sees no flag; it ends when it calls the cell, or by itself, or with the process."""
    ok(k, SETUP)
    ok(k, 'import ("sort"; "math/rand")')
    stop(k, k.kc.execute("s := make([]int, 1e7)\nfor {\n\tfor i := range s {\n\t\ts[i] = rand.Int()\n\t}\n\tsort.Ints(s)\n}"), keep=False)
    ok(k, "1 + 1", "2")


def child(k):
    ok(k, SETUP)
    ok(k, 'import "os/exec"')
    said = stop(k, k.kc.execute('exec.Command("sleep", "1000").Run()'), keep=False)
    ok(k, "1 + 1", "2")


def syscall(k):
    ok(k, SETUP)
    said = stop(k, k.kc.execute("var p [2]int\nsyscall.Pipe(p[:])\nsyscall.Read(p[0], make([]byte, 1))"), keep=False)
    assert LOST in said
    ok(k, "1 + 1", "2")


def input(k):
    ok(k, SETUP)
    ok(k, 'import . "github.com/joey-go/joey/cell/notebook"')
    msg = k.kc.execute('answer := Input("name? ")\nanswer', allow_stdin=True)
    k.kc.get_stdin_msg(timeout=TIMEOUT)
    stop(k, msg)
    ok(k, "x + 1", "42")


COMMS = """import ("encoding/json"; "fmt"; "strings")
type ask struct { Say string `json:"say"` }
var opened *Comm
RegisterCommTarget("talk", func(c *Comm, m CommMessage) {
	opened = c
	c.Send(map[string]any{"hello": string(m.Data)}, []byte("raw"))
	c.OnMessage(func(m CommMessage) {
		var a ask
		json.Unmarshal(m.Data, &a)
		if a.Say == "panic" {
			panic("the handler broke")
		}
		c.Send(ask{strings.ToUpper(a.Say)}, m.Buffers...)
	})
	c.OnClose(func(CommMessage) { fmt.Println("closed by the front end") })
})"""


def until(k, kind, **want):
    """The next message of a kind, whichever request it answers, with these parts of its content."""
    while True:
        msg = k.kc.get_iopub_msg(timeout=TIMEOUT)
        if msg["msg_type"] == kind and all(msg["content"].get(key) == value for key, value in want.items()):
            return msg


def comms(k):
    """Comms of cells: both sides open, send with bytes and close; a handler that panics is told and goes on; an end of the process closes them."""
    ok(k, COMMS)
    quiet = lambda kind, **asked: k.kc.session.send(k.kc.shell_channel.socket, k.kc.session.msg(kind, asked), buffers=asked.pop("buffers", None))
    quiet("comm_open", comm_id="f1", target_name="talk", data={"x": 1})
    hello = until(k, "comm_msg", comm_id="f1")
    assert hello["content"]["data"] == {"hello": '{"x":1}'} and bytes(hello["buffers"][0]) == b"raw", hello
    msg = k.kc.session.msg("comm_msg", {"comm_id": "f1", "data": {"say": "hey"}})
    k.kc.session.send(k.kc.shell_channel.socket, msg, buffers=[b"\x01\x02"])
    back = until(k, "comm_msg", comm_id="f1")
    assert back["content"]["data"] == {"say": "HEY"} and bytes(back["buffers"][0]) == b"\x01\x02", back
    quiet("comm_msg", comm_id="f1", data={"say": "panic"})
    told = until(k, "stream", name="stderr")["content"]["text"]
    assert "the handler broke" in plain([told]) and "In [1], line 11" in plain([told]), told
    quiet("comm_msg", comm_id="f1", data={"say": "again"})
    assert until(k, "comm_msg", comm_id="f1")["content"]["data"] == {"say": "AGAIN"}

    # A cell that runs waits for its user.
    ok(k, 'c, err := OpenComm("widget", map[string]int{"n": 1})\nanswered := make(chan string)\n'
          'c.OnMessage(func(m CommMessage) { answered <- string(m.Data) })\nid := c.ID()')
    cell = ok(k, "id")
    own = content(cell, "execute_result")[0]["data"]["text/plain"].strip('"')
    assert k.ask("comm_info_request", {"target_name": "widget"})["comms"] == {own: {"target_name": "widget"}}
    running = k.kc.execute("<-answered")
    await_busy(k, running)
    quiet("comm_msg", comm_id=own, data={"clicked": True})
    assert k.reply(running)["content"]["status"] == "ok"
    out = k.outputs(running)
    assert content(out, "execute_result")[0]["data"]["text/plain"] == '"{\\"clicked\\":true}"', out
    failed(k, "c.Send(5)", "the data of a comm is an object", "In [5], line 1")
    ok(k, "c.Close()\nc.Close()")
    assert k.ask("comm_info_request", {"target_name": "widget"})["comms"] == {}
    failed(k, "c.Send(nil)", "the comm is closed")
    quiet("comm_close", comm_id="f1", data={})
    assert until(k, "stream", name="stdout")["content"]["text"] == "closed by the front end\n"

    quiet("comm_open", comm_id="f2", target_name="nobody", data={})
    until(k, "comm_close", comm_id="f2")
    quiet("comm_open", comm_id="f3", target_name="talk", data={})
    until(k, "comm_msg", comm_id="f3")
    k.kc.execute('import "os"\nos.Exit(3)')
    until(k, "comm_close", comm_id="f3")
    until(k, "error")
    assert k.ask("comm_info_request", {})["comms"] == {}
    quiet("comm_open", comm_id="f4", target_name="talk", data={})  # its target is gone with the process
    until(k, "comm_close", comm_id="f4")
    ok(k, "1 + 1", "2")
    assert k.ask("comm_info_request", {})["comms"] == {}


def order(k):
    """Streams and displays come in the order in which a program made them, as far as that can be told."""
    ok(k, 'import ("fmt"; "time"; "os"; "github.com/joey-go/joey/cell/notebook")')
    out = ok(k, 'for i := range 100 {\n\tfmt.Println("before", i)\n\tnotebook.Display(i)\n}')
    shown = [m for m in out if m["msg_type"] in ("stream", "display_data")]
    assert [m["msg_type"] for m in shown] == ["stream", "display_data"] * 100, types(out)
    for i, m in enumerate(shown):
        got = m["content"]["text"] if i % 2 == 0 else m["content"]["data"]["text/plain"]
        assert got == (f"before {i // 2}\n" if i % 2 == 0 else str(i // 2)), (i, got)
    out = ok(k, 'fmt.Print("a")\nfmt.Fprint(os.Stderr, "b")')
    assert text(out, "stdout") == "a" and text(out, "stderr") == "b"


def late(k):
    """A goroutine that prints when its cell is over, and no other runs, prints there."""
    ok(k, 'import ("fmt"; "time")')
    msg = k.kc.execute('go func() {\n\ttime.Sleep(time.Second)\n\tfmt.Println("late")\n}()', user_expressions={"a": "fmt.Print(5)"})
    assert k.reply(msg)["content"]["status"] == "ok"
    k.outputs(msg)
    m = k.kc.get_iopub_msg(timeout=TIMEOUT)
    assert m["content"] == {"name": "stdout", "text": "late\n"} and m["parent_header"]["msg_id"] == msg, m


def prints(k):
    ok(k, 'import "fmt"')
    out = ok(k, "for i := range 30000 {\n\tfmt.Println(i)\n}")
    assert text(out, "stdout") == "".join(f"{i}\n" for i in range(30000))


def megabytes(k, count=200):
    """Arrives whole and in order: each line of 1 KB has its number."""
    ok(k, 'import ("fmt"; "strings")\npad := strings.Repeat("x", 1014)')
    out = ok(k, f'for i := range {count << 10} {{\n\tfmt.Printf("%08d %s\\n", i, pad)\n}}')
    got, pad = text(out, "stdout"), "x" * 1014
    assert got == "".join(f"{i:08d} {pad}\n" for i in range(count << 10)), len(got)
    print(f"{count} MB; most memory of the kernel {memory(k.km.provisioner.process.pid):.0f} MB, of the worker {memory(worker(k)):.0f} MB")


def many_displays(k):
    """10,000 of a million are shown, the user is told at once, and the cell goes on."""
    ok(k, 'import "fmt"\nx := 41')
    msg = k.kc.execute('for i := range 1_000_000 {\n\tDisplay(i)\n}\nfmt.Println("went on")')
    await_busy(k, msg)
    told = said_after_displays(k, 10_000)
    assert not k.kc.shell_channel.msg_ready(), "the cell is told of when it is over"
    reply, rest = k.kc.get_shell_msg(timeout=3 * TIMEOUT)["content"], k.outputs(msg)
    assert reply["status"] == "ok" and text(rest, "stdout") == "went on\n" and types(rest) == ["stream"], (reply, types(rest))
    msg = k.kc.execute("for {\n\tDisplay(x)\n}")
    await_busy(k, msg)
    told += said_after_displays(k, 10_000)
    k.km.interrupt_kernel()
    assert k.reply(msg)["content"]["ename"] == "interrupted"
    k.outputs(msg)
    ok(k, "x + 1", "42")
    assert told.count("more than 10000 displays") == 2, told
    for pid in k.km.provisioner.process.pid, worker(k):
        assert memory(pid) < 200, memory(pid)


def said_after_displays(k, count):
    """The text that follows so many displays."""
    for _ in range(count):
        m = k.kc.get_iopub_msg(timeout=TIMEOUT)
        assert m["msg_type"] == "display_data", m
    m = k.kc.get_iopub_msg(timeout=TIMEOUT)
    return m["content"]["text"]


def flood(k):
    """Output without end is bounded in memory and can be interrupted."""
    ok(k, 'import ("fmt"; "strings")\nx := 41\npad := strings.Repeat("x", 1<<16)')
    msg = k.kc.execute("for {\n\tfmt.Println(pad)\n}")
    await_busy(k, msg)
    seen = 0
    while seen < 64 << 20:
        m = k.kc.get_iopub_msg(timeout=TIMEOUT)
        seen += len(m["content"].get("text", ""))
    k.km.interrupt_kernel()
    assert k.reply(msg)["content"]["ename"] == "interrupted"
    k.outputs(msg)
    ok(k, "x + 1", "42")
    for pid in k.km.provisioner.process.pid, worker(k):
        assert memory(pid) < 400, memory(pid)


STORED = 'import "wallaroo"\nwl := wallaroo.NewClient()\nfound := wl.GetWorkspace("kept")\nfound.Name()'


def gone(pid):
    """Waits for the end of a process that is no child of ours."""
    deadline = time.time() + TIMEOUT
    while os.path.exists(f"/proc/{pid}") and time.time() < deadline:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{pid}"), pid


def restart(k):
    ok(k, SETUP)
    before = worker(k)
    k.km.restart_kernel()
    k.kc.wait_for_ready(timeout=TIMEOUT)
    gone(before)
    assert k.run("x")[0]["ename"] == "compile error"
    ok(k, STORED, '"kept"')


def kernel_killed(k):
    """The worker, and a child of its cell, end with the kernel; no lock is left on the store."""
    ok(k, SETUP)
    ok(k, 'import "os/exec"\nsleeper := exec.Command("sleep", "1000")\nsleeper.Start()')
    out = ok(k, "sleeper.Process.Pid")
    child, before = int(content(out, "execute_result")[0]["data"]["text/plain"]), worker(k)
    k.kc.execute("for {\n}")
    k.km.provisioner.process.kill()
    gone(before)
    gone(child)
    k.km.restart_kernel(now=True)
    k.kc.wait_for_ready(timeout=TIMEOUT)
    ok(k, STORED, '"kept"')


def terminated(k):
    ok(k, SETUP)
    before = worker(k)
    msg = k.kc.execute("for {\n}")
    await_busy(k, msg)
    k.km.provisioner.process.send_signal(signal.SIGTERM)
    reply = k.reply(msg)["content"]
    assert reply["ename"] == "interrupted", reply
    assert k.km.provisioner.process.wait(timeout=5) == 0
    gone(before)


def many(k, count=10):
    """Kernels side by side on one store."""
    ok(k, SETUP)
    start = time.time()
    argv = k.km.kernel_spec.argv[:-1]
    with ThreadPoolExecutor(count) as pool:
        kernels = list(pool.map(lambda _: Kernel(argv), range(count)))
        try:
            list(pool.map(lambda other: ok(other, STORED, '"kept"'), kernels))
        finally:
            list(pool.map(Kernel.close, kernels))
    print(f"{count} kernels started, used and ended in {time.time() - start:.1f} s")


def many50(k):
    many(k, 50)


def gigabyte(k):
    """1 GB in one cell: 256 MB are shown, then a note, and the cell goes on to its end."""
    ok(k, 'import ("fmt"; "strings")\npad := strings.Repeat("x", 1<<16-1)')
    start = time.time()
    out = ok(k, 'for range 1 << 14 {\n\tfmt.Println(pad)\n}\n"done"', '"done"')
    assert len(text(out, "stdout")) == 256 << 20 and "more than 256 MB of text" in text(out, "stderr")
    kernel, cells = memory(k.km.provisioner.process.pid), memory(worker(k))
    assert kernel < 400 and cells < 400, (kernel, cells)
    print(f"1 GB in {time.time() - start:.1f} s; most memory of the kernel {kernel:.0f} MB, of the worker {cells:.0f} MB")


def main(scenario, *argv):
    name, _, variant = scenario.partition(":")
    k = Kernel(list(argv), interrupt_mode=variant or "message")
    try:
        globals()[name](k)
    finally:
        k.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
