package supervise

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cut feeds the chunks and returns what came out, with a | for each mark.
func cut(mark string, chunks ...string) string {
	s := splitter{mark: []byte(mark)}
	var out strings.Builder
	for _, c := range chunks {
		s.add([]byte(c))
		for marked := true; marked; {
			var text string
			text, marked = s.next()
			out.WriteString(text)
			if marked {
				out.WriteByte('|')
			}
		}
	}
	return out.String() + s.rest()
}

func TestSplitter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chunks []string
		want   string
	}{
		"no mark":              {[]string{"abc", "def"}, "abcdef"},
		"a mark":               {[]string{"abc<mark>def"}, "abc|def"},
		"two marks":            {[]string{"<mark><mark>x"}, "||x"},
		"a mark in two reads":  {[]string{"abc<ma", "rk>def"}, "abc|def"},
		"a mark byte by byte":  {strings.Split("a<mark>b", ""), "a|b"},
		"nearly a mark":        {[]string{"abc<mar", "x>"}, "abc<marx>"},
		"nearly, at the end":   {[]string{"abc<mark"}, "abc<mark"},
		"nearly, twice":        {[]string{"<mar<mark>"}, "<mar|"},
		"a character in parts": {[]string{"\xe6", "\x97", "\xa5"}, "日"},
		"cut by a mark":        {[]string{"\xe6\x97<mark>\xa5"}, "|日"},
		"half a character":     {[]string{"a\xe6\x97"}, "a\uFFFD"},
		"no UTF-8":             {[]string{"a\xff\xfeb"}, "a\uFFFDb"},
		"lone continuations":   {[]string{"\x97\x97\x97\x97x"}, "\uFFFDx"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, cut("<mark>", c.chunks...))
		})
	}
}

func TestTheBeginOfAMarkIsNoText(t *testing.T) {
	t.Parallel()
	for text, begun := range map[string]bool{"": false, "a": false, "a<": false, "a<m": true, "<mark": true, "<mark>": false, "<m日": false} {
		s := splitter{mark: []byte("<mark>")}
		s.add([]byte(text))
		s.next()
		assert.Equal(t, begun, s.begun(), text)
	}
}

func FuzzSplitter(f *testing.F) {
	f.Add("日本<mark>語", "<ma", "rk>\xff")
	f.Add("\xe6", "<mark>\x97", "\xa5")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		got := cut("<mark>", a, b, c)
		require.True(t, utf8.ValidString(got))
		if whole := a + b + c; utf8.ValidString(whole) {
			require.Equal(t, strings.ReplaceAll(whole, "<mark>", "|"), got)
		}
	})
}

func TestWhatIsHeldBackEndsAtTheNextMark(t *testing.T) {
	t.Parallel()
	s := splitter{mark: []byte("\x00mark\x00")}
	next := func() string {
		text, marked := s.next()
		require.True(t, marked)
		return text
	}
	s.add([]byte("a\xe6\x00mark\x00b\x00mark\x00c\x00ma"))
	require.Equal(t, "a", next())
	require.Equal(t, "\uFFFDb", s.held())
	require.Empty(t, next())
	require.Equal(t, "c", s.held())
	s.add([]byte("rk\x00d"))
	require.Empty(t, next())
	require.Equal(t, "d", s.held())
	require.Empty(t, s.rest())
}
