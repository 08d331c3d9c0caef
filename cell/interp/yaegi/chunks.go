package yaegi

import (
	"regexp"
	"strings"
)

// chunkLines is how long a text for yaegi should be. A panic that leaves an interpreted function makes yaegi search all of the text that
// the function is in (originalExecNode), 100 ns for each of about ten nodes a line: a program of 9,000 lines
// that recovers here and there ran 45 s in one text, 2 s in chunks.
const chunkLines = 200

// chunks splits a program into texts of about chunkLines. yaegi must know a function before a text that names it is compiled: a
// function comes after those that it names, and those that name one another stay together.
func chunks(head, functions, bind string) []string {
	if strings.Count(functions, "\n") < 2*chunkLines {
		return []string{head + functions + bind}
	}
	order, names := calleesFirst(functionTexts(functions))
	at := map[string]int{}
	for i, f := range order {
		at[functionName(f)] = i
	}
	texts := []string{head}
	var b strings.Builder
	lines, needed := 0, 0 // the last function that the text must hold
	for i, f := range order {
		b.WriteString(f)
		lines += strings.Count(f, "\n")
		for _, n := range names[f] {
			needed = max(needed, at[n])
		}
		if lines >= chunkLines && needed <= i {
			texts = append(texts, b.String())
			b.Reset()
			lines = 0
		}
	}
	return append(texts, b.String()+bind)
}

// functionTexts splits the emitter's text: only the end of a function is a brace that begins a line.
func functionTexts(s string) []string {
	texts := strings.SplitAfter(s, "\n}\n")
	return texts[:len(texts)-1]
}

func functionName(text string) string {
	_, text, _ = strings.Cut("\n"+text, "\nfunc ")
	name, _, _ := strings.Cut(text, "(")
	return name
}

var functionNames = regexp.MustCompile(`\b(?:F|mk|made|Th|Bm)[0-9]+\b`)

// calleesFirst sorts functions, as far as calls are no circle, and finds the names that each mentions.
func calleesFirst(functions []string) (order []string, names map[string][]string) {
	texts := map[string]string{}
	for _, f := range functions {
		texts[functionName(f)] = f
	}
	names = map[string][]string{}
	var visit func(f string)
	visit = func(f string) {
		if _, seen := names[f]; f == "" || seen {
			return
		}
		names[f] = functionNames.FindAllString(f, -1)
		for _, n := range names[f] {
			visit(texts[n])
		}
		order = append(order, f)
	}
	for _, f := range functions {
		visit(f)
	}
	return order, names
}
