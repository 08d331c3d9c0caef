package random

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestShrink(t *testing.T) {
	t.Parallel()
	src := `package main

import (
	"fmt"
	"strings"
)

func upper(s string) string { return strings.ToUpper(s) }

func other() int {
	x, y := 1, 2
	return x + y
}

func main() {
	a, b := upper("a"), other()
	for i := range 3 {
		if i > b {
			fmt.Println(a)
		}
	}
	c := 7
	fmt.Println("needle", c)
}
`
	got := Shrink([]byte(src), func(b []byte) bool { return strings.Contains(string(b), "needle") })
	assert.Equal(t, `package main

import (
	"fmt"
)

func main() {
	c := 7
	fmt.Println("needle", c)
}
`, string(got))
}
