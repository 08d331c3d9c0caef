package render_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/sdk/render"
)

var documents = map[string]string{
	`{"b": [1, 1.0, -0, -0.0, 1e3], "a": null}`: `{'b': [1, 1.0, 0, -0.0, 1000.0], 'a': None}`,
	`123456789012345678901234567890`:            `123456789012345678901234567890`,
	`[[], {}, "it's", true, false]`:             `[[], {}, "it's", True, False]`,
	`{"tensor": [[1.0678324729342086]]}`:        `{'tensor': [[1.0678324729342086]]}`,
}

func TestParseJSON(t *testing.T) {
	t.Parallel()
	for document, want := range documents {
		v, err := render.ParseJSON([]byte(document))
		require.NoError(t, err, document)
		require.Equal(t, want, render.Repr(v))
	}
	for _, bad := range []string{``, `[`, `{`, `{"a"`, `[1,`, `1 2`, `]`, `NaN`, `1e999`, `{"a": [}`} {
		_, err := render.ParseJSON([]byte(bad))
		require.Error(t, err, bad)
	}
}

func FuzzParseJSON(f *testing.F) {
	for document := range documents {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := render.ParseJSON(raw)
		if err != nil {
			return
		}
		require.True(t, json.Valid(raw), "%q", raw)
		require.NotEmpty(t, render.Pprint(v))
	})
}
