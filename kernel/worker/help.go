package worker

import (
	"github.com/joey-go/joey/cell/complete"
	"github.com/joey-go/joey/cell/display"
	"github.com/joey-go/joey/kernel/pipe"
)

// suggestions are completions in the words of the pipe.
func suggestions(c complete.Completions) pipe.Suggestions {
	s := pipe.Suggestions{Start: c.Start, End: c.End}
	for _, item := range c.Items {
		typ := item.Type
		if item.Import != "" && item.Kind != complete.Package {
			typ += " (import \"" + item.Import + "\")"
		}
		s.Items = append(s.Items, pipe.Suggestion{Label: item.Label, Text: item.Text, Kind: string(item.Kind), Type: typ})
	}
	return s
}

// explanation is what a name means in the forms that front ends show.
func explanation(info complete.Info, found bool) pipe.Explanation {
	if !found {
		return pipe.Explanation{}
	}
	return pipe.Explanation{Bundle: pipe.Bundle{Data: map[string]any{display.Plain: info.Text(), "text/markdown": info.Markdown()}}}
}
