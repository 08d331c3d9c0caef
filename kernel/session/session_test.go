package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/pipe"
	"github.com/joey-go/joey/kernel/session"
	"github.com/joey-go/joey/kernel/session/echo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a Publisher, and the client that replies come to. It keeps everything in one order.
type recorder struct {
	subscribed chan struct{}
	onBusy     func() // may be nil
	onAsk      func(sender string) error

	mu  sync.Mutex
	log []message.Draft
	at  []time.Time
}

func newRecorder() *recorder {
	r := &recorder{subscribed: make(chan struct{})}
	close(r.subscribed)
	return r
}

func (r *recorder) Publish(drafts ...message.Draft) {
	for _, d := range drafts {
		r.reply(d)
		if r.onBusy != nil && d.Content == any(message.Status{State: message.Busy}) {
			r.onBusy()
		}
	}
}

func (r *recorder) Subscribed() <-chan struct{} { return r.subscribed }
func (r *recorder) Room()                       {}

// Ask records the question; onAsk answers.
func (r *recorder) Ask(_ context.Context, sender string, d message.Draft) error {
	r.reply(d)
	return r.onAsk(sender)
}

func (r *recorder) reply(d message.Draft) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, d)
	r.at = append(r.at, time.Now())
}

// answers lists what answered a request: type and content.
func (r *recorder) answers(id string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []string
	for _, d := range r.log {
		if string(d.Parent) == rawHeader(id) {
			content, err := json.Marshal(d.Content)
			if err != nil {
				panic(err)
			}
			found = append(found, d.Type+" "+string(content))
		}
	}
	return found
}

// rawHeader is no JSON that Go would write: it must come back as it is.
func rawHeader(id string) string { return `{ "msg_id":"` + id + `",  "x":1e2 }` }

func request(id, kind string, content any) message.Message {
	b, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return message.Message{
		Header:    message.Header{ID: id, Type: kind, Date: time.Now().Format(time.RFC3339Nano)},
		RawHeader: json.RawMessage(rawHeader(id)), Content: b,
	}
}

func execute(id, code string) message.Message {
	return request(id, "execute_request", map[string]any{"code": code})
}

// start runs a session in a synctest bubble; stop ends it.
func start(t *testing.T, runner session.Runner) (s *session.Session, r *recorder, stop func()) {
	r = newRecorder()
	s = session.New(runner, r, session.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	return s, r, func() { cancel(); <-done }
}

const (
	busy = `status {"execution_state":"busy"}`
	idle = `status {"execution_state":"idle"}`
)

func TestOutputsComeBeforeReplyAndIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		s.Shell(execute("a", "out x\nerr y\nshow 1 z\nout w\nresult"), r.reply)
		synctest.Wait()
		assert.Equal(t, []string{
			busy,
			`execute_input {"code":"out x\nerr y\nshow 1 z\nout w\nresult","execution_count":1}`,
			`stream {"name":"stdout","text":"x\n"}`,
			`stream {"name":"stderr","text":"y\n"}`,
			`display_data {"data":{"text/plain":"z"},"metadata":{},"transient":{"display_id":"1"}}`,
			`stream {"name":"stdout","text":"w\n"}`,
			`execute_result {"execution_count":1,"data":{"text/plain":"result"},"metadata":{}}`,
			`execute_reply {"status":"ok","execution_count":1,"user_expressions":{},"payload":[]}`,
			idle,
		}, r.answers("a"))
	})
}

// A failed cell stops what was sent before its client could know, even what arrives after: see date.
func TestAFailureStopsWhatWasOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		onItsWay, late := execute("on its way", "x"), execute("late", "x")
		time.Sleep(time.Millisecond)
		s.Shell(execute("fails", "fail"), r.reply)
		synctest.Wait()
		time.Sleep(time.Millisecond)
		s.Shell(onItsWay, r.reply)
		s.Shell(request("question", "is_complete_request", map[string]string{"code": "x"}), r.reply)
		s.Shell(execute("new", "x"), r.reply)
		synctest.Wait()
		time.Sleep(time.Second)
		s.Shell(late, r.reply) // from a client whose clock is behind
		synctest.Wait()

		aborted := []string{busy, `execute_reply {"status":"aborted"}`, idle}
		assert.Equal(t, aborted, r.answers("on its way"))
		assert.Contains(t, r.answers("question"), `is_complete_reply {"status":"complete"}`)
		assert.Contains(t, r.answers("new"), `execute_reply {"status":"ok","execution_count":2,"user_expressions":{},"payload":[]}`)
		assert.Contains(t, r.answers("late"), `execute_reply {"status":"ok","execution_count":3,"user_expressions":{},"payload":[]}`)
	})
}

