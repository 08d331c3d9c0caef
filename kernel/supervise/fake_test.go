package supervise_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/joey-go/joey/kernel/pipe"
)

// The test binary is its own worker: with the argument "worker" it plays the far end of the pipe, and a cell's first word
// says what the cell does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		(&fake{conn: pipe.New[pipe.Event, pipe.Request](os.NewFile(3, ""), os.NewFile(4, ""))}).serve()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

type fake struct {
	conn        *pipe.Conn[pipe.Event, pipe.Request]
	marks       [2]*os.File
	mark        string
	interrupted chan struct{}
	answered    chan pipe.Answer
	doomed      bool
	asked       chan struct{} // closed by the question "now"
}

func (f *fake) serve() {
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	for i := range f.marks {
		fd, _ := syscall.Dup(i + 1)
		syscall.CloseOnExec(fd)
		f.marks[i] = os.NewFile(uintptr(fd), "")
	}
	f.interrupted = make(chan struct{}, 1)
	f.answered = make(chan pipe.Answer, 1)
	f.asked = make(chan struct{})
	for {
		r, err := f.conn.Receive()
		switch {
		case err != nil:
			return
		case r.Start != nil:
			f.mark = r.Start.Mark
			f.conn.Send(pipe.Event{Answers: r.ID, Ready: &pipe.Ready{}})
		case r.Complete != nil:
			if r.Complete.Code == "now" {
				close(f.asked)
				if f.doomed {
					continue
				}
			}
			if r.Complete.Code == "deaf" {
				syscall.Close(3)
			}
			f.conn.Send(pipe.Event{Answers: r.ID, Completeness: &pipe.Completeness{Status: pipe.Incomplete, Indent: r.Complete.Code}})
			if r.Complete.Code == "deaf" {
				select {}
			}
		case r.Suggest != nil:
			items := []pipe.Suggestion{{Label: r.Suggest.Code, Text: r.Suggest.Code}}
			f.conn.Send(pipe.Event{Answers: r.ID, Suggestions: &pipe.Suggestions{End: r.Suggest.Pos, Items: items}})
		case r.Explain != nil:
			f.conn.Send(pipe.Event{Answers: r.ID, Explanation: &pipe.Explanation{Bundle: pipe.Bundle{Data: map[string]any{"text/plain": r.Explain.Code}}}})
		case r.Answer != nil:
			f.answered <- *r.Answer
		case r.Interrupt != nil:
			f.interrupted <- struct{}{}
		case r.Run != nil:
			go f.run(r.ID, *r.Run)
		}
	}
}

func (f *fake) event(e pipe.Event) {
	for _, m := range f.marks {
		io.WriteString(m, f.mark)
	}
	f.conn.Send(e)
}

// untilRead returns when the kernel has emptied the pipe of standard output, on Linux.
func (f *fake) untilRead() {
	const fionread = 0x541b
	for {
		if n, err := unix.IoctlGetInt(1, fionread); err != nil || n == 0 {
			return
		}
		runtime.Gosched()
	}
}

