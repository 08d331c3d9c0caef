//go:build !race

package cell_test

// raceEnabled says that the race detector watches.
const raceEnabled = false
