package conformance

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kind is what became of a program.
type kind string

const (
	pass    kind = "pass"
	refused kind = "refused"
	slow    kind = "slow"
	differs kind = "differs"
)

// differences are the reasons for which a program may differ: no program that a user writes should rest on these.
var differences = []string{"allocation or GC counts", "finalizer timing", "text of a stack trace", "addresses"}

// outcome is a line of the table. detail is for whoever reads the test's output.
type outcome struct {
	Kind           kind
	Reason, detail string
}

// table says for each program what joey run makes of it.
type table map[string]outcome

const header = "program\toutcome\treason\n"

// readTable reads a table; a file that does not exist yet is an empty one.
func readTable(path string) (table, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return table{}, nil
	} else if err != nil {
		return nil, err
	}
	t := table{}
	for line := range strings.Lines(strings.TrimPrefix(string(b), header)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 3 {
			return nil, fmt.Errorf("%s: %q has %d cells, not 3", path, line, len(cells))
		}
		t[cells[0]] = outcome{Kind: kind(cells[1]), Reason: cells[2]}
	}
	return t, nil
}

func (t table) write(path string) error {
	b := []byte(header)
	for _, name := range slices.Sorted(maps.Keys(t)) {
		b = fmt.Appendf(b, "%s\t%s\t%s\n", name, t[name].Kind, oneLine(t[name].Reason))
	}
	return os.WriteFile(path, b, 0o644)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// merge is t with what was seen. Why a program differs is written by hand, so it stays, also if the program waits for what does not come.
func (t table) merge(seen table) table {
	merged := maps.Clone(t)
	for name, o := range seen {
		if (o.Kind == differs || o.Kind == slow) && t[name].Kind == differs {
			o = t[name]
		}
		merged[name] = o
	}
	return merged
}

// beyond is what t says other than base, with the reasons that were written by hand before.
func (t table) beyond(base, before table) table {
	list := table{}
	for name, o := range t {
		if o.Kind == base[name].Kind {
			continue
		}
		if o.Reason == "" {
			o.Reason = before[name].Reason
		}
		list[name] = o
	}
	return list
}

// objections are the programs that did what the table does not allow: a pass was lost, or one differs for no reason
// that is allowed. A program that does better than its line is no objection; -update takes it over.
func (t table) objections(seen table) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		o, known := seen[name], t[name]
		switch {
		case o.Kind == differs && (known.Kind != differs || known.open()):
			list = append(list, fmt.Sprintf("%s differs: %s", name, o.detail))
		case o.Kind != pass && known.Kind == pass:
			list = append(list, fmt.Sprintf("%s passed and is now %s: %s", name, o.Kind, o.Reason))
		}
	}
	return list
}

// open says that a program differs for no reason that is allowed.
func (o outcome) open() bool { return o.Kind == differs && !slices.Contains(differences, o.Reason) }

func TestObjections(t *testing.T) {
	t.Parallel()
	known := table{
		"gc.go":   {Kind: differs, Reason: differences[0]},
		"bad.go":  {Kind: differs, Reason: "because"},
		"good.go": {Kind: pass},
		"no.go":   {Kind: refused, Reason: "cgo"},
	}
	for _, c := range []struct {
		name string
		now  outcome
		want int
	}{
		{"gc.go", outcome{Kind: differs}, 0},
		{"gc.go", outcome{Kind: pass}, 0},
		{"bad.go", outcome{Kind: differs}, 1},
		{"good.go", outcome{Kind: pass}, 0},
		{"good.go", outcome{Kind: refused}, 1},
		{"good.go", outcome{Kind: slow}, 1},
		{"good.go", outcome{Kind: differs}, 1},
		{"no.go", outcome{Kind: differs}, 1},
		{"no.go", outcome{Kind: slow}, 0},
		{"new.go", outcome{Kind: differs}, 1},
		{"new.go", outcome{Kind: refused}, 0},
	} {
		assert.Len(t, known.objections(table{c.name: c.now}), c.want, "%s %s", c.name, c.now.Kind)
	}
}

func TestTableKeepsReasons(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/table.tsv"
	known := table{
		"gc.go":    {Kind: differs, Reason: differences[0]},
		"waits.go": {Kind: differs, Reason: differences[1]},
		"was.go":   {Kind: differs, Reason: "addresses"},
	}
	require.NoError(t, known.merge(table{
		"gc.go":    {Kind: differs},
		"waits.go": {Kind: slow},
		"was.go":   {Kind: pass},
		"no.go":    {Kind: refused, Reason: "a\ttab\nand a line"},
	}).write(path))
	again, err := readTable(path)
	require.NoError(t, err)
	assert.Equal(t, table{
		"gc.go":    {Kind: differs, Reason: differences[0]},
		"waits.go": {Kind: differs, Reason: differences[1]},
		"was.go":   {Kind: pass},
		"no.go":    {Kind: refused, Reason: "a tab and a line"},
	}, again)
}

func TestBeyond(t *testing.T) {
	t.Parallel()
	base := table{"same.go": {Kind: pass, Reason: long}, "better.go": {Kind: slow}, "gc.go": {Kind: differs, Reason: differences[0]}}
	now := table{"same.go": {Kind: pass}, "better.go": {Kind: pass}, "gc.go": {Kind: pass}}
	assert.Equal(t, table{"better.go": {Kind: pass, Reason: "fast"}, "gc.go": {Kind: pass}}, now.beyond(base, table{"better.go": {Kind: pass, Reason: "fast"}}))
}

func TestRefusedWhat(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "import \"C\"", refusedWhat("x\nfixedbugs/a.go:3:4: not supported: import \"C\" (write it in Go)\n"))
	assert.Equal(t, "anything else", refusedWhat("anything else\n"))
}
