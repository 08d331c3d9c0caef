package engine

import (
	"context"
	"fmt"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/tensor"
)

// batches is a model that sees only so many rows at a time: larger requests go to it in parts, one after the other, and its answers
// are put together.
type batches struct {
	pipeline.Session
	size int64
}

// Run asks with each part. Inputs whose numbers of rows differ go to the model as they are, which refuses them if they are no good.
func (b batches) Run(ctx context.Context, in []tensor.Tensor) ([]tensor.Named, error) {
	rows := int64(-1)
	for _, t := range in {
		if len(t.Shape) == 0 || rows >= 0 && t.Shape[0] != rows {
			return b.Session.Run(ctx, in)
		}
		rows = t.Shape[0]
	}
	if rows <= b.size {
		return b.Session.Run(ctx, in)
	}
	var answers [][]tensor.Tensor // of each output
	var all []tensor.Named
	for from := int64(0); from < rows; from += b.size {
		to := min(from+b.size, rows)
		part := make([]tensor.Tensor, len(in))
		for i, t := range in {
			part[i] = t.Rows(from, to)
		}
		out, err := b.Session.Run(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("rows %d to %d: %w", from, to-1, err)
		}
		if answers == nil {
			answers, all = make([][]tensor.Tensor, len(out)), out
		}
		for i, o := range out {
			if len(o.Tensor.Shape) == 0 || o.Tensor.Shape[0] != to-from {
				return nil, fmt.Errorf("output %q has the shape %v for %d rows: with a batch size it needs a row for each", o.Name, o.Tensor.Shape, to-from)
			}
			answers[i] = append(answers[i], o.Tensor)
		}
	}
	for i := range all {
		joined, err := tensor.Join(answers[i])
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", all[i].Name, err)
		}
		all[i].Tensor = joined
	}
	return all, nil
}

// splits tells whether a model's requests can be split by rows.
func (c Config) splits(s Signature) error {
	if c.BatchSize == 0 {
		return nil
	}
	one := func(d int64) bool { return d == 1 && c.BatchSize == 1 } // models that were made for single rows
	for _, f := range append(append([]Field{}, s.Inputs...), s.Outputs...) {
		if len(f.Shape) > 0 && f.Shape[0] >= 0 && !one(f.Shape[0]) {
			return fmt.Errorf("it has a batch size, and %s has not any number of rows: requests to it cannot be split", f)
		}
	}
	for _, f := range s.Inputs {
		if len(f.Shape) == 0 {
			return fmt.Errorf("it has a batch size, and its input %s has no rows", f)
		}
	}
	return nil
}
