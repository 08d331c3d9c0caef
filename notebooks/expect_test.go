package notebooks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// notebook is what we read of a notebook's file (nbformat 4.5).
type notebook struct {
	Cells    []cell         `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
	Minor    int            `json:"nbformat_minor"`
}

type cell struct {
	ID      string   `json:"id"`
	Type    string   `json:"cell_type"`
	Source  lines    `json:"source"`
	Outputs []output `json:"outputs"`
}

type output struct {
	Type  string           `json:"output_type"`
	Name  string           `json:"name"`
	Text  lines            `json:"text"`
	Data  map[string]lines `json:"data"`
	Value string           `json:"evalue"`
}

// lines is a text that a notebook's file has in one piece or as a list of lines, or a JSON document as its text.
type lines string

func (l *lines) UnmarshalJSON(b []byte) error {
	var list []string
	if err := json.Unmarshal(b, &list); err == nil {
		*l = lines(strings.Join(list, ""))
		return nil
	}
	if b[0] == '{' {
		*l = lines(b)
		return nil
	}
	return json.Unmarshal(b, (*string)(l))
}

func readNotebook(t *testing.T, path string) notebook {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var n notebook
	require.NoError(t, json.Unmarshal(b, &n), path)
	return n
}

// code returns the notebook's code cells.
func (n notebook) code() []cell {
	return slices.DeleteFunc(slices.Clone(n.Cells), func(c cell) bool { return c.Type != "code" })
}

// shown is what a cell shows, by the ending of the file in testdata/seed that tells what it ought to.
func (c cell) shown() map[string]string {
	all := map[string]string{}
	for _, o := range c.Outputs {
		switch o.Type {
		case "stream":
			all[o.Name+".txt"] += string(o.Text)
		case "error":
			all["error.txt"] += o.Value
		default:
			all["html"] += string(o.Data["text/html"])
			all["text.txt"] += string(o.Data["text/plain"])
			all["markdown"] += string(o.Data["text/markdown"])
			all["chart"] += compact(o.Data["application/vnd.vegalite.v5+json"])
			if o.Data["image/png"] != "" {
				all["picture"] += "a picture\n" // its bytes depend on the Go that encoded it
			}
		}
	}
	maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
	return all
}

// compact returns a JSON document without the spaces that writers of notebooks put in.
func compact(document lines) string {
	var b bytes.Buffer
	if document != "" && json.Compact(&b, []byte(document)) != nil {
		return string(document)
	}
	return b.String()
}

// allShown is what every code cell of an executed notebook shows, normalised, by the cell's id.
func allShown(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, c := range readNotebook(t, path).code() {
		all[c.ID] = c.shown()
		for form, text := range all[c.ID] {
			all[c.ID][form] = normalise(text)
		}
	}
	return all
}

// placeholders are what differs between two runs. A pattern is no wider than the form that the seed shows: a time in another form is not
// replaced, and the comparison fails.
var placeholders = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\b`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000\b`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d\d-[A-Z][a-z]{2} \d\d:\d\d:\d\d\b`), "TIME"},
	{regexp.MustCompile(`('time': )\d{13}\b`), "${1}TIME"},
	{regexp.MustCompile(`('elapsed': )\d+\b`), "${1}ELAPSED"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "VERSION"},
	{regexp.MustCompile(`(<td>VERSION</td>\s*<td>)\d+(</td>)`), "${1}ELAPSED${2}"},
	{regexp.MustCompile(`(?m)( VERSION  )\d+$`), "${1}ELAPSED"},
	{regexp.MustCompile(`(this will take up to 45s )\.+( ok)`), "${1}DOTS${2}"},
}

// normalise puts placeholders where two runs differ.
func normalise(text string) string {
	for _, p := range placeholders {
		text = p.pattern.ReplaceAllString(text, p.by)
	}
	return text
}

