package supervise

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/kernel/pipe"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"panic: boom\n\ngoroutine 7 [running]:\nmain.f()\n": "panic|boom",
		"panic: a\n\tb\n": "panic|a\nb",
		"panic: a [recovered]\n\tpanic: b\n\ngoroutine 1 [running]:":                             "panic|a [recovered]\npanic: b",
		"fatal error: concurrent map writes\n":                                                   "fatal error|concurrent map writes",
		"runtime: goroutine stack exceeds 1000-byte limit\nfatal error: stack overflow\n\nframe": "fatal error|stack overflow",
		"panic: runtime error: invalid memory address\n[signal SIGSEGV: code=0x1 addr=0x0]\n":    "panic|runtime error: invalid memory address",
		"SIGSEGV: segmentation violation\nPC=0x7f m=0 sigcode=1\n":                               "SIGSEGV|segmentation violation",
		"runtime: goroutine stack exceeds 1000-byte limit\n":                                     "",
		"": "",
	} {
		name, value, ok := explain(text)
		assert.Equal(t, want != "", ok, text)
		if ok {
			assert.Equal(t, want, name+"|"+value)
		}
	}
}

func TestCrashHoldsBackWhatMayBeOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		texts      []string
		free, held string
	}{
		{[]string{"a\n", "b\n"}, "a\nb\n", ""},
		{[]string{"a\npanic: x\ny"}, "a\n", "panic: x\ny"},
		{[]string{"a\n", "panic: ", "x\n", "\n"}, "a\n", "panic: x\n\n"},
		{[]string{"no panic: x\n"}, "no panic: x\n", ""},
		{[]string{"no ", "panic: x\n"}, "no panic: x\n", ""},
		{[]string{"a\nb", "\nfatal error: x"}, "a\nb\n", "fatal error: x"},
		{[]string{"panic: ", strings.Repeat("x", maxHeld)}, "panic: " + strings.Repeat("x", maxHeld), ""},
	} {
		var watch crash
		var free string
		for _, text := range c.texts {
			free += watch.pass(text)
		}
		assert.Equal(t, c.free, free)
		assert.Equal(t, c.held, watch.held)
		assert.Equal(t, c.held, watch.release())
		assert.Empty(t, watch.held)
	}
}

func TestWhereACellWas(t *testing.T) {
	t.Parallel()
	c := pipe.Cell{Count: 3, Code: "a\n\nb\n\tc()\nd\ne\nf"}
	for line, want := range map[int]string{
		4:  "In [3], line 4 was running|      3  b|  →   4  \tc()|      5  d|      6  e",
		1:  "In [3], line 1 was running|  →   1  a|      3  b",
		7:  "In [3], line 7 was running|      5  d|      6  e|  →   7  f",
		0:  "In [3] was running",
		8:  "In [3] was running",
		-1: "In [3] was running",
	} {
		text := strings.Join(where(c, line), "|")
		for _, code := range []string{"\x1b[32m", "\x1b[1m", "\x1b[0m"} {
			text = strings.ReplaceAll(text, code, "")
		}
		assert.Equal(t, want, strings.TrimPrefix(text, "  "))
	}
}

func TestAPositionIsReadFromItsFile(t *testing.T) {
	t.Parallel()
	assert.Zero(t, (*position)(nil).line())
	p := newPosition()
	defer p.Close()
	assert.Zero(t, p.line())
	_, err := p.file.WriteAt(binary.NativeEndian.AppendUint64(nil, 7), 0)
	assert.NoError(t, err)
	assert.Equal(t, 7, p.line())
}
