package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// StreamOption is a setting of [Pipeline.InferStream]: [RowsAtOnce], [Again].
type StreamOption struct {
	set func(*stream)
}

// RowsAtOnce sets how many rows a request of a stream has; by default as many as have some 260,000 values, 8192 at most, and
// no more than the pipeline's [BatchLimit]. A request goes to one model of a split: where each row is to choose for itself, it is 1.
func RowsAtOnce(n int) StreamOption {
	return StreamOption{func(s *stream) {
		s.rows = n
		if n < 1 {
			s.fault = fmt.Errorf("RowsAtOnce is %d: it is at least 1", n)
		}
	}}
}

// Again goes through a file once more whose rows the log has, after the pipeline was given other models, say. The name stands for this time:
// a call with it goes on where one with it was interrupted, and asks nothing where that had come to the end.
func Again(name string) StreamOption {
	return StreamOption{func(s *stream) {
		s.run = name
		if name == "" {
			s.fault = errors.New("Again needs a name, by which the same call can go on after an interrupt")
		}
	}}
}

// stream is a call of InferStream.
type stream struct {
	rows  int
	run   string
	fault error
}

// InferStream asks the pipeline with all rows of a file that may be larger than memory, of Arrow, Parquet or CSV as [Pipeline.InferFromFile]
// takes them, in one request after another. The answers are in the log.
//
// Each row is in the log once, whatever happens on the way: an interrupt, an error, the end of the process. The same call asks with the rows
// that are not there yet, also in another process, and after another Deploy with the models of that; when all are there, with none. The file is
// known by its content, wherever it lies; [Again] asks with its rows anew, and so does the same call with those that [KeepLogs] has removed. Two
// calls cannot be at work on one file of one pipeline.
//
// A line of progress says how far it is. A part that fails ends it; the error says which rows those were, and counts rows inside the part
// from 0. What was done until then is in the result, which comes with an error too. Numbers of a CSV have the type that all rows of their
// column fit.
func (p *Pipeline) InferStream(path string, opts ...StreamOption) (*StreamResult, error) {
	var s stream
	for _, o := range opts {
		o.set(&s)
	}
	if s.fault != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.Name(), s.fault)
	}
	ctx, line := p.client.context(), newStreamLine(p.client.progress, filepath.Base(path))
	r := &StreamResult{file: path}
	err := line.end(p.stream(ctx, s, r, line.update))
	if err != nil {
		if err = entityError(err); r.rows > 0 {
			err = fmt.Errorf("%w; %d of %d rows are in the log: the same call goes on with the others", err, r.before+r.now, r.rows)
		}
	}
	return r, err
}

func (p *Pipeline) stream(ctx context.Context, o stream, r *StreamResult, update func(done, rows int64)) (err error) {
	start := time.Now()
	defer func() { r.took = time.Since(start) }()
	s, err := p.client.engine.OpenStream(ctx, p.snapshot(), r.file, o.run, o.rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close(ctx)) }()
	r.rows, r.before = s.Rows(), s.Logged()
	for {
		update(r.before+r.now, r.rows)
		entry, err := s.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.now += entry.Part.To - entry.Part.From
		r.requests++
	}
}

// StreamResult is what [Pipeline.InferStream] has done.
type StreamResult struct {
	file              string
	rows, before, now int64
	requests          int
	took              time.Duration
}

// Rows is how many rows the file has.
func (r *StreamResult) Rows() int64 { return r.rows }

// Before is how many of them the log had from earlier calls, and Asked how many were asked in this one.
func (r *StreamResult) Before() int64 { return r.before }

// Asked is how many rows were asked in this call: see [StreamResult.Before].
func (r *StreamResult) Asked() int64 { return r.now }

// Requests is how many requests they were.
func (r *StreamResult) Requests() int { return r.requests }

// Took is how long the call took, with reading the file.
func (r *StreamResult) Took() time.Duration { return r.took }

// String says it on one line.
func (r *StreamResult) String() string {
	text := fmt.Sprintf("%s: %d of %d rows asked in %d requests, %v", r.file, r.now, r.rows, r.requests, r.took.Round(time.Millisecond))
	if r.before > 0 {
		text += fmt.Sprintf("; %d were in the log before", r.before)
		if r.before == r.rows {
			text += ", and Again asks anew"
		}
	}
	return text
}

// streamLine is a line of progress that is written over, as terminals and notebooks do at a carriage return.
type streamLine struct {
	to    io.Writer
	file  string
	next  time.Time // to write
	text  string
	width int
}

// between is how often the line changes: what is shown is kept in the notebook.
const between = 250 * time.Millisecond

func newStreamLine(to io.Writer, file string) *streamLine {
	l := &streamLine{to: to, file: file}
	l.write(fmt.Sprintf("Streaming %s: reading it through", file))
	return l
}

func (l *streamLine) update(done, rows int64) {
	l.text = fmt.Sprintf("Streaming %s: %d of %d rows, %d %%", l.file, done, rows, done*100/max(1, rows))
	if now := time.Now(); !now.Before(l.next) {
		l.write(l.text)
		l.next = now.Add(between)
	}
}

func (l *streamLine) write(text string) {
	fmt.Fprintf(l.to, "\r%s%s", text, strings.Repeat(" ", max(0, l.width-len(text))))
	l.width = len(text)
}

func (l *streamLine) end(err error) error {
	how := " ok"
	if err != nil {
		how = " failed"
	}
	if l.text == "" {
		l.text = fmt.Sprintf("Streaming %s:", l.file)
	}
	l.write(l.text + how)
	fmt.Fprintln(l.to)
	return err
}
