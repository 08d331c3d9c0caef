package cell_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell"
	"github.com/joey-go/joey/cell/chunk"
)

// Whole programs print as cells what they print when compiled.
func TestProgramsPrintWhatCompiledGoPrints(t *testing.T) {
	t.Parallel()
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err, "the go command that runs the tests is what they compare with")
	cells, err := chunk.Read("testdata/programs.txt")
	require.NoError(t, err)
	for _, c := range cells {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(file, []byte(c.Source), 0o600))
			want, err := exec.CommandContext(t.Context(), goCommand, "run", file).Output()
			require.NoError(t, err)
			for _, engine := range cell.Engines() {
				r := newRunOn(t, engine, 1)
				_, err = r.cell(t, c.Name, c.Source)
				require.NoError(t, err, engine)
				assert.Equal(t, string(want), r.taken(), engine)
			}
		})
	}
}
