package batch

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLinesEndWherePythonEndsThem(t *testing.T) {
	t.Parallel()
	// "…".splitlines(keepends=True)
	for text, want := range map[string][]string{
		"":                         {},
		"a":                        {"a"},
		"a\n":                      {"a\n"},
		"a\n\nb":                   {"a\n", "\n", "b"},
		"a\r\nb\rc":                {"a\r\n", "b\r", "c"},
		"a\vb\fc\x1cd\x1de\x1ef":   {"a\v", "b\f", "c\x1c", "d\x1d", "e\x1e", "f"},
		"a\u0085b\u2028c\u2029d日e": {"a\u0085", "b\u2028", "c\u2029", "d日e"},
	} {
		assert.Equal(t, want, lines(text).split(), "%q", text)
	}
}

// A notebook that was read is written with the same values, and what was written reads as the same again.
func FuzzNotebook(f *testing.F) {
	for _, name := range []string{"outputs", "fails", "outputs.golden"} {
		b, err := os.ReadFile("testdata/" + name + ".ipynb")
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add([]byte(`{"nbformat":4,"cells":[{"source":["a"]}],"cells":[],"x":1e400,"é":"\ud800"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parse(b)
		if err != nil {
			return
		}
		written, err := n.encode()
		require.NoError(t, err)
		require.True(t, json.Valid(written))
		again, err := parse(written)
		require.NoError(t, err)
		twice, err := again.encode()
		require.NoError(t, err)
		require.Equal(t, string(written), string(twice))
	})
}
