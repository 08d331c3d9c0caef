// Command joey is a Jupyter kernel and a scripting runtime for Go, with shadow deployments of models in process. This
// package picks a subcommand; the work is done by the packages below kernel, by install and by engine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit statuses of joey itself; a script has its own.
const (
	statusError = 1
	statusUsage = 2
)

// command is a subcommand. Its name may be two words.
type command struct {
	name     string
	synopsis string // its arguments
	about    string // what it does, in one line
	detail   string // what else --help says
	example  string
	hidden   bool
	run      func(ctx context.Context, c *call) error
}

// call is a command with its arguments.
type call struct {
	*command
	args           []string
	flags          *flag.FlagSet
	stdout, stderr io.Writer
}

// exit is an error that has been told already; only its status is left.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError says that a command was called in a wrong way.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

// run runs a command line and returns the exit status. No command reads stdin but a script, which takes the process's own.
func run(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || isHelp(args[0]) && len(args) == 1 {
		overview(stdout)
		return 0
	}
	switch args[0] {
	case "help":
		args = append(args[1:], "--help")
	case "--version":
		args = append([]string{"version"}, args[1:]...)
	}
	cmd, rest := find(args)
	if cmd == nil {
		fmt.Fprintf(stderr, "joey: there is no command %q\n\n", args[0])
		overview(stderr)
		return statusUsage
	}
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the message comes with our usage
	c := &call{command: cmd, args: rest, flags: flags, stdout: stdout, stderr: stderr}
	return c.status(cmd.run(ctx, c))
}

// find is the command that args begin with, and what follows.
func find(args []string) (*command, []string) {
	for _, cmd := range commands() {
		words := strings.Fields(cmd.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == cmd.name {
			return cmd, args[len(words):]
		}
	}
	return nil, nil
}

func isHelp(arg string) bool {
	return arg == "help" || arg == "-h" || arg == "-help" || arg == "--help"
}

func overview(w io.Writer) {
	fmt.Fprint(w, "joey runs Go in notebooks and scripts, with shadow deployments of models in process.\n\nCommands:\n\n")
	for _, cmd := range commands() {
		if !cmd.hidden {
			fmt.Fprintf(w, "  joey %-14s %s\n", cmd.name, cmd.about)
		}
	}
	fmt.Fprint(w, "\n`joey COMMAND --help` says more about one of them.\n")
}

// status tells what went wrong and turns it into an exit status.
func (c *call) status(err error) int {
	if status, ok := errors.AsType[exit](err); ok {
		return int(status)
	}
	if usage, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(c.stderr, "joey: %v\n\n", usage)
		c.help(c.stderr)
		return statusUsage
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(c.stderr, "joey: %v\n", err)
		return statusError
	}
	return 0
}

// parse reads the flags, which may stand among the other arguments, and demands as many of those as the synopsis has.
func (c *call) parse(positional ...*string) error {
	rest := c.args
	for i := 0; ; i++ {
		if err := c.parseFlags(rest); err != nil {
			return err
		}
		if rest = c.flags.Args(); len(rest) == 0 {
			if i < len(positional) {
				return usageError{"an argument is missing"}
			}
			return nil
		}
		if i >= len(positional) {
			return usageError{fmt.Sprintf("there is an argument too many: %s", rest[0])}
		}
		*positional[i], rest = rest[0], rest[1:]
	}
}

// parseFlags reads the flags up to the first argument that is none.
func (c *call) parseFlags(args []string) error {
	err := c.flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		c.help(c.stdout)
		return err
	}
	if err != nil {
		return usageError{err.Error()}
	}
	return nil
}

func (c *call) help(w io.Writer) {
	fmt.Fprintf(w, "usage: joey %s\n\n%s\n", strings.TrimSpace(c.name+" "+c.synopsis), c.about)
	if c.detail != "" {
		fmt.Fprintf(w, "\n%s\n", c.detail)
	}
	c.flags.VisitAll(func(f *flag.Flag) {
		arg, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "\n  %s\n      %s\n", strings.TrimSpace(dashes(f.Name)+" "+arg), usage)
	})
	fmt.Fprintf(w, "\nExample:\n\n  %s\n", c.example)
}

func dashes(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
