package cell

import (
	"context"
	"errors"
	"fmt"
	"weak"

	"github.com/joey-go/joey/cell/interp"
	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/program"
	"github.com/joey-go/joey/cell/source"
)

// RunProgram runs a compiled program's way the package main of a directory, or of some files of one, with the packages of its module.
// The error is a source.ErrorList if the program was rejected, or a *Failure if it stopped midway. It is the session's only run.
func (s *Session) RunProgram(ctx context.Context, dir string, files []string) error {
	unit, texts, err := s.loadProgram(dir, files)
	if err != nil {
		return err
	}
	s.program = texts
	for _, t := range texts {
		s.texts[t.Name] = weak.Make(t)
	}
	s.builtin.begin()
	if err := unit.Run(ctx); err != nil {
		return s.failure(err)
	}
	return nil
}

func (s *Session) loadProgram(dir string, files []string) (unit interp.Unit, texts []*source.Text, err error) {
	defer func() {
		if r := recover(); r != nil { // as in load
			err = source.ErrorList{{Msg: fmt.Sprintf("internal error: %v", r), Hint: "please report this program"}}
		}
	}()
	loader := program.New(s.set, s.scope.Importer())
	typed, err := loader.Load(dir, files)
	if err != nil {
		return nil, nil, err
	}
	lowered, err := lower.Build(typed)
	if err == nil {
		unit, err = s.engine.Load(lowered)
	}
	var refused *source.Error
	if errors.As(err, &refused) {
		for _, t := range loader.Texts() {
			if t.Name == refused.Pos.Cell && refused.Line == "" {
				refused.Line = t.Line(refused.Pos.Line)
			}
		}
		err = source.ErrorList{refused}
	}
	return unit, loader.Texts(), err
}
