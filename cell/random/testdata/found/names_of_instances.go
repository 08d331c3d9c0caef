// Seed 6: the name of a generic type's instance has no space after its commas.

package main

import "fmt"

type pair[K, V any] struct {
	k K
	v V
}

func main() {
	fmt.Printf("%T %#v\n", pair[int, string]{}, map[pair[int, bool]]int{{1, true}: 2})
	defer func() { fmt.Println(recover()) }()
	var x any = pair[int, pair[string, error]]{}
	fmt.Println(x.(int))
}
