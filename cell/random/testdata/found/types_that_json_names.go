// Seed 1420: the error of a type that JSON has no form for named what the type was made of.

package main

import (
	"encoding/json"
	"fmt"
)

type named interface{ name() string }

type key struct{ K string }

type celsius int

func main() {
	for _, v := range []any{map[key][]celsius{}, map[bool]map[int]named{}, []func(celsius){}, complex(1, 2)} {
		b, err := json.Marshal(v)
		fmt.Println(string(b), err)
	}
}
