package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/onnx"
	"github.com/joey-go/joey/install"
	"github.com/joey-go/joey/kernel"
	"github.com/joey-go/joey/kernel/batch"
	"github.com/joey-go/joey/kernel/supervise"
	"github.com/joey-go/joey/kernel/worker"
)

func commands() []*command {
	return []*command{
		{
			name: "run", synopsis: "[--engine NAME] FILE.go… | DIR [ARG…]",
			about: "runs a Go program, or a script of cells, in this process",
			detail: "A directory, several files, or a file that imports packages of its own module is a program: the files and packages\n" +
				"are those that the go command would choose. Any other file is a script, cut into cells at lines that begin with `// %%`; text cells are marked `// %% [markdown]`.\n" +
				"Each cell's result is printed. The exit status is the program's own; 1 if it does not compile, 2 after a panic\n" +
				"or an error that nobody took, 70 if it uses what Joey does not support.",
			example: "joey run script.go input.csv",
			run:     runScript,
		},
		{
			name: "notebook run", synopsis: "IN.ipynb [-o OUT.ipynb] [--allow-errors] [--engine NAME]",
			about: "runs a notebook without Jupyter and writes it with its outputs",
			detail: "Cells run in the notebook's folder. The first one that fails ends the run, with exit status 1, unless it has the\n" +
				"tag raises-exception; the notebook is written all the same.",
			example: "joey notebook run notebooks/shadow-deployment.ipynb -o executed.ipynb",
			run:     runNotebook,
		},
		{
			name: "install", synopsis: "[--user | --prefix DIR | --sys-prefix] [--engine NAME]",
			about:   "makes Jupyter know the kernel, and fetches ONNX Runtime if there is none",
			example: "joey install --user",
			run:     runInstall,
		},
		{
			name:    "doctor",
			about:   "tells what was found where, and what is wrong",
			detail:  "It changes nothing. The exit status is 1 if something is wrong.",
			example: "joey doctor",
			run:     runDoctor,
		},
		{
			name:    "version",
			about:   "prints the version of Joey, of Go, the platform, and the engine that runs cells",
			example: "joey version",
			run:     runVersion,
		},
		{
			name: "kernel", synopsis: "[--engine NAME] CONNECTION_FILE",
			about:   "serves Jupyter, which starts it with a connection file",
			example: "joey kernel ~/.local/share/jupyter/runtime/kernel-1.json",
			run:     runKernel,
		},
		{
			name:    "worker",
			about:   "runs cells for a kernel, which starts it",
			example: "joey worker",
			hidden:  true,
			run:     runWorker,
		},
	}
}

func runScript(ctx context.Context, c *call) error {
	engine := c.engineFlag()
	if err := c.parseFlags(c.args); err != nil {
		return err
	}
	if c.flags.NArg() == 0 {
		return usageError{"an argument is missing"}
	}
	if err := checkEngine(*engine); err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	files, args := programFiles(c.flags.Args())
	s := worker.Script{File: files[0], Files: files, Args: args, Engine: *engine, Stdout: c.stdout, Stderr: c.stderr}
	if status := s.Run(ctx); status != 0 {
		return exit(status)
	}
	return nil
}

// programFiles takes the files of a program off the arguments, as go run does: those that come first and end in .go. Arguments that look
// like files begin after "--".
func programFiles(args []string) (files, rest []string) {
	n := 1
	for n < len(args) && strings.HasSuffix(args[0], ".go") && strings.HasSuffix(args[n], ".go") {
		n++
	}
	files, rest = args[:n], args[n:]
	if len(rest) > 0 && rest[0] == "--" {
		rest = rest[1:]
	}
	return files, rest
}

func runNotebook(ctx context.Context, c *call) (err error) {
	o := batch.Options{Language: kernel.Language()}
	c.flags.StringVar(&o.Out, "o", "", "write the result to `FILE` instead of IN.nbconvert.ipynb")
	c.flags.BoolVar(&o.AllowErrors, "allow-errors", false, "go on after a cell that fails")
	engine := c.engineFlag()
	if err := c.parse(&o.In); err != nil {
		return err
	}
	if o.Out == "" {
		o.Out = batch.OutputName(o.In)
	}
	command, err := workerCommand(*engine)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	w := supervise.New(supervise.Options{Command: command, Dir: filepath.Dir(o.In)})
	defer func() { err = errors.Join(err, w.Close()) }()
	err = batch.Run(ctx, w, o)
	if failed, ok := errors.AsType[*batch.CellError](err); ok {
		fmt.Fprintln(c.stderr, plain(strings.Join(failed.Fault.Traceback, "\n")))
	}
	if err == nil {
		fmt.Fprintln(c.stdout, o.Out)
	}
	return err
}