func TestTheFirstShellRequestWaitsForASubscriber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arrives, want time.Duration }{
		"who comes":   {100 * time.Millisecond, 100 * time.Millisecond},
		"who is late": {time.Second, 250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &recorder{subscribed: make(chan struct{})}
				s := session.New(echo.Runner{}, r, session.Options{})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { defer close(done); s.Run(ctx) }()
				begun := time.Now()
				s.Shell(execute("a", "x"), r.reply)
				s.Control(request("b", "kernel_info_request", nil), r.reply)
				synctest.Wait()
				assert.NotEmpty(t, r.answers("b"), "control does not wait")
				assert.Empty(t, r.answers("a"))
				time.AfterFunc(c.arrives, func() { close(r.subscribed) })
				time.Sleep(2 * time.Second)
				require.NotEmpty(t, r.answers("a"))
				assert.Equal(t, c.want, r.at[len(r.at)-1].Sub(begun))
				cancel()
				<-done
			})
		})
	}
}

func TestShutdownEndsTheCellAndAbortsTheRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		s.Shell(execute("runs", "out x\nblock"), r.reply)
		s.Shell(execute("waits", "x"), r.reply)
		synctest.Wait()
		s.Control(request("end", "shutdown_request", message.Shutdown{Restart: true}), r.reply)
		synctest.Wait()
		stop()
		reply := `shutdown_reply {"status":"ok","restart":true}`
		assert.Equal(t, []string{busy, reply, reply, idle}, r.answers("end"))
		runs := r.answers("runs")
		assert.Contains(t, runs, `stream {"name":"stdout","text":"x\n"}`)
		assert.Contains(t, runs[len(runs)-2], `"status":"error","ename":"Interrupted"`)
		assert.Equal(t, idle, runs[len(runs)-1])
		assert.Equal(t, []string{busy, `execute_reply {"status":"aborted"}`, idle}, r.answers("waits"))
	})
}

// A client may interrupt as soon as it has seen busy.
func TestAnInterruptBeforeTheCellBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		s.Control(request("nothing runs", "interrupt_request", nil), r.reply)
		synctest.Wait()
		r.onBusy = s.Interrupt
		s.Shell(execute("a", "block"), r.reply)
		synctest.Wait()
		r.onBusy = nil
		s.Shell(execute("b", "x"), r.reply)
		synctest.Wait()
		assert.Contains(t, r.answers("nothing runs"), `interrupt_reply {"status":"ok"}`)
		assert.Contains(t, fmt.Sprint(r.answers("a")), `"ename":"Interrupted"`)
		assert.Contains(t, fmt.Sprint(r.answers("b")), `execute_reply {"status":"ok"`, "it is not interrupted again")
	})
}

func TestAnErrorIsExactlyOneMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		for i, code := range []string{"fail x", "refuse"} {
			s.Shell(execute(strconv.Itoa(i), code), r.reply)
			synctest.Wait()
			time.Sleep(time.Second)
		}
		fault := `"ename":"Failure","evalue":"x","traceback":["Failure: x"]`
		assert.Equal(t, []string{
			busy, `execute_input {"code":"fail x","execution_count":1}`, "error {" + fault + "}",
			`execute_reply {"status":"error",` + fault + `,"execution_count":1}`, idle,
		}, r.answers("0"))
		assert.Contains(t, r.answers("1"),
			`error {"ename":"KernelError","evalue":"no worker","traceback":["KernelError: no worker"]}`)
	})
}

func TestADefectOfAHandlerIsAnErrorReply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		s.Shell(execute("a", "out x\npanic"), r.reply)
		s.Shell(execute("b", "x"), r.reply)
		synctest.Wait()
		assert.Contains(t, fmt.Sprint(r.answers("a")), `execute_reply {"status":"error"`)
		assert.Contains(t, fmt.Sprint(r.answers("b")), `execute_reply {"status":"ok"`)
	})
}

// printing prints what its function says, and keeps its Sink.
type printing struct {
	echo.Runner
	print func(out pipe.Sink)
	out   pipe.Sink
}

func (p *printing) Run(_ context.Context, _ pipe.Cell, out pipe.Sink) (pipe.Outcome, error) {
	p.out = out
	p.print(out)
	return pipe.Outcome{}, nil
}

func TestStreamsAreGathered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, &printing{print: func(out pipe.Sink) {
			out.Stream(pipe.Stdout, "a")
			time.Sleep(99 * time.Millisecond)
			out.Stream(pipe.Stdout, "b\xe6\x97") // 日 begins
			time.Sleep(2 * time.Millisecond)
			out.Stream(pipe.Stdout, "\xa5c")
			for range 300 {
				out.Stream(pipe.Stdout, string(make([]byte, 1<<10)))
			}
		}})
		defer stop()
		s.Shell(execute("a", "x"), r.reply)
		time.Sleep(time.Second)
		got := r.answers("a")
		require.Len(t, got, 7)
		assert.Equal(t, `stream {"name":"stdout","text":"ab"}`, got[2], "after 100 ms, without half a character")
		assert.Contains(t, got[3], `"text":"日c\u0000`)
		assert.Equal(t, "execute_reply", got[5][:13])
	})
}

// Output of a goroutine that outlives its cell goes to that cell.
func TestOutputAfterTheCell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runner := &printing{print: func(pipe.Sink) {}}
		s, r, stop := start(t, runner)
		defer stop()
		s.Shell(execute("a", "x"), r.reply)
		synctest.Wait()
		runner.out.Stream(pipe.Stderr, "late")
		time.Sleep(101 * time.Millisecond)
		got := r.answers("a")
		assert.Equal(t, `stream {"name":"stderr","text":"late"}`, got[len(got)-1])
	})
}

