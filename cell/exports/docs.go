package exports

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed docs.zip
var docs []byte

// Builtin is the path of the package that documents the names which need no import.
const Builtin = "builtin"

// Docs are the comments of a package's names.
type Docs map[string]string

// ReadDocs reads the comments of a package by its real path; there are none for a package that is not in the archive. Reading is
// quick enough (net/http 2.5 ms) that nothing need be kept.
func ReadDocs(path string) (Docs, error) {
	r, err := zip.NewReader(bytes.NewReader(docs), int64(len(docs)))
	if err != nil {
		return nil, fmt.Errorf("read the embedded comments: %w", err)
	}
	for _, f := range r.File {
		if f.Name == path {
			return readDocs(f)
		}
	}
	return nil, nil
}

func readDocs(f *zip.File) (Docs, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("comments of %s: %w", f.Name, err)
	}
	defer r.Close()
	var d Docs
	if err := json.NewDecoder(r).Decode(&d); err != nil {
		return nil, fmt.Errorf("comments of %s: %w", f.Name, err)
	}
	return d, nil
}

// Package is the comment of the package itself.
func (d Docs) Package() string { return d[""] }

// Name is the comment of a function, type, constant or variable.
func (d Docs) Name(name string) string { return d[name] }

// Member is the comment of a method or a field of a type.
func (d Docs) Member(typeName, name string) string { return d[typeName+"."+name] }

// Signature is how a predeclared function is declared in the package Builtin.
func (d Docs) Signature(name string) string { return d["func "+name] }