func (f *fake) run(id int, c pipe.Cell) {
	word, rest, _ := strings.Cut(c.Code, " ")
	outcome := pipe.Outcome{Result: &pipe.Bundle{Data: map[string]any{"text/plain": rest}}}
	switch word {
	case "echo":
	case "print":
		fmt.Print(rest)
	case "both":
		fmt.Print("out")
		fmt.Fprint(os.Stderr, "err")
	case "panic":
		done := make(chan struct{})
		go func() { panic(fmt.Errorf("%s", rest)) }()
		<-done
	case "overflow":
		debug.SetMaxStack(1 << 20)
		var f func(int) int
		f = func(n int) int { return f(n+1) + 1 }
		f(0)
	case "exit":
		fmt.Print("before the end")
		fmt.Fprintln(os.Stderr, "panic: only said")
		n, _ := strconv.Atoi(rest)
		os.Exit(n)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "flood":
		for i := range 20000 {
			fmt.Println(i, "日本語")
		}
	case "sleep":
		fmt.Print("sleeping")
		<-f.interrupted
		outcome = pipe.Outcome{Fault: &pipe.Fault{Name: "Interrupted", Value: "stopped"}}
	case "stubborn":
		signal.Ignore(syscall.SIGINT, syscall.SIGTERM)
		fmt.Print("running")
		select {}
	case "close":
		fmt.Print("last")
		os.Stdout.Close()
		os.Stderr.Close()
	case "ask":
		fmt.Print("asking ")
		f.event(pipe.Event{Question: &pipe.Question{ID: 7, Prompt: rest}})
		select {
		case a := <-f.answered:
			outcome.Result.Data["text/plain"] = fmt.Sprint(a.Question, a.Text, a.Error)
		case <-f.interrupted:
			outcome = pipe.Outcome{Fault: &pipe.Fault{Name: "Interrupted", Value: "no answer"}}
		}
	case "together": // the marks of two events are read together
		for _, m := range f.marks {
			io.WriteString(m, f.mark+"between"+f.mark)
		}
		f.conn.Send(pipe.Event{Question: &pipe.Question{ID: 7, Prompt: rest}})
		f.conn.Send(pipe.Event{Answers: id, Outcome: &outcome})
		return
	case "late":
		go func() { <-f.asked; fmt.Print("late") }()
	case "doomed":
		f.doomed = true
		go func() { <-f.asked; os.Exit(4) }()
	case "order":
		for i := range 100 {
			fmt.Print("before ", i, "\n")
			f.event(pipe.Event{Display: &pipe.Display{ID: strconv.Itoa(i)}})
		}
		f.event(pipe.Event{Clear: &pipe.Clear{Wait: true}})
	case "child":
		cmd := exec.Command("sleep", "1000")
		cmd.Stdout = os.Stdout
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		outcome.Result.Data["text/plain"] = strconv.Itoa(cmd.Process.Pid)
	case "garble":
		syscall.Write(4, []byte("hello, world"))
	case "wrong":
		f.event(pipe.Event{Answers: id, Completeness: &pipe.Completeness{}})
		return
	case "hangup":
		syscall.Close(4)
		select {}
	case "read":
		fmt.Print(rest)
		f.untilRead()
		outcome.Read = true
		f.conn.Send(pipe.Event{Answers: id, Outcome: &outcome})
		return
	case "partial":
		os.Stdout.WriteString("\xe6\x97")
	case "pid":
		outcome.Result.Data["text/plain"] = strconv.Itoa(os.Getpid())
	}
	f.event(pipe.Event{Answers: id, Outcome: &outcome})
}

// recorder is a Sink that remembers, and tells who waits for a text.
type recorder struct {
	mu      sync.Mutex
	streams map[string]string
	shown   []string
	notes   []string
	changed chan struct{}
}

func newRecorder() *recorder {
	return &recorder{streams: map[string]string{}, changed: make(chan struct{}, 1)}
}

func (r *recorder) add(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *recorder) Stream(name, text string) {
	r.add(func() { r.streams[name] += text; r.shown = append(r.shown, text) })
}
func (r *recorder) Display(d pipe.Display) { r.add(func() { r.shown = append(r.shown, "<"+d.ID+">") }) }
func (r *recorder) Clear(wait bool) {
	r.add(func() { r.shown = append(r.shown, fmt.Sprint("clear ", wait)) })
}
func (r *recorder) Input(ctx context.Context, q pipe.Question) (string, error) {
	if q.Prompt == "never" {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return q.Prompt + "!", nil
}
func (r *recorder) NextInput(n pipe.NextInput) {
	r.add(func() { r.shown = append(r.shown, "next "+n.Text) })
}
func (r *recorder) Comm(c pipe.Comm) {
	r.add(func() { r.shown = append(r.shown, "comm "+c.Kind+" "+c.ID) })
}
func (r *recorder) Note(text string) { r.add(func() { r.notes = append(r.notes, text) }) }

func (r *recorder) stdout() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.streams[pipe.Stdout]
}

// await returns when text has come on stdout.
func (r *recorder) await(t *testing.T, text string) {
	t.Helper()
	for !strings.Contains(r.stdout(), text) {
		select {
		case <-r.changed:
		case <-t.Context().Done():
			t.Fatalf("%q never came", text)
		}
	}
}
