"""What a Go kernel on record gets wrong (GoNB, gophernotes, raw yaegi): each must work. One run does all: weaknesses.py ARGV…"""
import sys

from client import Kernel, content, text
from faults import failed, ok, worker


def goroutine_panic(k):
    """gophernotes and GoNB lose the process and all variables."""
    ok(k, 'import "fmt"\nkept := 41')
    before = worker(k)
    failed(k, 'func work(n int) {\n\tpanic(fmt.Sprint("job ", n))\n}\ngo work(3)\nselect {}', "job 3", "line 2, in work")
    ok(k, "kept + 1", "42")
    assert worker(k) == before


def redefinition(k):
    """Old callers call the newest definition."""
    ok(k, "func rate() float64 { return 0.1 }\nfunc price(n float64) float64 { return n * rate() }")
    ok(k, "price(10)", "1")
    ok(k, "func rate() float64 { return 0.2 }")
    ok(k, "price(10)", "2")
    ok(k, "type meter struct{ n int }\nfunc (m *meter) Add(d int) int { m.n += d; return m.n }\nm := &meter{}\nadd := func() int { return m.Add(1) }")
    ok(k, "func (m *meter) Add(d int) int { m.n += 10 * d; return m.n }")
    ok(k, "add()", "10")


def redefined_struct(k):
    """Values keep their type; a mixture is an error that says so, not a crash."""
    ok(k, "type point struct{ X, Y int }\np := point{1, 2}")
    ok(k, "type point struct{ X, Y, Z int }\nq := point{1, 2, 3}")
    ok(k, "p.X + p.Y + q.Z", "6")
    reply, _ = k.run("p = q")
    assert reply["ename"] == "compile error" and "point" in reply["evalue"], reply


def generics(k):
    ok(k, """type number interface{ ~int | ~float64 }
func sum[K comparable, V number](m map[K]V) (total V) {
	for _, v := range m {
		total += v
	}
	return total
}
type stack[T any] struct{ items []T }
func (s *stack[T]) push(v T) *stack[T] { s.items = append(s.items, v); return s }
func mapped[A, B any](list []A, f func(A) B) (out []B) {
	for _, a := range list {
		out = append(out, f(a))
	}
	return out
}""")
    ok(k, 'sum(map[string]float64{"a": 1.5, "b": 2})', "3.5")
    ok(k, 'len((&stack[string]{}).push("a").push("b").items)', "2")
    out = ok(k, 'fmt.Printf("%v %T", mapped([]int{1, 2}, func(n int) string { return fmt.Sprint(n * n) }), stack[int]{})')
    assert text(out, "stdout") == "[1 4] main.stack[int]", out


def values_kept(k):
    """Everything a cell can hold is there in the next: GoNB runs each cell as a process of its own."""
    ok(k, """numbers := make(chan int, 3)
counter := func() func() int { n := 0; return func() int { n++; return n } }()
var ids sync.Map
ids.Store("a", 1)
ticks := 0
go func() {
	for n := range numbers {
		ticks += n
		done <- true
	}
}()""".replace("numbers :=", 'import "sync"\ndone := make(chan bool)\nnumbers :=', 1))
    ok(k, "counter()", "1")
    ok(k, "counter()", "2")
    ok(k, "numbers <- 5\n<-done\nticks", "5")
    ok(k, 'v, _ := ids.Load("a")\nv', "1")


def own_errors(k):
    """raw yaegi panics in errors.As."""
    ok(k, """import ("errors"; "io/fs"; "os")
type missing struct{ Name string; err error }
func (m *missing) Error() string { return m.Name + ": " + m.err.Error() }
func (m *missing) Unwrap() error { return m.err }
func find(name string) error {
	_, err := os.Open(name)
	return fmt.Errorf("find: %w", &missing{name, err})
}
var m2 *missing
err := find("/nowhere")""")
    ok(k, "errors.As(err, &m2) && m2.Name == \"/nowhere\"", "true")
    ok(k, "errors.Is(err, fs.ErrNotExist)", "true")
    ok(k, "err", "find: /nowhere: open /nowhere: no such file or directory")


def log_output(k):
    """The log of the standard library, and what C and child processes write, belong to the cell."""
    out = ok(k, 'import ("log"; "log/slog")\nlog.SetFlags(log.Lshortfile)\nlog.Print("from log")\nslog.Info("from slog", "n", 1)')
    said = text(out, "stderr")
    assert "from log" in said and "from slog" in said, out
    assert "In [" in said, "log.Lshortfile names the cell"


def child_output(k):
    out = ok(k, """import "os/exec"
c := exec.Command("sh", "-c", "echo to stdout; echo to stderr >&2; seq 1 20000")
c.Stdout, c.Stderr = os.Stdout, os.Stderr
c.Run()""")
    assert text(out, "stdout") == "to stdout\n" + "".join(f"{i}\n" for i in range(1, 20001)) and text(out, "stderr") == "to stderr\n"
    out = ok(k, 'out := exec.Command("echo", "kept").Output()\nstring(out)')
    assert content(out, "execute_result")[0]["data"]["text/plain"] == '"kept\\n"', out


def main(*argv):
    k = Kernel(list(argv))
    try:
        for weakness in (goroutine_panic, redefinition, redefined_struct, generics, values_kept, own_errors, log_output, child_output):
            weakness(k)
            print(weakness.__name__, "works")
    finally:
        k.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
