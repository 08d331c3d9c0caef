package interp_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/cell/lower"
	"github.com/joey-go/joey/cell/rt"
)

// TestGoroutines runs a program of goroutines that check their own sums, in another selection for each seed, with both engines at the same
// time. It means most under the race detector: JOEY_GOROUTINES=1h go test -race ./cell/interp -run TestGoroutines -timeout 2h
// goes on for so long, from a seed that the date chooses. One in four is interrupted somewhere.
func TestGoroutines(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/goroutines/main.go")
	require.NoError(t, err)
	seed, until, rounds := 1, time.Now(), 0
	if long := os.Getenv("JOEY_GOROUTINES"); long != "" {
		d, err := time.ParseDuration(long)
		require.NoError(t, err)
		seed, until = int(until.Unix()), until.Add(d)
	}
	for ; rounds < 2 || time.Now().Before(until); rounds++ {
		program := strings.Replace(string(src), "const seed = 1\n", fmt.Sprintf("const seed = %d\n", seed+rounds), 1)
		var wg sync.WaitGroup
		for name, start := range engines {
			wg.Go(func() {
				assert.NoError(t, runGoroutines(t.Context(), start, program, seed+rounds), "%s, seed %d", name, seed+rounds)
			})
		}
		wg.Wait()
		if t.Failed() {
			break
		}
	}
	t.Logf("%d rounds from seed %d", rounds, seed)
}

// runGoroutines runs the program of a seed: nil if it ended as it should.
func runGoroutines(ctx context.Context, start func(rt.Hooks) engine, src string, seed int) error {
	failed := make(chan *rt.Failure, 1)
	engine := start(rt.Hooks{Failed: func(f *rt.Failure) {
		select {
		case failed <- f:
		default:
		}
	}})
	p, err := loadProgram("main.go", src)
	if err != nil {
		return err
	}
	low, err := lower.Build(p.typed)
	if err != nil {
		return err
	}
	unit, err := engine.Load(low)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	r := rand.New(rand.NewPCG(uint64(seed), 2))
	interrupted := r.IntN(4) == 0
	if interrupted {
		defer time.AfterFunc(time.Duration(r.IntN(100_000))*time.Microsecond, engine.Interrupt).Stop()
	}
	err = unit.Run(ctx)
	if f, ok := errors.AsType[*rt.Failure](err); ok && interrupted && f.Kind == rt.Interrupted {
		return nil // what its goroutines make of the rest is theirs
	}
	select {
	case f := <-failed:
		return errors.Join(err, f)
	default:
		return err
	}
}