// requireSeed holds an executed notebook against testdata/seed: every output of every code cell, to the character but for placeholders.
// Blank lines around HTML do not count, because the published page does not tell them. again means that the store had one run before.
func requireSeed(t *testing.T, path string, again bool) {
	t.Helper()
	for _, c := range readNotebook(t, path).code() {
		shown := c.shown()
		assert.NotContains(t, shown, "error.txt", "cell %s", c.ID)
		assert.NotContains(t, shown, "stderr.txt", "cell %s", c.ID)
		for _, form := range []string{"stdout.txt", "html"} {
			assert.Equal(t, seed(t, c.ID, form, again), trim(form, normalise(shown[form])), "cell %s, %s", c.ID, form)
		}
		// A result has a text form beside its HTML; the seed tells it only where there is no HTML.
		if shown["html"] == "" {
			assert.Equal(t, seed(t, c.ID, "text.txt", again), trim("text.txt", normalise(shown["text.txt"])), "cell %s, text", c.ID)
		}
	}
}

// requireTimes checks what the placeholders hide: created stays, last_updated moves with Deploy and only then, and logs are newest first.
func requireTimes(t *testing.T, path string) {
	t.Helper()
	html := map[string]string{}
	for _, c := range readNotebook(t, path).code() {
		html[c.ID] = c.shown()["html"]
	}
	found, deployed, undeployed := times(html["pipeline"]), times(html["deploy"]), times(html["undeploy"])
	require.Len(t, found, 2, "created and last_updated")
	require.Len(t, deployed, 2, "created and last_updated")
	assert.Equal(t, found[0], deployed[0], "created")
	assert.Less(t, found[1], deployed[1], "last_updated moves with Deploy")
	assert.Equal(t, deployed, undeployed, "Undeploy moves no time")

	logged := times(html["shadow-logs"])
	require.NotEmpty(t, logged)
	assert.True(t, slices.IsSortedFunc(logged, func(a, b string) int { return strings.Compare(b, a) }), "newest first: %v", logged)
}

// times returns the times in an HTML form, which sort as text.
func times(html string) []string {
	return regexp.MustCompile(`\d{4}-\d\d-\d\d[ T][\d:.]+`).FindAllString(html, -1)
}

// seed returns what the tutorial shows for a cell, or "".
func seed(t *testing.T, id, form string, again bool) string {
	t.Helper()
	dir := filepath.Join("..", "testdata", "seed")
	if again {
		if b, err := os.ReadFile(filepath.Join(dir, "again", id+"."+form)); err == nil {
			return trim(form, string(b))
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, id+"."+form))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	return trim(form, string(b))
}

// trim removes the line ends around a result. What a cell printed keeps its own.
func trim(form, text string) string {
	if form == "stdout.txt" {
		return text
	}
	return strings.Trim(text, "\n")
}

func TestNormaliseKeepsWhatMatters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"pipeline's time":          {"<td>2022-08-04 20:06:55.102203+00:00</td>", "<td>TIME</td>"},
		"other time zone":          {"<td>2022-08-04 20:06:55.102203+01:00</td>", "<td>2022-08-04 20:06:55.102203+01:00</td>"},
		"log's time":               {"<td>2022-04-Aug 20:17:09</td>", "<td>TIME</td>"},
		"log's time, day last":     {"<td>2022-Aug-04 20:17:09</td>", "<td>2022-Aug-04 20:17:09</td>"},
		"shadow log's time":        {"<td>2022-08-04T20:17:09.408000</td>", "<td>TIME</td>"},
		"finer than milliseconds":  {"<td>2022-08-04T20:17:09.408001</td>", "<td>2022-08-04T20:17:09.408001</td>"},
		"milliseconds":             {"'time': 1659644884270})]", "'time': TIME})]"},
		"microseconds":             {"'time': 1659644884270123})]", "'time': 1659644884270123})]"},
		"elapsed":                  {"'elapsed': 145402,", "'elapsed': ELAPSED,"},
		"version and elapsed":      {"<td>664913eb-383f-4165-838d-ada4f29a7d9b</td>\n <td>135202</td>", "<td>VERSION</td>\n <td>ELAPSED</td>"},
		"the same as text":         {" 664913eb-383f-4165-838d-ada4f29a7d9b  135202\n", " VERSION  ELAPSED\n"},
		"anomalies":                {"<td>0</td>", "<td>0</td>"},
		"score":                    {"'data': [0.001497417688369751]", "'data': [0.001497417688369751]"},
		"dots":                     {"this will take up to 45s .... ok", "this will take up to 45s DOTS ok"},
		"no dots":                  {"this will take up to 45s  ok", "this will take up to 45s  ok"},
		"model and pipeline names": {"ccfraud-lstm cc-shadow", "ccfraud-lstm cc-shadow"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, normalise(test.in))
		})
	}
}
