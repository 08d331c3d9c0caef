package supervise

import "strings"

// crash recognises what the Go runtime writes to stderr before it ends the process: the reason, then traces that show the
// interpreter's frames and never the cell's (GOTRACEBACK=none leaves some of them out). It holds back what looks like the
// beginning of that, because it is known only later whether the process dies of it.
type crash struct {
	inLine bool // the text so far ends within a line
	held   string
}

const (
	// goCrash is the exit status of a process that the Go runtime ended.
	goCrash = 2
	// A crash that says more than this was asked for traces, and a program that does is none.
	maxHeld = 64 << 10
)

// reasons begin the first line: a panic that nobody recovered, what cannot be recovered, a signal in native code
// (runtime/panic.go, runtime/signal_unix.go).
var reasons = [...]string{"panic", "fatal error", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP"}

// pass returns the part of text that may be shown at once.
func (c *crash) pass(text string) string {
	if c.held != "" {
		c.held += text
		if len(c.held) > maxHeld {
			return c.release()
		}
		return ""
	}
	for at := 0; at < len(text); {
		if !c.inLine && begins(text[at:]) {
			c.held = text[at:]
			return text[:at]
		}
		end := strings.IndexByte(text[at:], '\n')
		if c.inLine = end < 0; c.inLine {
			break
		}
		at += end + 1
	}
	return text
}

// release returns what was held back: the process goes on, or it died of something else.
func (c *crash) release() string {
	text := c.held
	c.held = ""
	c.inLine = text != "" && !strings.HasSuffix(text, "\n")
	return text
}

func begins(line string) bool {
	_, _, ok := reason(line)
	return ok || strings.HasPrefix(line, "runtime: goroutine stack exceeds ")
}

func reason(line string) (name, value string, ok bool) {
	for _, name := range reasons {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return name, value, true
		}
	}
	return "", "", false
}

// explain finds the reason in a crash's text, with the lines that belong to it.
func explain(text string) (name, value string, ok bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch n, v, starts := reason(line); {
		case !ok:
			name, value, ok = n, v, starts
		case line == "" || strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "PC="):
			return name, value, true
		case !strings.HasPrefix(line, "[signal "): // an address, of no use to anyone
			value += "\n" + strings.TrimPrefix(line, "\t")
		}
	}
	return name, value, ok
}
