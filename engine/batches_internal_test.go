package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// session answers with its input, and notes how many rows it was asked each time.
type session struct {
	pipeline.Session
	asked []int64
	fails int64 // the value of a row for which it fails
	rows  int64 // of its answer, if it is not a row for each
}

func (s *session) Run(_ context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	s.asked = append(s.asked, in[0].Shape[0])
	for _, v := range in[0].Data.([]int64) {
		if v == s.fails {
			return nil, errors.New("it is odd")
		}
	}
	if s.rows > 0 {
		return []tensor.Named{{Name: "y", Tensor: in[0].Rows(0, s.rows)}}, nil
	}
	return []tensor.Named{{Name: "y", Tensor: in[0]}}, nil
}

func TestBatches(t *testing.T) {
	t.Parallel()
	x := tensor.Tensor{Type: tensor.Int64, Shape: []int64{7}, Data: []int64{1, 2, 3, 4, 5, 6, 7}}
	s := &session{fails: -1}
	out, err := newBatches(s, 3, 1, new(crew)).Run(t.Context(), []tensor.Tensor{x})
	require.NoError(t, err)
	require.Equal(t, []tensor.Named{{Name: "y", Tensor: x}}, out)
	require.Equal(t, []int64{3, 3, 1}, s.asked)

	s = &session{fails: 5}
	_, err = newBatches(s, 3, 1, new(crew)).Run(t.Context(), []tensor.Tensor{x})
	require.EqualError(t, err, "row 4: it is odd")
	require.Equal(t, []int64{3, 3, 1, 2, 1}, s.asked)

	_, err = newBatches(&session{rows: 1}, 3, 1, new(crew)).Run(t.Context(), []tensor.Tensor{x})
	require.EqualError(t, err, `output "y" has the shape [1] for 3 rows: with a batch size it needs a row for each`)

	s = &session{fails: -1}
	other := tensor.Tensor{Type: tensor.Int64, Shape: []int64{1}, Data: []int64{1}}
	for _, in := range [][]tensor.Tensor{{x, other}, {x, {Type: tensor.Int64, Data: []int64{1}}}, {x.Rows(0, 3)}} {
		_, err = newBatches(s, 3, 1, new(crew)).Run(t.Context(), in)
		require.NoError(t, err)
	}
	require.Equal(t, []int64{7, 7, 3}, s.asked, "what cannot be split, or need not, goes as it is")
}

// crowd answers as session does, and may be asked by several goroutines: each waits until as many are there.
type crowd struct {
	pipeline.Session
	together sync.WaitGroup
	fails    func(row int64) bool
}

func (c *crowd) Run(_ context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	c.together.Done()
	c.together.Wait()
	for _, v := range in[0].Data.([]int64) {
		if c.fails(v) {
			return nil, fmt.Errorf("it does not like %d", v)
		}
	}
	return []tensor.Named{{Name: "y", Tensor: in[0]}}, nil
}

func counted(rows, width int64) tensor.Tensor {
	data := make([]int64, rows*width)
	for i := range data {
		data[i] = int64(i) / width
	}
	return tensor.Tensor{Type: tensor.Int64, Shape: []int64{rows, width}, Data: data}
}

func TestPartsRunAtTheSameTimeWhereItPays(t *testing.T) {
	t.Parallel()
	const rows = 1000
	in := []tensor.Tensor{counted(rows, 2)}
	for took, together := range map[time.Duration]int{ // of a row
		time.Nanosecond: 1, 90 * time.Nanosecond: 1, 110 * time.Nanosecond: 2, time.Millisecond: 4,
	} {
		c := &crowd{fails: func(int64) bool { return false }}
		c.together.Add(together) // more calls than that would be a panic, fewer a deadlock
		b := newBatches(c, 0, 4, new(crew))
		b.pace.note(false, rows, fixed+rows*took)
		out, err := b.Run(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, in[0], out[0].Tensor, "in the order of the rows")
	}
	small := newBatches(nil, 0, 4, new(crew))
	for range some {
		small.pace.note(false, 10, fixed)
	}
	require.EqualValues(t, rows, small.part(rows, in), "a call takes as long for few rows as for none")
	size := newBatches(nil, 0, 4, new(crew)).part(1<<20, []tensor.Tensor{{Shape: []int64{1 << 20, 29}}})
	require.InEpsilon(t, cached/29, size, 0.01, "as many rows as a cache has room for")
}

// Processors that have more to do make parts wait for each other.
func TestPartsThatWereNoQuickerTogetherAreOneAndTriedAgain(t *testing.T) {
	t.Parallel()
	const rows = 1000
	in, b := []tensor.Tensor{counted(rows, 2)}, newBatches(nil, 0, 4, new(crew))
	b.pace.note(false, rows, time.Millisecond)
	for range few {
		require.EqualValues(t, rows/4, b.part(rows, in), "nobody knows yet")
		b.pace.note(true, rows, 1100*time.Microsecond)
	}
	var tried []int
	for i := range 256 {
		if b.part(rows, in) < rows {
			tried = append(tried, i)
		}
	}
	require.Len(t, tried, 8)
	for _, first := range []int{0, 4} {
		require.Equal(t, tried[first]+3, tried[first+3], "in a row")
	}
	for range some {
		b.pace.note(true, rows, 700*time.Microsecond)
	}
	require.EqualValues(t, rows/4, b.part(rows, in))
	b.pace.note(true, rows, time.Second)
	require.EqualValues(t, rows/4, b.part(rows, in), "what is far off counts little")
}

func TestAPartThatFailsNamesItsRow(t *testing.T) {
	t.Parallel()
	for _, bad := range []int64{0, 1, 499, 500, 998, 999} {
		s := &session{fails: bad}
		b := newBatches(s, 0, 1, new(crew))
		b.pace.note(false, 1000, time.Second)
		_, err := b.Run(t.Context(), []tensor.Tensor{counted(1000, 3)})
		require.EqualError(t, err, fmt.Sprintf("row %d: it is odd", bad))
		require.Less(t, len(s.asked), 30)
	}
}

func TestAPanicInAPartReachesTheCaller(t *testing.T) {
	t.Parallel()
	c := &crowd{fails: func(row int64) bool { panic(fmt.Sprint("at ", row)) }}
	c.together.Add(2)
	b := newBatches(c, 500, 2, new(crew))
	require.Panics(t, func() { _, _ = b.Run(t.Context(), []tensor.Tensor{counted(1000, 1)}) })
}

func TestWhoComesTooLateTakesNoPart(t *testing.T) {
	t.Parallel()
	s := &session{fails: 5}
	c := new(crew)
	c.awake.Store(1) // one who never looks
	w := &parts{batches: newBatches(s, 2, 2, c), in: []tensor.Tensor{counted(10, 1)}, rows: 10, size: 2, answers: make([][]tensor.Named, 5), errs: make([]error, 5)}
	w.ended.L = &w.mu
	w.run(t.Context())
	asked := len(s.asked)
	require.Equal(t, 3, asked, "the third part fails, so the fourth is not begun")
	w.work(t.Context())
	require.Len(t, s.asked, asked)
	require.NoError(t, w.errs[3])
}
