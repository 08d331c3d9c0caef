package pipeline_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// guests deploys a champion with three challengers, of which the middle one is given. Answers wait a second for each.
func guests(t *testing.T, middle *fake) (*pipeline.Deployed, fakes) {
	t.Helper()
	return guestsWith(t, pipeline.Options{ChallengerTimeout: time.Second}, middle)
}

func guestsWith(t *testing.T, o pipeline.Options, middle *fake) (*pipeline.Deployed, fakes) {
	t.Helper()
	models := fakes{"champion": {input: float(-1, 2)}, "a": {input: float(-1, 2)}, "b": middle, "c": {input: float(-1, 2)}}
	d := pipeline.Shadow(named("champion"), named("a"), named("b"), named("c")).WithOptions(o)
	p, err := pipeline.Open(t.Context(), d, models.load, nil)
	require.NoError(t, err)
	return p, models
}

func sum() []tensor.Named { return []tensor.Named{field("sum", tensor.Float32, []float32{3}, 1)} }

func TestAHangingChallengerCostsItsTimeAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := false
		p, _ := guests(t, &fake{input: float(-1, 2), under: func(ctx context.Context) ([]tensor.Named, error) {
			if hang {
				<-ctx.Done() // as ONNX Runtime, which stops between two operators
				return nil, ctx.Err()
			}
			return sum(), nil
		}})
		hang = true
		for range 3 {
			start := time.Now()
			entry, err := p.Run(t.Context(), request(1, 2))
			require.NoError(t, err)
			require.Equal(t, time.Second, time.Since(start))
			require.Equal(t, sum(), entry.Outputs)
			require.Equal(t, sum(), entry.Shadow[0].Outputs)
			require.Equal(t, "b", entry.Shadow[1].Model.Name)
			require.Equal(t, "v-b", entry.Shadow[1].Model.Version)
			require.Equal(t, "it took longer than the 1s that a challenger has", entry.Shadow[1].Err)
			require.Equal(t, time.Second, entry.Shadow[1].Elapsed)
			require.Nil(t, entry.Shadow[1].Outputs)
			require.Equal(t, sum(), entry.Shadow[2].Outputs, "who comes after it is asked")
			synctest.Wait()
		}
		hang = false
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, sum(), entry.Shadow[1].Outputs, "it is asked again when it is back")
		require.NoError(t, p.Close())
	})
}

func TestAChallengerThatCannotBeStoppedIsLeftAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, release := false, make(chan struct{})
		p, models := guests(t, &fake{input: float(-1, 2), under: func(context.Context) ([]tensor.Named, error) {
			time.Sleep(2 * time.Millisecond) // not quick
			if hang {
				<-release
			}
			return sum(), nil
		}})
		hang = true
		start := time.Now()
		_, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(start))
		start = time.Now()
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Zero(t, time.Since(start), "it delays one request and not the next")
		require.Equal(t, "it is not back from an earlier request, which was given up", entry.Shadow[1].Err)
		require.Equal(t, sum(), entry.Shadow[2].Outputs)
		require.EqualValues(t, 2, models["b"].runs.Load())
		require.NoError(t, p.Close(), "a redeployment does not wait for it")
		require.True(t, models["a"].closed.Load())
		require.False(t, models["b"].closed.Load(), "what runs is not released")
		close(release)
		synctest.Wait()
		require.True(t, models["b"].closed.Load())
	})
}

// Requests use the memory of earlier ones, but not of one whose challenger is still at work.
func TestWhatAChallengerSeesStaysAsLongAsItRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, release, kept := false, make(chan struct{}), false
		p, _ := guests(t, &fake{input: float(-1, 2), sees: func(in []tensor.Tensor) {
			time.Sleep(2 * time.Millisecond) // not quick
			if hang {
				before := slices.Clone(in)
				<-release
				kept = assert.ObjectsAreEqual(before, in)
			}
		}})
		hang = true
		_, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		for range 10 {
			_, err = p.Run(t.Context(), request(3, 4))
			require.NoError(t, err)
		}
		close(release)
		synctest.Wait()
		require.True(t, kept)
	})
}

