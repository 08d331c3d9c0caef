package cell

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/joey-go/joey/cell/interp"
	"github.com/joey-go/joey/cell/interp/closure"
	"github.com/joey-go/joey/cell/interp/yaegi"
	"github.com/joey-go/joey/cell/rt"
)

// EngineVariable is the environment variable that names the engine of sessions whose options name none.
const EngineVariable = "JOEY_ENGINE"

// Engines are the names of what can run cells, the default first.
func Engines() []string { return []string{"yaegi", "closure"} }

// EngineName is the engine that a session with this option has: "" stands for the one that the environment names, and else for the default.
func EngineName(option string) (string, error) {
	from := ""
	if option == "" {
		option, from = os.Getenv(EngineVariable), EngineVariable+": "
	}
	if option == "" {
		return Engines()[0], nil
	}
	if !slices.Contains(Engines(), option) {
		return "", fmt.Errorf("%sno engine is named %q; there are %s", from, option, strings.Join(Engines(), " and "))
	}
	return option, nil
}

// engine is what a session needs of its engine.
type engine interface {
	interp.Engine
	Runtime() *rt.Runtime
	Interrupt()
}

func newEngine(name string, s rt.Symbols, h rt.Hooks) engine {
	if name == "closure" {
		return closure.New(closure.Options{Symbols: s, Hooks: h})
	}
	return yaegi.New(yaegi.Options{Symbols: s, Hooks: h})
}