func TestHistoryForgetsTheOldest(t *testing.T) {
	t.Parallel()
	h := session.NewMemory()
	for i := range 10_001 {
		h.Add(session.Entry{Line: i, Input: strconv.Itoa(i)})
	}
	all := h.Tail(20_000)
	require.Len(t, all, 10_000)
	assert.Equal(t, "1", all[0].Input)
	assert.Empty(t, h.Tail(-1))
	assert.Empty(t, h.Search("[", 5, false), "a broken pattern")
}

func input(value string) message.Message {
	return request("input", "input_reply", map[string]any{"value": value})
}

func TestInput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		r.onAsk = func(sender string) error {
			assert.Equal(t, "client", sender)
			s.Stdin(input("Ada"), nil)
			s.Stdin(input("too late"), nil)
			return nil
		}
		m := execute("a", "out before\nask name?\nask again?")
		m.Sender = "client"
		s.Stdin(input("too early"), nil)
		s.Shell(m, r.reply)
		synctest.Wait()
		assert.Equal(t, []string{
			`stream {"name":"stdout","text":"before\n"}`,
			`input_request {"prompt":"name?","password":false}`,
			`stream {"name":"stdout","text":"Ada\n"}`,
			`input_request {"prompt":"again?","password":false}`,
			`stream {"name":"stdout","text":"Ada\n"}`,
		}, r.answers("a")[2:7])
	})
}

func TestInputThatCannotBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		r.onAsk = func(string) error { return errors.New("nobody there") }
		s.Shell(request("a", "execute_request", map[string]any{"code": "ask x", "allow_stdin": false, "stop_on_error": false}), r.reply)
		s.Shell(execute("b", "ask x"), r.reply)
		synctest.Wait()
		assert.Contains(t, r.answers("a"), `error {"ename":"InputError","evalue":"this front end takes no input (allow_stdin is false)","traceback":["InputError: this front end takes no input (allow_stdin is false)"]}`)
		assert.Contains(t, strings.Join(r.answers("b"), "\n"), "ask for input: nobody there")
	})
}

func TestAnInterruptEndsAQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		r.onAsk = func(string) error { return nil }
		s.Shell(execute("a", "ask x"), r.reply)
		synctest.Wait()
		s.Interrupt()
		synctest.Wait()
		assert.Contains(t, strings.Join(r.answers("a"), "\n"), "InputError")
		s.Shell(execute("b", "alive"), r.reply)
		s.Stdin(input("late"), nil)
		synctest.Wait()
		assert.Contains(t, strings.Join(r.answers("b"), "\n"), "alive")
	})
}

func TestUserExpressions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		s.Shell(request("a", "execute_request", map[string]any{"code": "x", "user_expressions": map[string]string{
			"value": "out unseen\n42", "wrong": "fail no", "none": "", "refused": "refuse",
		}}), r.reply)
		s.Shell(execute("b", "x"), r.reply)
		synctest.Wait()
		assert.Contains(t, r.answers("a"), `execute_reply {"status":"ok","execution_count":1,"user_expressions":{`+
			`"none":{"status":"ok","data":{},"metadata":{}},`+
			`"refused":{"status":"error","ename":"KernelError","evalue":"no worker","traceback":["KernelError: no worker"]},`+
			`"value":{"status":"ok","data":{"text/plain":"42"},"metadata":{}},`+
			`"wrong":{"status":"error","ename":"Failure","evalue":"no","traceback":["Failure: no"]}},"payload":[]}`)
		assert.NotContains(t, strings.Join(r.answers("a"), " "), "unseen")
		assert.Contains(t, strings.Join(r.answers("b"), " "), `"execution_count":2`)
	})
}

func TestACellWithoutCodeIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, struct{ session.Runner }{}) // which could run nothing
		defer stop()
		for id, code := range map[string]string{"a": "", "b": " \n\t"} {
			s.Shell(execute(id, code), r.reply)
			synctest.Wait()
			assert.Contains(t, strings.Join(r.answers(id), " "), `execute_reply {"status":"ok"`)
		}
	})
}

func TestPayloads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r, stop := start(t, echo.Runner{})
		defer stop()
		for id, code := range map[string]string{"next": "next x := 1", "before": "?strings.Cut", "after": " strings.Cut??\n", "empty": "?"} {
			s.Shell(execute(id, code), r.reply)
		}
		synctest.Wait()
		page := `"payload":[{"source":"page","data":{"text/plain":"strings.Cut"},"start":0}]}`
		assert.Contains(t, strings.Join(r.answers("next"), " "), `"payload":[{"source":"set_next_input","text":"x := 1","replace":false}]}`)
		assert.Contains(t, strings.Join(r.answers("before"), " "), page)
		assert.Contains(t, strings.Join(r.answers("after"), " "), page)
		assert.Contains(t, strings.Join(r.answers("empty"), " "), `There is nothing to say about`)
	})
}
