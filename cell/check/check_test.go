package check_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/check"
	"github.com/joey-go/joey/cell/chunk"
	"github.com/joey-go/joey/cell/source"
	"github.com/joey-go/joey/cell/split"
)

// session checks cells and commits them as if they had run.
type session struct {
	set   *source.Set
	scope *check.Scope
	notes []string
}

func newSession(t testing.TB) *session {
	t.Helper()
	set := source.NewSet()
	scope, err := check.NewScope(set)
	require.NoError(t, err)
	require.NoError(t, scope.Declare(check.BuiltinPath, check.Builtin))
	s := &session{set: set, scope: scope}
	_, err = s.run("prelude", check.Prelude)
	require.NoError(t, err)
	return s
}

func (s *session) run(name, src string) (*check.Typed, error) {
	cell, err := split.Parse(s.set, source.NewText(name, src))
	if err != nil {
		return nil, err
	}
	typed, err := s.scope.Check(cell)
	if err != nil {
		return nil, err
	}
	s.notes = s.scope.Commit(typed)
	return typed, nil
}

func (s *session) must(t testing.TB, name, src string) *check.Typed {
	t.Helper()
	typed, err := s.run(name, src)
	require.NoError(t, err, "%s", src)
	return typed
}

func TestChunks(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cells, err := chunk.Read(file)
			require.NoError(t, err)
			s := newSession(t)
			for _, c := range cells {
				_, err := s.run(c.Name, c.Source)
				expectErrors(t, c, err)
			}
		})
	}
}

// expectErrors compares the errors of a cell with its wants, line by line.
func expectErrors(t *testing.T, c chunk.Cell, err error) {
	t.Helper()
	var list source.ErrorList
	if err != nil && !errors.As(err, &list) {
		t.Errorf("%s: %v", c.Name, err)
		return
	}
	left := append(source.ErrorList{}, list...)
	for _, want := range c.Wants {
		found := false
		for i, e := range left {
			msg := e.Msg
			if e.Hint != "" {
				msg += " (" + e.Hint + ")"
			}
			if e.Pos.Line == want.Line && want.Match.MatchString(msg) {
				left = append(left[:i], left[i+1:]...)
				found = true
				break
			}
		}
		assert.True(t, found, "%s: no error on line %d matches %q, there are:\n%v", c.Name, want.Line, want.Match, err)
	}
	assert.Empty(t, left, "%s: errors that nobody wants:\n%v", c.Name, left)
}
