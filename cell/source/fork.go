package source

import "go/token"

// Fork is a Set for a text that is only looked at, with the positions of s beyond its own. Release must be called in the end.
func (s *Set) Fork() *Set {
	return &Set{Fset: s.Fset, copies: map[*token.File]copied{}}
}

// Release forgets the files of a fork, so that a session does not grow by what was only looked at.
func (s *Set) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for file := range s.copies {
		s.Fset.RemoveFile(file)
	}
	clear(s.copies)
}
