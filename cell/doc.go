// Package cell runs cells: a Session takes their text through the stages split, check, lower and interp, and gives back what they show.
// It imports its folders; Jupyter and processes are unknown here.
//
// A driver makes a Session, calls Run for each cell in turn, shows Result.Notes and Result.Bundle, and on an error shows
// Excerpt of each source.Error, or the Traceback of a *Failure:
//
//	s, err := cell.NewSession(cell.Options{Front: front})
//	result, err := s.Run(ctx, cell.Cell{Name: "In [1]", Source: code})
//	var rejected source.ErrorList
//	var stopped *cell.Failure
//	switch {
//	case errors.As(err, &rejected): // the check or the engine said no; nothing has changed
//	case errors.As(err, &stopped): // the cell began and did not reach its end
//	}
package cell
