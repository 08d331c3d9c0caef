package engine

import (
	"context"
	"errors"
	"testing"

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
	out, err := batches{s, 3}.Run(t.Context(), []tensor.Tensor{x})
	require.NoError(t, err)
	require.Equal(t, []tensor.Named{{Name: "y", Tensor: x}}, out)
	require.Equal(t, []int64{3, 3, 1}, s.asked)

	s = &session{fails: 5}
	_, err = batches{s, 3}.Run(t.Context(), []tensor.Tensor{x})
	require.EqualError(t, err, "rows 3 to 5: it is odd")
	require.Equal(t, []int64{3, 3}, s.asked)

	_, err = batches{&session{rows: 1}, 3}.Run(t.Context(), []tensor.Tensor{x})
	require.EqualError(t, err, `output "y" has the shape [1] for 3 rows: with a batch size it needs a row for each`)

	s = &session{fails: -1}
	other := tensor.Tensor{Type: tensor.Int64, Shape: []int64{1}, Data: []int64{1}}
	for _, in := range [][]tensor.Tensor{{x, other}, {x, {Type: tensor.Int64, Data: []int64{1}}}, {x.Rows(0, 3)}} {
		_, err = batches{s, 3}.Run(t.Context(), in)
		require.NoError(t, err)
	}
	require.Equal(t, []int64{7, 7, 3}, s.asked, "what cannot be split, or need not, goes as it is")
}
