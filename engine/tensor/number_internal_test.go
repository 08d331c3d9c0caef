package tensor

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// encoding/json says what a number and what a string is.
func TestNumbersAndStringsAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "-0", "01", "1.", ".5", "-", "", "1e5", "1E+5", "1e", "1e+", "0x10", "1_0", "+1", "1.5e-3", "-1.25", "00", "1e5.5", "--1", "Inf"} {
		require.Equal(t, json.Valid([]byte(text)), isNumber([]byte(text)), text)
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from string, longest int) []byte {
		text := make([]byte, random.IntN(longest))
		for i := range text {
			text[i] = from[random.IntN(len(from))]
		}
		return text
	}
	for range 200_000 {
		text := pick("001-+.eE", 8)
		require.Equal(t, json.Valid(text), isNumber(text), "%s", text)
		text = append([]byte{'"'}, pick("ab\"\\nu0 \x1f\x7f\xc3\xa4", 7)...)
		var want string
		fails := json.Unmarshal(text, &want)
		got, ok := unquote(text)
		if !ok {
			require.True(t, fails != nil || !utf8.Valid(text), "%q", text)
			continue
		}
		require.NoError(t, fails, "%q", text)
		require.Equal(t, want, got, "%q", text)
	}
}
