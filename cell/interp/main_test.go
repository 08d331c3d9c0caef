package interp_test

import (
	"fmt"
	"os"
	"testing"
	"time"
)

const (
	timeout = 10 * time.Second
	tick    = time.Millisecond
)

// programVariable names a Go file that this binary runs in place of its tests: programs end their process, and write to its
// standard output.
const (
	programVariable = "JOEY_TEST_PROGRAM"
	engineVariable  = "JOEY_TEST_ENGINE" // the engine that runs it
)

func TestMain(m *testing.M) {
	file := os.Getenv(programVariable)
	if file == "" {
		os.Exit(m.Run())
	}
	p, err := loadProgram(file, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Args = os.Args[:1]
	os.Exit(p.run(engines[os.Getenv(engineVariable)], os.Stderr))
}
