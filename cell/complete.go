package cell

import "github.com/joey-go/joey/cell/complete"

// Complete proposes what may stand at a cursor of a text that is being written; the cursor counts code points. Nothing runs, and the session
// stays as it is, but it is for the goroutine of Run: a question waits for the cell that runs.
func (s *Session) Complete(text string, cursor int) (found complete.Completions) {
	defer func() {
		// go/types and the parser see texts that no compiler ever saw: a bug there must cost the answer, not the session.
		if recover() != nil {
			found = complete.Completions{Start: cursor, End: cursor}
		}
	}()
	return complete.Complete(s.scope, text, cursor)
}

// Inspect explains the name at a cursor, or the call in whose brackets the cursor is; false if there is nothing to explain. What holds
// for Complete holds here too.
func (s *Session) Inspect(text string, cursor int) (info complete.Info, ok bool) {
	defer func() {
		if recover() != nil {
			info, ok = complete.Info{}, false
		}
	}()
	return complete.Inspect(s.scope, text, cursor)
}
