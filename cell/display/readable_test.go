package display_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/cell/display"
)

// documents are HTML with their text.
var documents = map[string]string{
	"<b>bold</b> text":           "bold text",
	"a  \n b<br>c<p>d</p>\n<p>e": "a b\nc\nd\ne",
	"<ul><li>one<li>two</ul>":    "- one\n- two",
	"<table><tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr></table>": "a  b\n1  2",
	"x &lt; y &amp;&nbsp;z": "x < y & z",
	"1 < 2 and 3 > 2":       "1 < 2 and 3 > 2",
	"<style>p{}</style><SCRIPT>alert('<b>')</Script >ok": "ok",
	"<!-- a > b -->shown":                                "shown",
	`<a title="1 > 0">link</a>`:                          "link",
	"<pre>a\n  b</pre>c":                                 "a\n  b\nc",
	"<script>never closed":                               "(HTML without text, 20 bytes)",
	"<img src=x>":                                        "(HTML without text, 11 bytes)",
	"<":                                                  "<",
	"":                                                   "(HTML without text, 0 bytes)",
}

func TestReadable(t *testing.T) {
	t.Parallel()
	for document, want := range documents {
		assert.Equal(t, want, display.Readable(document), document)
	}
}

func FuzzReadable(f *testing.F) {
	for document := range documents {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		text := display.Readable(document)
		assert.NotEmpty(t, text)
		if utf8.ValidString(document) {
			assert.True(t, utf8.ValidString(text))
		}
		assert.LessOrEqual(t, len(text), 3*len(document)+len("(HTML without text, 1234567890 bytes)"))
		if !strings.Contains(document, "&") && strings.Contains(text, "</script") {
			assert.NotContains(t, strings.ToLower(document), "<script>")
		}
	})
}