// asleep is a model that takes as long as a request says, by its number of rows; 2 ms, which is not quick, are the least.
func asleep(takes func(rows int) time.Duration) *fake {
	f := &fake{input: float(-1, 2)}
	f.under = func(ctx context.Context) ([]tensor.Named, error) {
		f.mu.Lock()
		rows := int(f.got[0].Shape[0])
		f.mu.Unlock()
		select {
		case <-time.After(max(2*time.Millisecond, takes(rows))):
			return sum(), nil
		case <-ctx.Done(): // as ONNX Runtime, which stops between two operators
			return nil, ctx.Err()
		}
	}
	return f
}

func rows(n int) tensor.Input {
	return tensor.Input{Fields: []tensor.Named{field("x", tensor.Float64, make([]float64, 2*n), int64(n), 2)}}
}

const stillRan = "it was given up: it still ran after 500ms, and the answer did not wait longer"

// Without a ChallengerTimeout of its own an answer does not wait until the default one for what hangs.
func TestAnAnswerDoesNotWaitForAChallengerThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		takes := time.Duration(0)
		p, models := guestsWith(t, pipeline.Options{}, asleep(func(int) time.Duration { return takes }))
		takes = time.Hour
		for range 2 {
			start := time.Now()
			entry, err := p.Run(t.Context(), request(1, 2))
			require.NoError(t, err)
			require.Equal(t, 500*time.Millisecond, time.Since(start))
			require.Equal(t, sum(), entry.Outputs)
			require.Equal(t, sum(), entry.Shadow[0].Outputs)
			require.Equal(t, stillRan, entry.Shadow[1].Err)
			require.Equal(t, 500*time.Millisecond, entry.Shadow[1].Elapsed)
			require.Nil(t, entry.Shadow[1].Outputs)
			require.Equal(t, sum(), entry.Shadow[2].Outputs, "who comes after it is asked")

			start = time.Now()
			entry, err = p.Run(t.Context(), request(1, 2))
			require.NoError(t, err)
			require.Zero(t, time.Since(start), "it delays one request and not the next")
			require.Equal(t, "it is not back from an earlier request, which was given up", entry.Shadow[1].Err)
			time.Sleep(5 * time.Second) // it is stopped after as long
			synctest.Wait()
		}
		takes = 0
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, sum(), entry.Shadow[1].Outputs, "it is asked again when it is back")

		takes = time.Hour
		_, err = p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		start := time.Now()
		require.NoError(t, p.Close())
		synctest.Wait()
		require.True(t, models["b"].closed.Load(), "what was given up is stopped by Close")
		require.Zero(t, time.Since(start))
	})
}

// What was given up and came back in time is known to take so long.
func TestAChallengerThatHasBecomeSlowIsWaitedForAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		takes := time.Duration(0)
		p, _ := guestsWith(t, pipeline.Options{}, asleep(func(int) time.Duration { return takes }))
		takes = 600 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		entry, err := p.Run(ctx, request(1, 2))
		require.NoError(t, err)
		require.Equal(t, stillRan, entry.Shadow[1].Err)
		cancel() // the end of the cell that asked is not that of the call
		time.Sleep(takes)
		synctest.Wait()
		start := time.Now()
		entry, err = p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, sum(), entry.Shadow[1].Outputs)
		require.Equal(t, takes, time.Since(start))
		takes = time.Hour
		entry, err = p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, "it was given up: it still ran after 4.8s, and the answer did not wait longer", entry.Shadow[1].Err)
		require.NoError(t, p.Close())
	})
}

func TestAnAnswerWaitsLongerForMoreRowsAndBehindASlowChampion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		byRows := func(rows int) time.Duration { return time.Duration(rows) * 2 * time.Millisecond }
		p, _ := guestsWith(t, pipeline.Options{}, asleep(byRows))
		entry, err := p.Run(t.Context(), rows(500)) // a row took 2 ms, so these may take 5 s
		require.NoError(t, err)
		require.Empty(t, entry.Shadow[1].Err)
		require.Equal(t, time.Second, entry.Shadow[1].Elapsed)
		require.NoError(t, p.Close())

		champion, challenger := time.Duration(0), time.Duration(0)
		models := fakes{"champion": asleep(func(int) time.Duration { return champion }), "a": asleep(func(int) time.Duration { return challenger })}
		p, err = pipeline.Open(t.Context(), pipeline.Shadow(named("champion"), named("a")), models.load, nil)
		require.NoError(t, err)
		champion, challenger = 100*time.Millisecond, 799*time.Millisecond // all is slow, as where many processes run
		entry, err = p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Empty(t, entry.Shadow[0].Err)
		require.NoError(t, p.Close())
	})
}

