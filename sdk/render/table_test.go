package render

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestControlCharactersDoNotReachTheTerminal(t *testing.T) {
	t.Parallel()
	text := PropertiesText([]Property{{"name", "a\n\t\x1b[31m\u0085é\x7f"}, {"id", "1"}})
	require.Equal(t, `name  a\n\t\x1b[31m\x85é\x7f`+"\nid    1", text)
}
