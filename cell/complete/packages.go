package complete

import (
	"go/token"
	"strings"

	"github.com/joey-go/joey/cell/check"
)

// paths proposes import paths, if the string that the cursor is in is that of an import.
func (c *completer) paths() {
	cur := c.cursor
	chunk := cur.chunk()
	if cur.tokens[cur.at].tok != token.STRING || chunk >= len(cur.tokens) || cur.tokens[chunk].tok != token.IMPORT {
		return
	}
	start := cur.tokens[cur.at].from + 1
	end := c.from + len(c.typed)
	c.from, c.typed = start, cur.src[start:end]
	for _, path := range c.scope.Importable() {
		if begins(path, c.typed) {
			c.add(Item{Label: path, Kind: Path, Type: "package " + check.PackageName(path)})
		} else if base := path[strings.LastIndexByte(path, '/')+1:]; c.typed != "" && begins(base, c.typed) {
			c.items = append(c.items, Item{Label: path, Text: path, Kind: Path, Type: "package " + check.PackageName(path), order: 1})
		}
	}
}

// packages proposes packages that can be imported, once a letter of their name is there.
func (c *completer) packages() {
	if c.typed == "" {
		return
	}
	for _, path := range c.scope.Importable() {
		if name := check.PackageName(path); !c.seen[name] {
			c.add(Item{Label: name, Kind: Package, Type: quote(path), Import: path, order: importable})
		}
	}
}

// notImported proposes the names of the packages that are called name, and brings their import along where there is room for it:
// before a statement or declaration of the cell whose first line this is.
func (c *completer) notImported(name string) {
	insert := c.extend()
	for _, path := range c.scope.Importable() {
		if check.PackageName(path) != name {
			continue
		}
		p, err := c.scope.Import(path)
		if err != nil {
			continue
		}
		n := len(c.items)
		c.exported(p, path)
		for i := range c.items[n:] {
			if item := &c.items[n+i]; insert {
				item.Text = "import " + quote(path) + "\n" + item.Text
			}
		}
	}
}

// extend lets the completions replace what stands on the line from the beginning of the statement, true if there is nothing
// else before. Front ends insert text in one place only, and this is the nearest to the cursor that an import can have.
func (c *completer) extend() bool {
	start := c.from
	if chunk := c.cursor.chunk(); chunk < len(c.cursor.tokens) {
		start = min(start, c.cursor.tokens[chunk].from)
	}
	before := c.cursor.src[start:c.from]
	if strings.Contains(before, "\n") {
		return false
	}
	c.from, c.before = start, before
	return true
}