// Requests that come together take longer, since they share the processors.
func TestAnAnswerWaitsLongerWhereManyAreAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		takes := 20 * time.Millisecond
		p, _ := guestsWith(t, pipeline.Options{}, asleep(func(int) time.Duration { return takes }))
		takes *= 64
		var group sync.WaitGroup
		for range 64 {
			group.Go(func() {
				entry, err := p.Run(t.Context(), request(1, 2))
				assert.NoError(t, err)
				assert.Empty(t, entry.Shadow[1].Err)
			})
		}
		group.Wait()
		require.NoError(t, p.Close())
	})
}

// Who is asked beside a slow challenger, or behind it, has no more time for that.
func TestAHangingChallengerHasItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := time.Second, time.Duration(0)
		models := fakes{"champion": {input: float(-1, 2)}, "a": asleep(func(int) time.Duration { return a }), "b": asleep(func(int) time.Duration { return b })}
		p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("champion"), named("a"), named("b")), models.load, nil)
		require.NoError(t, err)
		b = time.Hour
		start := time.Now()
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Empty(t, entry.Shadow[0].Err)
		require.Equal(t, stillRan, entry.Shadow[1].Err)
		took := time.Second
		if runtime.GOMAXPROCS(0) == 1 {
			took += 500 * time.Millisecond
		}
		require.Equal(t, took, time.Since(start))
		require.NoError(t, p.Close())
	})
}

// A goroutine for each pays where they are known to take long, and only as many run at once as there are processors.
func TestChallengersThatTakeLongAreAskedAtTheSameTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const takes, count = 300 * time.Millisecond, 5
		models, challengers := fakes{"champion": {input: float(-1, 2)}}, []pipeline.Model{}
		for i := range count {
			name := string(rune('a' + i))
			models[name], challengers = asleep(func(int) time.Duration { return takes }), append(challengers, named(name))
		}
		start := time.Now()
		p, err := pipeline.Open(t.Context(), pipeline.Shadow(named("champion"), challengers...), models.load, nil)
		require.NoError(t, err)
		require.Equal(t, count*takes, time.Since(start), "nothing is known of them at first")
		start = time.Now()
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		processors := min(count, runtime.GOMAXPROCS(0))
		require.Equal(t, time.Duration((count+processors-1)/processors)*takes, time.Since(start))
		for i, s := range entry.Shadow {
			require.Equal(t, string(rune('a'+i)), s.Model.Name)
			require.Equal(t, sum(), s.Outputs)
			require.Equal(t, takes, s.Elapsed)
		}
		require.NoError(t, p.Close())
	})
}

// One that was quick is asked in line, and is stopped there.
func TestAQuickChallengerThatHangsIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := false
		p, _ := guestsWith(t, pipeline.Options{}, &fake{input: float(-1, 2), under: func(ctx context.Context) ([]tensor.Named, error) {
			if hang {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return sum(), nil
		}})
		hang = true
		start := time.Now()
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, 500*time.Millisecond, time.Since(start))
		require.Equal(t, stillRan, entry.Shadow[1].Err)
		require.Equal(t, sum(), entry.Shadow[2].Outputs)
		require.NoError(t, p.Close())
	})
}

// Requests that came together are given up together; what comes back first does not speak for the others.
func TestAChallengerIsAwayUntilTheLastCallIsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, release := false, make(chan struct{})
		p, models := guests(t, &fake{input: float(-1, 2), under: func(context.Context) ([]tensor.Named, error) {
			time.Sleep(2 * time.Millisecond) // not quick
			if hang {
				<-release
			}
			return sum(), nil
		}})
		hang = true
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				entry, err := p.Run(t.Context(), request(1, 2))
				assert.NoError(t, err)
				assert.Contains(t, entry.Shadow[1].Err, "longer than the 1s")
			})
		}
		group.Wait()
		release <- struct{}{}
		synctest.Wait()
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, "it is not back from an earlier request, which was given up", entry.Shadow[1].Err)
		require.NoError(t, p.Close())
		synctest.Wait()
		require.False(t, models["b"].closed.Load(), "what runs is not released")
		release <- struct{}{}
		synctest.Wait()
		require.True(t, models["b"].closed.Load())
	})
}

