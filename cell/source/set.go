package source

import (
	"go/token"
	"sync"
)

// Set is the files of a session: a token.FileSet that knows of which text each file is a copy. Running cells may ask for places
// while the next one is parsed.
type Set struct {
	Fset *token.FileSet

	mu     sync.RWMutex
	copies map[*token.File]copied
}

// copied says that a file is prefix bytes followed by a text in which bytes may be blank but none has moved.
type copied struct {
	text   *Text
	prefix int
}

// NewSet is an empty set.
func NewSet() *Set {
	return &Set{Fset: token.NewFileSet(), copies: map[*token.File]copied{}}
}

// Add notes that file is a copy of text behind prefix bytes of ours.
func (s *Set) Add(file *token.File, text *Text, prefix int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies[file] = copied{text, prefix}
}

// Keep forgets the files that keep rejects.
func (s *Set) Keep(keep func(*token.File) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for file := range s.copies {
		if !keep(file) {
			s.Fset.RemoveFile(file)
			delete(s.copies, file)
		}
	}
}

// Find is the text that p is in and the offset there; nil if p is in no text of a cell.
func (s *Set) Find(p token.Pos) (*Text, int) {
	file := s.Fset.File(p)
	if file == nil {
		return nil, 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, ok := s.copies[file]
	if !ok {
		return nil, 0
	}
	return c.text, file.Offset(p) - c.prefix
}

// Pos is the place that an author sees; the zero Pos if p is in no text of a cell.
func (s *Set) Pos(p token.Pos) Pos {
	if text, offset := s.Find(p); text != nil {
		return text.Pos(offset)
	}
	return Pos{}
}

// Error is an error at p.
func (s *Set) Error(p token.Pos, msg string) *Error {
	if text, offset := s.Find(p); text != nil {
		return text.Error(offset, msg)
	}
	return &Error{Msg: msg}
}
