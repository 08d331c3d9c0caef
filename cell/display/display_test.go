package display_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/joey-go/joey/cell/display"
)

type rich struct{}

func (rich) HTML() string     { return "<b>r</b>" }
func (rich) Markdown() string { return "**r**" }
func (rich) SVG() string      { return "<svg/>" }
func (rich) PNG() []byte      { return []byte("png") }
func (rich) JSON() any        { return map[string]int{"a": 1} }
func (rich) String() string   { return "r" }

type broken struct{}

func (broken) HTML() string { panic("no") }

type unencodable struct{}

func (unencodable) JSON() any { return func() {} }

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// boxed is what the interpreter gives for a value of a cell's type.
type boxed map[string]any

func (b boxed) Call(method string) ([]any, bool) {
	r, ok := b[method]
	return []any{r}, ok
}

func (boxed) TypeString() string                   { return "main.T" }
func (boxed) Kind() reflect.Kind                   { return reflect.Struct }
func (boxed) IsNil() bool                          { return false }
func (boxed) Basic() any                           { return nil }
func (boxed) Len() int                             { return 0 }
func (boxed) Index(int) any                        { return nil }
func (boxed) Entries() (keys, values []any)        { return nil, nil }
func (boxed) Elem() any                            { return nil }
func (boxed) Fields() (names []string, hidden int) { return nil, 0 }
func (boxed) Field(int) any                        { return nil }

func (b boxed) Format(f fmt.State, _ rune) { fmt.Fprint(f, "main.T{}") }

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value any
		want  string
	}{
		{nil, "nil"},
		{42, "42"},
		{uint8(42), "42"},
		{1.5, "1.5"},
		{"a\n\"b\"", `"a\n\"b\""`},
		{true, "true"},
		{[]int{1, 2}, "[]int{1, 2}"},
		{[]byte("hi"), "[]byte{0x68, 0x69}"},
		{map[string]int(nil), "map[string]int(nil)"},
		{map[string]int{"b": 2, "a": 1}, `map[string]int{"a":1, "b":2}`},
		{struct{ X, y int }{1, 2}, "struct { X int; y int }{X:1, y:2}"},
		{errors.New("an error"), "an error"},
		{time.Second, "1s"},
		{rich{}, "r"},
		{(*nilError)(nil), "*display_test.nilError (its method panicked: runtime error: invalid memory address or nil pointer dereference)"},
		{boxed{}, "main.T{}"},
		{boxed{"String": "s"}, "s"},
		{boxed{"Error": "e", "String": "s"}, "e"},
		{boxed{"String": 4}, "main.T{}"},
	}
	for _, test := range tests {
		b := display.Of(test.value)
		assert.Equal(t, test.want, b.Data[display.Plain])
		assert.NotNil(t, b.Metadata)
	}
}

func TestRichForms(t *testing.T) {
	t.Parallel()
	want := map[string]any{
		display.Plain: "r", display.HTML: "<b>r</b>", display.Markdown: "**r**", display.SVG: "<svg/>",
		display.PNG: base64.StdEncoding.EncodeToString([]byte("png")), display.JSON: json.RawMessage(`{"a":1}`),
	}
	assert.Equal(t, want, display.Of(rich{}).Data)
	assert.Equal(t, want, display.Of(boxed{
		"String": "r", "HTML": "<b>r</b>", "Markdown": "**r**", "SVG": "<svg/>", "PNG": []byte("png"), "JSON": map[string]int{"a": 1},
	}).Data)
}

func TestImagesArePNG(t *testing.T) {
	t.Parallel()
	b := display.Of(image.NewGray(image.Rect(0, 0, 2, 2)))
	raw, err := base64.StdEncoding.DecodeString(b.Data[display.PNG].(string))
	assert.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(raw), "\x89PNG"))
	assert.NotContains(t, display.Of(image.NewGray(image.Rectangle{})).Data, display.PNG)
}

func TestFormsThatFailAreLeftOut(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]any{display.Plain: "display_test.broken{}\n(HTML panicked: no)"}, display.Of(broken{}).Data)
	assert.NotContains(t, display.Of(unencodable{}).Data, display.JSON)
}

func TestLongTextIsCutAtARune(t *testing.T) {
	t.Parallel()
	s := display.Of(strings.Repeat("ü", 1<<16)).Data[display.Plain].(string)
	assert.Less(t, len(s), 70_000)
	assert.Regexp(t, `ü… \(65535 of 131074 bytes shown\)$`, s)
}

func TestSeveralValuesAreOneLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]any{display.Plain: `1, "a"`}, display.All([]any{1, "a"}).Data)
	assert.Equal(t, display.Of(rich{}), display.All([]any{rich{}}))
}

type bundled struct{}

func (bundled) HTML() string { return "no" }
func (bundled) MIMEBundle() map[string]any {
	return map[string]any{display.Plain: "p", display.HTML: "h", display.PNG: []byte("png"), "application/x+json": []int{1}}
}

func TestMIMEBundleComesFirst(t *testing.T) {
	t.Parallel()
	want := map[string]any{display.Plain: "p", display.HTML: "h", display.PNG: "cG5n", "application/x+json": json.RawMessage("[1]")}
	assert.Equal(t, want, display.Of(bundled{}).Data)
	assert.Equal(t, want, display.Of(boxed{"MIMEBundle": bundled{}.MIMEBundle(), "HTML": "no"}).Data)
}