// Challengers that were quick before and are slow now do not share one limit.
func TestAChallengerIsNotBlamedForTheTimeOfAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := false
		takes := func(taken time.Duration) *fake {
			return &fake{input: float(-1, 2), under: func(ctx context.Context) ([]tensor.Named, error) {
				if slow {
					time.Sleep(taken)
				}
				return sum(), ctx.Err()
			}}
		}
		models := fakes{"champion": {input: float(-1, 2)}, "a": takes(900 * time.Millisecond), "b": takes(200 * time.Millisecond)}
		d := pipeline.Shadow(named("champion"), named("a"), named("b")).WithOptions(pipeline.Options{ChallengerTimeout: time.Second})
		p, err := pipeline.Open(t.Context(), d, models.load, nil)
		require.NoError(t, err)
		slow = true
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Empty(t, entry.Shadow[0].Err)
		require.Empty(t, entry.Shadow[1].Err)
		require.NoError(t, p.Close())
	})
}

// A request that is larger than those for which the challenger was quick goes to a goroutine, which can be given up.
func TestALargerRequestThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, release := false, make(chan struct{})
		p, _ := guests(t, &fake{input: float(-1, 2), under: func(context.Context) ([]tensor.Named, error) {
			if hang {
				<-release
			}
			return sum(), nil
		}})
		_, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		hang = true
		entry, err := p.Run(t.Context(), tensor.Input{Fields: []tensor.Named{field("x", tensor.Float64, make([]float64, 4), 2, 2)}})
		require.NoError(t, err)
		require.Contains(t, entry.Shadow[1].Err, "longer than the 1s")
		require.Equal(t, []float32{0}, entry.Shadow[2].Outputs[0].Tensor.Data)
		close(release)
		synctest.Wait()
		require.NoError(t, p.Close())
	})
}

func TestAChallengerThatHangsFromTheBeginningDoesNotStopADeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _ := guests(t, &fake{input: float(-1, 2), under: func(ctx context.Context) ([]tensor.Named, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		synctest.Wait()
		require.NoError(t, p.Close())
	})
}

// Nor does a champion, or one whose input has more elements than an int64 can count.
func TestAModelThatCannotBeWarmedUpDoesNotStopADeployment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := &fake{input: float(-1, 2), under: func(ctx context.Context) ([]tensor.Named, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		for _, m := range []*fake{hangs, {input: float(-1, 1<<33, 1<<30)}, {input: float(1<<32, 1<<32)}, {input: float(1 << 62)}} {
			p, err := pipeline.Open(t.Context(), pipeline.Single(named("m")), fakes{"m": m}.load, nil)
			require.NoError(t, err)
			require.NoError(t, p.Close())
		}
	})
}

func TestGarbageOfAChallengerDoesNotReachTheLog(t *testing.T) {
	t.Parallel()
	for says, outputs := range map[string][]tensor.Named{
		`output "y": shape [2] needs 2 elements, the tensor has 1`: {field("y", tensor.Float32, []float32{1}, 2)},
		`output "y": tensor data of type string`:                   {field("y", tensor.Float32, "garbage", 2)},
		`whose name "\xff" is not UTF-8`:                           {field("\xff", tensor.Float32, []float32{1}, 1)},
		"it gave more than 16777216 values":                        {field("y", tensor.Int8, make([]int8, tensor.MaxElements), tensor.MaxElements), field("z", tensor.Int8, []int8{1}, 1)},
	} {
		p, _ := guests(t, &fake{input: float(-1, 2), run: func(tensor.Tensor) ([]tensor.Named, error) { return outputs, nil }})
		entry, err := p.Run(t.Context(), request(1, 2))
		require.NoError(t, err)
		require.Equal(t, sum(), entry.Outputs)
		require.Contains(t, entry.Shadow[1].Err, says)
		require.Nil(t, entry.Shadow[1].Outputs)
	}
}

func TestAnInterruptReachesChallengers(t *testing.T) {
	t.Parallel()
	began := make(chan struct{}, 2)
	p, _ := guests(t, &fake{input: float(-1, 2), under: func(ctx context.Context) ([]tensor.Named, error) {
		select {
		case began <- struct{}{}:
			return nil, errors.New("warm")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}})
	began <- struct{}{} // full: it waits for the context from now on
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	entry, err := p.Run(ctx, request(1, 2))
	require.NoError(t, err)
	require.Equal(t, "context canceled", entry.Shadow[1].Err)
}
