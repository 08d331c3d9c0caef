package yaegi

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeFunction writes a function of a third of a chunk that calls others.
func writeFunction(name string, callees ...string) string {
	body := strings.Repeat("\tzz = true\n", chunkLines/3)
	for _, c := range callees {
		body += "\t" + c + "()\n"
	}
	return fmt.Sprintf("// what %s is\nfunc %s() {\n%s}\n", name, name, body)
}

func TestChunksDeclareBeforeUse(t *testing.T) {
	t.Parallel()
	var functions string
	for i := range 9 { // a chain, each calling the next: the last must come first
		functions += writeFunction(fmt.Sprintf("F%d", i), fmt.Sprintf("mk%d", i), fmt.Sprintf("F%d", i+1))
		functions += writeFunction(fmt.Sprintf("mk%d", i))
	}
	functions += writeFunction("F9", "F10") + writeFunction("F10", "Th11") + writeFunction("Th11", "Bm12") +
		writeFunction("Bm12", "F9") // a circle longer than a chunk

	texts := chunks("head", functions, "bind")
	require.Greater(t, len(texts), 4)
	assert.Equal(t, "head", texts[0])
	assert.True(t, strings.HasSuffix(texts[len(texts)-1], "bind"))
	assert.Equal(t, len(functions)+len("headbind"), len(strings.Join(texts, "")), "nothing lost, nothing twice")
	known := map[string]bool{}
	calls := regexp.MustCompile(`\t(\w+)\(\)`)
	for _, text := range texts {
		for _, f := range functionTexts(text) {
			known[functionName(f)] = true
		}
		for _, c := range calls.FindAllStringSubmatch(text, -1) {
			assert.True(t, known[c[1]], "%s is called before its declaration", c[1])
		}
	}
}

func TestShortProgramsAreOneText(t *testing.T) {
	t.Parallel()
	f := writeFunction("f1")
	assert.Equal(t, []string{"head" + f + "bind"}, chunks("head", f, "bind"))
}
