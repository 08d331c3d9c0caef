// Package kernel is one running kernel: sockets, session and worker, from a connection file to the end. It is Jupyter's
// side and never runs user code. It imports kernel/message, wire, session, history, supervise and footprint.
package kernel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/joey-go/joey/kernel/footprint"
	"github.com/joey-go/joey/kernel/history"
	"github.com/joey-go/joey/kernel/message"
	"github.com/joey-go/joey/kernel/session"
	"github.com/joey-go/joey/kernel/supervise"
	"github.com/joey-go/joey/kernel/wire"
)

// Options say what a kernel is made of. Worker is needed.
type Options struct {
	Worker  []string     // the program and its arguments that run cells
	Version string       // Joey's own
	Engine  string       // that runs cells at first, for the banner
	History string       // the file that keeps the cells of all kernels; in memory if empty
	Log     *slog.Logger // slog.Default() if nil
}

// drainTime is how long clients have to take what was sent last.
const drainTime = 2 * time.Second

// OneThread makes the goroutines of this process take turns. A kernel only passes messages on, from one goroutine to the next: to wake
// another processor for each took more time than what it did there. It is for the process that calls Run and does nothing else.
func OneThread() { runtime.GOMAXPROCS(1) }

// Run serves the connection that a file describes until a client asks for the end, SIGTERM arrives, the parent process
// dies or ctx ends. SIGINT interrupts the cell that runs.
func Run(ctx context.Context, connectionFile string, o Options) error {
	defer footprint.Settle()()
	worker := supervise.New(supervise.Options{Command: o.Worker})
	return serve(ctx, connectionFile, worker, o)
}

// runner is what runs cells and is closed at the end.
type runner interface {
	session.Runner
	Close() error
}

func serve(ctx context.Context, connectionFile string, r runner, o Options) (err error) {
	defer func() { err = errors.Join(err, r.Close()) }()
	o.Log = cmp.Or(o.Log, slog.Default())
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	ctx, release := whileParentLives(ctx, os.Getenv("JPY_PARENT_PID"))
	defer release()

	k, err := open(connectionFile, r, o)
	if err != nil {
		return err
	}
	defer k.forget()
	interrupts := k.interruptOnSignal(ctx)
	k.session.Run(ctx)
	stop() // a second SIGTERM ends the process at once
	release()
	<-interrupts
	return k.close()
}

// kernel is a session and the sockets that it speaks through.
type kernel struct {
	session *session.Session
	server  *wire.Server
	log     *slog.Logger
	forget  func() // closes the history
}

// open listens and lets clients in. What they send waits in the session's queues until it runs.
func open(connectionFile string, r session.Runner, o Options) (*kernel, error) {
	c, err := message.ReadConnection(connectionFile)
	if err != nil {
		return nil, err
	}
	server, err := wire.Listen(c, wire.Options{Codec: message.NewCodec([]byte(c.Key), uuid.NewString()), Log: o.Log})
	if err != nil {
		return nil, err
	}
	if chosen := server.Connection(); chosen != c {
		if err := chosen.Write(connectionFile); err != nil {
			return nil, errors.Join(err, server.Close(context.Background()))
		}
	}
	k := &kernel{server: server, log: o.Log, forget: func() {}}
	options := session.Options{Info: info(o), Log: o.Log}
	if o.History != "" {
		stored := history.New(o.History, o.Log)
		options.History, k.forget = stored, stored.Close
	}
	s := session.New(r, server, options)
	k.session = s
	server.Serve(wire.Handlers{Shell: s.Shell, Control: s.Control, Stdin: s.Stdin})
	return k, nil
}

// interruptOnSignal interrupts the running cell at each SIGINT. The channel closes when that has ended, after ctx.
func (k *kernel) interruptOnSignal(ctx context.Context) <-chan struct{} {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
				k.session.Interrupt()
			case <-ctx.Done():
				return
			}
		}
	}()
	return done
}

func (k *kernel) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := k.server.Close(ctx)
	if refused := k.server.Counts(); refused != (wire.Counts{}) {
		k.log.Warn("messages or peers were refused", "counts", refused)
	}
	return err
}

func info(o Options) message.KernelInfo {
	language := Language()
	return message.KernelInfo{
		Implementation:        "joey",
		ImplementationVersion: o.Version,
		Banner:                fmt.Sprintf("Joey %s: Go %s in notebooks, engine %s", o.Version, language.Version, o.Engine),
		Language:              language,
	}
}

// Language is what front ends and notebook files are told about the cells' language.
func Language() message.Language {
	return message.Language{
		Name: "go", Version: strings.TrimPrefix(runtime.Version(), "go"), MIMEType: "text/x-go", FileExtension: ".go",
		PygmentsLexer: "go", CodeMirrorMode: "go",
	}
}
