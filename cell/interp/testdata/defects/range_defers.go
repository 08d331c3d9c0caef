// What only the bodies of ranges over functions defer.
package main

import "fmt"

var saved []int

func save(i int) { saved = append(saved, i) }

func yield4(yield func(int) bool) { _ = yield(1) && yield(2) && yield(3) && yield(4) }

func func9() {
	for _ = range yield4 {
		defer save(7)
	}
}
func func10() int {
	for i := range yield4 {
		defer save(i)
		if i == 3 {
			return 5
		}
	}
	return 1
}

func main() {
	func9()
	fmt.Println(saved)
	fmt.Println(func10())
	fmt.Println(saved)
}
