package main

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// upgrades is an interface and what compiled code looks for in its values besides: io.Copy asks a Reader for WriteTo. A
// value must have these methods in compiled code if it has them, and must not if it has not: there is a struct for each set.
type upgrades struct {
	base    string
	choices [][]string // of each at most one; interfaces of the package, of "path.Name", or literals
}

var upgraded = map[string][]upgrades{
	"io": {
		{"Reader", [][]string{{"WriterTo"}, {"Closer"}, {"Seeker"}, {
			"ByteReader", "ByteScanner", "RuneReader", "RuneScanner",
			"interface{ ByteReader; RuneReader }", "interface{ ByteScanner; RuneScanner }",
		}}},
		{"Writer", [][]string{{"ReaderFrom"}, {"Closer"}, {"Seeker"}, {"StringWriter"}, {"ByteWriter"}, {"interface{ Flush() error }"}}},
	},
	"net/http": {
		{"ResponseWriter", [][]string{
			{"Flusher"}, {"Hijacker"}, {"io.ReaderFrom"}, {"io.StringWriter"}, {"interface{ Unwrap() ResponseWriter }"},
		}},
	},
	"io/fs": {
		{"FS", [][]string{{"ReadFileFS"}, {"ReadDirFS"}, {"StatFS"}, {"GlobFS"}, {"SubFS"}}},
		{"File", [][]string{{"ReadDirFile"}, {"io.Seeker"}, {"io.ReaderAt"}}},
	},
	"flag":      {{"Value", [][]string{{"interface{ IsBoolFlag() bool }"}, {"Getter"}}}},
	"math/rand": {{"Source", [][]string{{"Source64"}}}},
}

// upgrade writes the structs for all sets of methods, under their sorted names: "_Close+Read".
func (f *file) upgrade(load func(path string) (*types.Package, error)) error {
	for _, u := range upgraded[f.pkg.Path()] {
		sets := [][]types.Type{{f.pkg.Scope().Lookup(u.base).Type()}}
		for _, choice := range u.choices {
			for _, have := range sets {
				for _, expr := range choice {
					t, err := f.interfaceOf(expr, load)
					if err != nil {
						return fmt.Errorf("upgrade %s of %s.%s: %w", expr, f.pkg.Path(), u.base, err)
					}
					sets = append(sets, append(slices.Clip(have), t))
				}
			}
		}
		for _, set := range sets {
			f.wrapSet(types.NewInterfaceType(nil, set).Complete())
		}
	}
	return nil
}

func (f *file) interfaceOf(expr string, load func(path string) (*types.Package, error)) (types.Type, error) {
	pkg := f.pkg
	if path, name, ok := strings.Cut(expr, "."); ok {
		other, err := load(path)
		if err != nil {
			return nil, err
		}
		pkg, expr = other, name
	}
	tv, err := types.Eval(token.NewFileSet(), pkg, token.NoPos, expr)
	return tv.Type, err
}

func (f *file) wrapSet(i *types.Interface) {
	var names []string
	for m := range i.Methods() {
		names = append(names, m.Name())
	}
	slices.Sort(names)
	f.wrap("_"+ident(f.pkg.Path())+"_set_"+strings.Join(names, "_"), "_"+strings.Join(names, "+"), i)
}
