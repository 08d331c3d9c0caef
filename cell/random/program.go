// Package random writes well-typed Go programs from seeds: the same seed, the same program. A program ends, always
// prints the same, and rests on nothing that Go leaves open (order of evaluation, of maps, of goroutines), so that
// whatever runs it must print what compiled Go prints. It imports the standard library only, and only tests import it.
package random

import (
	"bytes"
	"fmt"
	"go/format"
	"math/rand/v2"
	"slices"
	"strings"
)

// Program is a generated program. Its package-level names end in the seed, so that programs can share a file.
type Program struct {
	Seed    uint64
	Imports []string
	decls   string
}

// Generate writes the program of a seed; size is the number of its functions and, roughly, of statements in each.
func Generate(seed uint64, size int) Program {
	g := &generator{
		Rand:    rand.New(rand.NewPCG(seed, uint64(size))),
		suffix:  fmt.Sprintf("_%d", seed),
		imports: map[string]bool{},
		known:   map[string]*typ{},
	}
	g.program(size)
	p := Program{Seed: seed, decls: g.out.String()}
	for path := range g.imports {
		p.Imports = append(p.Imports, path)
	}
	slices.Sort(p.Imports)
	return p
}

// Source is the program as a file.
func (p Program) Source() []byte {
	return file(p.Imports, p.decls, fmt.Sprintf("main_%d()", p.Seed))
}

// Batch is one file of many programs: compiling it costs little more than compiling one. Its argument is the index of
// the program that it runs.
func Batch(programs []Program) []byte {
	imports, decls, body := []string{"os"}, "", "switch os.Args[1] {\n"
	for i, p := range programs {
		imports = append(imports, p.Imports...)
		decls += p.decls
		body += fmt.Sprintf("case %q:\nmain_%d()\n", fmt.Sprint(i), p.Seed)
	}
	slices.Sort(imports)
	return file(slices.Compact(imports), decls, body+"}")
}

// file formats a file. What cannot be parsed is returned as it is: whoever compiles it reports the error.
func file(imports []string, decls, body string) []byte {
	var b bytes.Buffer
	b.WriteString("package main\n\nimport (\n")
	for _, path := range imports {
		fmt.Fprintf(&b, "%q\n", path)
	}
	fmt.Fprintf(&b, ")\n\n%s\nfunc main() {\n%s\n}\n", strings.TrimSpace(decls), body)
	if nice, err := format.Source(b.Bytes()); err == nil {
		return nice
	}
	return b.Bytes()
}