// plain is a text without colours.
func plain(text string) string {
	return regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(text, "")
}

func runInstall(ctx context.Context, c *call) error {
	var o install.KernelspecOptions
	user := c.flags.Bool("user", false, "for this user, which is the default")
	sysPrefix := c.flags.Bool("sys-prefix", false, "into the active Python environment")
	c.flags.StringVar(&o.Prefix, "prefix", "", "below `DIR`/share/jupyter")
	engine := c.engineFlag()
	if err := c.parse(); err != nil {
		return err
	}
	if err := checkEngine(*engine); err != nil {
		return err
	}
	o.Engine = *engine
	places := 0
	c.flags.Visit(func(f *flag.Flag) {
		if f.Name != engineFlag {
			places++
		}
	})
	if places > 1 {
		return usageError{"--user, --prefix and --sys-prefix exclude each other"}
	}
	if places == 1 && !*user && !*sysPrefix && o.Prefix == "" {
		return usageError{"the flag says nothing: --prefix wants a directory"}
	}
	ctx, stop := untilSignal(ctx)
	defer stop()
	var err error
	if *sysPrefix {
		if o.Prefix, err = install.SysPrefix(ctx); err != nil {
			return err
		}
	}
	if o.Executable, err = os.Executable(); err != nil {
		return fmt.Errorf("find joey's own file: %w", err)
	}
	dir, err := install.Kernelspec(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "Kernel:       %s\n", dir)
	return c.installRuntime(ctx)
}

// installRuntime fetches ONNX Runtime unless there is one.
func (c *call) installRuntime(ctx context.Context) error {
	home, err := engine.Home()
	if err != nil {
		return err
	}
	path := ""
	if found, err := onnx.Find(ctx, "", home); err == nil {
		path = found.Path
	} else if path, err = install.Runtime(ctx, filepath.Join(home, "lib"), c.stderr); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "ONNX Runtime: %s\n", path)
	return nil
}

func runDoctor(ctx context.Context, c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	home, err := engine.Home()
	if err != nil {
		return err
	}
	if !install.Doctor(ctx, install.DoctorOptions{Version: version(), Home: home}, c.stdout) {
		return exit(statusError)
	}
	return nil
}

func runVersion(_ context.Context, c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	engine, err := worker.EngineName("")
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "joey %s (%s, %s/%s), engine %s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, engine)
	return nil
}

// version is the one that the Go command has stamped the binary with.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

func runKernel(ctx context.Context, c *call) error {
	var connection string
	asked := c.engineFlag()
	if err := c.parse(&connection); err != nil {
		return err
	}
	command, err := workerCommand(*asked)
	if err != nil {
		return err
	}
	name, err := worker.EngineName(*asked)
	if err != nil {
		return err
	}
	kernel.OneThread()
	o := kernel.Options{Worker: command, Version: version(), Engine: name}
	if home, err := engine.Home(); err == nil { // without one the history ends with the kernel
		o.History = filepath.Join(home, "history.db")
	}
	return kernel.Run(ctx, connection, o)
}

func runWorker(ctx context.Context, c *call) error {
	engine := c.engineFlag()
	if err := c.parse(); err != nil {
		return err
	}
	return worker.Serve(ctx, *engine)
}

// untilSignal derives a context that ends at ^C or SIGTERM. A second one ends the process at once.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

const engineFlag = "engine"

func (c *call) engineFlag() *string {
	return c.flags.String(engineFlag, "", "run cells with the engine `NAME`: "+strings.Join(worker.Engines(), " or ")+"; the default is that of $JOEY_ENGINE, else the first")
}

func checkEngine(name string) error {
	if _, err := worker.EngineName(name); err != nil {
		return usageError{err.Error()}
	}
	return nil
}

// workerCommand starts this program as a worker with an engine; "" stands for the default.
func workerCommand(engine string) ([]string, error) {
	if err := checkEngine(engine); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find joey's own file: %w", err)
	}
	command := []string{self, "worker"}
	if engine != "" {
		command = append(command, "--"+engineFlag, engine)
	}
	return command, nil
}
