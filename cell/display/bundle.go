package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"unicode/utf8"
)

// MIME types that a Bundle may hold.
const (
	Plain    = "text/plain"
	HTML     = "text/html"
	Markdown = "text/markdown"
	SVG      = "image/svg+xml"
	PNG      = "image/png"
	JSON     = "application/json"
	Latex    = "text/latex"
)

// limit is how much of a text form is shown; front ends become slow beyond it, and a notebook file keeps all of it.
const limit = 64 << 10

// Bundle is a value in every form that it offers, by MIME type. Plain is always there; binary forms are base64, as Jupyter
// wants them.
type Bundle struct {
	Data     map[string]any
	Metadata map[string]any
}

// forms are the methods that give a form, with its MIME type.
var forms = []struct{ method, mime string }{
	{"HTML", HTML}, {"Markdown", Markdown}, {"SVG", SVG}, {"PNG", PNG}, {"JSON", JSON}, {"Latex", Latex},
}

// Of is v in all its forms: HTML() string, Markdown() string, SVG() string, PNG() []byte, JSON() any,
// Latex() string, image.Image, and what MIMEBundle() map[string]any has, by MIME type, which comes before all others. What has none of these
// and is made of rows, as slices of structs and maps are, is a table. Methods that panic are left out, and the plain text says so.
func Of(v any) Bundle {
	v = shown(v)
	b := Bundle{Data: map[string]any{}, Metadata: map[string]any{}}
	failures := b.addForms(v)
	plain, ok := b.Data[Plain].(string)
	if !ok && len(b.Data) == 0 && failures == "" {
		plain = b.table(v)
	} else if !ok {
		plain = text(v)
	}
	b.Data[Plain] = cut(plain + failures)
	return b
}

// addForms adds what the methods of v give. failures has a line for each that failed.
func (b Bundle) addForms(v any) (failures string) {
	for _, f := range forms {
		result, ok, failure := call(v, f.method)
		if failure != "" {
			failures += "\n" + failure
		}
		if ok {
			b.add(f.mime, result)
		}
	}
	if img, ok := v.(image.Image); ok && b.Data[PNG] == nil {
		b.addImage(img)
	}
	if failure := b.addAll(v); failure != "" {
		failures += "\n" + failure
	}
	return failures
}

// short is how long a map or a struct may be that is shown in one line of text.
const short = 120

// table adds the HTML of what is a table, and returns the text of v. A small map or struct is better read as Go has it.
func (b Bundle) table(v any) string {
	t, ok := tabulate(v)
	if !ok {
		return text(v)
	}
	b.Data[HTML] = t.html()
	if t.unit != "row" && t.total <= wholeRows && modest(v) {
		if s := text(v); len(s) <= short {
			return s
		}
	}
	return t.text()
}

// addAll adds what the method MIMEBundle of v gives.
func (b Bundle) addAll(v any) (failure string) {
	result, ok, failure := call(v, "MIMEBundle")
	bundle, isMap := result.(map[string]any)
	if !ok || !isMap {
		return failure
	}
	for mime, form := range bundle {
		b.addForm(mime, form)
	}
	return failure
}

// addForm adds a form as Jupyter wants it: JSON types as they are, text as strings, anything else in base64.
func (b Bundle) addForm(mime string, form any) {
	if isJSON(mime) {
		if text, ok := form.([]byte); ok {
			form = json.RawMessage(text)
		}
		if raw, err := json.Marshal(form); err == nil {
			b.Data[mime] = json.RawMessage(raw)
		}
		return
	}
	switch f := form.(type) {
	case []byte:
		if strings.HasPrefix(mime, "text/") || mime == SVG {
			b.Data[mime] = string(f)
		} else {
			b.Data[mime] = base64.StdEncoding.EncodeToString(f)
		}
	case string:
		b.Data[mime] = f
	default:
		b.Data[mime] = fmt.Sprint(f)
	}
}

func isJSON(mime string) bool { return mime == JSON || strings.HasSuffix(mime, "+json") }

// All is the values of a call with several results: their texts in one line, and rich forms only if there is one value.
func All(values []any) Bundle {
	if len(values) == 1 {
		return Of(values[0])
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(v)
	}
	return Bundle{Data: map[string]any{Plain: cut(strings.Join(texts, ", "))}, Metadata: map[string]any{}}
}

// add stores the result of a method as the form that it gives.
func (b Bundle) add(mime string, result any) {
	switch r := result.(type) {
	case string:
		b.Data[mime] = r
	case []byte:
		if mime == JSON {
			b.addJSON(json.RawMessage(r))
		} else if mime == PNG {
			b.Data[mime] = base64.StdEncoding.EncodeToString(r)
		} else {
			b.Data[mime] = string(r)
		}
	default:
		if mime == JSON {
			b.addJSON(r)
		}
	}
}

// addJSON leaves out what cannot be encoded: it would make the whole message invalid.
func (b Bundle) addJSON(v any) {
	if raw, err := json.Marshal(v); err == nil {
		b.Data[JSON] = json.RawMessage(raw)
	}
}

func (b Bundle) addImage(img image.Image) {
	if img.Bounds().Empty() {
		return
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err == nil {
		b.Data[PNG] = base64.StdEncoding.EncodeToString(buf.Bytes())
	}
}

// cut shortens a text to the limit, at a rune, and says how much there was.
func cut(s string) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d of %d bytes shown)", s[:end], end, len(s))
}
