package engine_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/joey-go/joey/engine"
	"github.com/joey-go/joey/engine/logs"
	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
	"github.com/joey-go/joey/engine/tensor"
)

// mutants is how many there are of models, or JOEY_MUTANTS.
func mutants(t *testing.T) int {
	t.Helper()
	text := os.Getenv("JOEY_MUTANTS")
	if text == "" {
		return 60
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// fate is what became of a mutant, a line from the process that has tried it.
type fate struct {
	Mutant  int
	Begun   bool   `json:",omitempty"` // nothing became of it yet
	Error   string `json:",omitempty"` // of the step that refused it
	Step    string `json:",omitempty"`
	File    string `json:",omitempty"` // of a model that has answered
	Rows    int64  `json:",omitempty"` // that it was asked
	Outputs []output
}

type output struct {
	Name  string
	Type  string
	Shape []int64
	Bits  string // of its values, as %x
}

// TestMutatedModelsAreRefusedOrAnswer uploads, deploys and asks models that were changed at random, in processes of its own: what would
// crash ends one of them, as it ends a kernel's worker, and the next goes on in the same store. Python's ONNX Runtime has to answer alike.
func TestMutatedModelsAreRefusedOrAnswer(t *testing.T) {
	const inside = "JOEY_TEST_MUTANTS"
	if text := os.Getenv(inside); text != "" {
		var job mutantJob
		require.NoError(t, json.Unmarshal([]byte(text), &job))
		job.run(t)
		return
	}
	t.Parallel()
	if os.Getenv("ONNXRUNTIME_SHARED_LIBRARY_PATH") == "" {
		t.Skip("ONNXRUNTIME_SHARED_LIBRARY_PATH is not set: run make test")
	}
	python := os.Getenv("JOEY_PYTHON")
	if python == "" {
		t.Skip("JOEY_PYTHON is not set: run make test")
	}
	job := mutantJob{Home: t.TempDir(), Models: t.TempDir(), Odd: t.TempDir(), To: mutants(t)}
	said, err := exec.CommandContext(t.Context(), python, filepath.Join("onnx", "testdata", "models.py"), job.Odd).CombinedOutput()
	require.NoError(t, err, string(said))
	var fates []fate
	var crashes []string
	for job.From < job.To {
		done, crash := job.start(t, inside)
		fates = append(fates, done...)
		if crash != "" {
			crashes = append(crashes, crash)
			fates = append(fates, fate{Mutant: job.From + len(done), Step: "crash"})
		}
		job.From += len(done) + min(len(crash), 1)
	}
	count := map[string]int{}
	for i, f := range fates {
		require.Equal(t, i, f.Mutant)
		count[f.Step]++
		require.True(t, f.Step != "" || f.File != "", "%+v", f)
	}
	t.Log(count)
	require.Empty(t, crashes)
	require.Positive(t, count["answer"])
	require.Greater(t, count["upload"], len(fates)/4)
	answersAreInTheLog(t, job.Home, fates)
	answersArePythons(t, python, job.Models, fates)
}

// mutantJob is what one process is to try.
type mutantJob struct {
	Home, Models, Odd string
	From, To          int
}

// start runs the process until it ends, and says how it crashed.
func (j mutantJob) start(t *testing.T, inside string) (done []fate, crash string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	job, err := json.Marshal(j)
	require.NoError(t, err)
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+string(job), "GOTRACEBACK=single")
	said := new(strings.Builder)
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	hung := time.AfterFunc(time.Minute, cancel) // a load cannot be stopped
	defer hung.Stop()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		hung.Reset(time.Minute)
		var f fate
		if json.Unmarshal(lines.Bytes(), &f) != nil {
			fmt.Fprintln(said, lines.Text())
		} else if !f.Begun {
			done = append(done, f)
		}
	}
	if err := cmd.Wait(); err != nil {
		return done, fmt.Sprintf("mutant %d: %v\n%.3000s", j.From+len(done), err, said)
	}
	return done, ""
}

// run tries the mutants in the process.
func (j mutantJob) run(t *testing.T) {
	limitMemory(t)
	files, err := filepath.Glob(filepath.Join("..", "models", "*.onnx"))
	require.NoError(t, err)
	odd, err := filepath.Glob(filepath.Join(j.Odd, "*.onnx"))
	require.NoError(t, err)
	files = append(files, odd...)
	e := open(t, j.Home)
	p, err := e.Registry().BuildPipeline(t.Context(), 1, "p")
	require.NoError(t, err)
	say := json.NewEncoder(os.Stdout)
	for i := j.From; i < j.To; i++ {
		require.NoError(t, say.Encode(fate{Mutant: i, Begun: true}))
		m := mutator{Rand: rand.New(rand.NewPCG(uint64(i), 20))}
		model, err := os.ReadFile(files[m.IntN(len(files))])
		require.NoError(t, err)
		file := filepath.Join(j.Models, fmt.Sprint(i, ".onnx"))
		require.NoError(t, os.WriteFile(file, m.mutant(model), 0o600))
		f := try(t, e, p, file)
		f.Mutant = i
		require.NoError(t, say.Encode(f))
	}
}

// limitMemory keeps a model that asks for terabytes from taking the machine's.
func limitMemory(t *testing.T) {
	t.Helper()
	const most = 12 << 30 // addresses, of which Go takes many without using them
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most}))
}

// try takes a model as far as it goes.
func try(t *testing.T, e *engine.Engine, p registry.Pipeline, file string) fate {
	t.Helper()
	v, _, err := e.Upload(t.Context(), 1, "m", file, nil)
	if err != nil {
		require.ErrorContains(t, err, file)
		return fate{Step: "upload", Error: err.Error()}
	}
	signature, err := e.Signature(t.Context(), v)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second) // one of the models never ends
	defer cancel()
	if _, err = e.Deploy(ctx, p, pipeline.Single(pipeline.Model{Name: v.Name, Version: v.Version, SHA: v.SHA}), func() {}); err != nil {
		return fate{Step: "deploy", Error: err.Error()}
	}
	const rows = 5
	in, err := ones(signature, rows)
	if err != nil {
		return fate{Step: "ask", Error: err.Error()}
	}
	entry, err := e.Infer(ctx, p, in)
	if err != nil {
		return fate{Step: "infer", Error: err.Error()}
	}
	f := fate{Step: "answer", File: file, Rows: rows}
	require.Len(t, entry.Outputs, len(signature.Outputs))
	for i, o := range entry.Outputs {
		require.NoError(t, o.Tensor.Validate())
		require.Equal(t, signature.Outputs[i].Name, o.Name)
		f.Outputs = append(f.Outputs, outputOf(o))
	}
	return f
}

func outputOf(o tensor.Named) output {
	return output{o.Name, o.Tensor.Type.String(), append([]int64{}, o.Tensor.Shape...), bits(o.Tensor)}
}

// ones is a request that suits the model, all ones; an error if it would be large.
func ones(s engine.Signature, rows int64) (tensor.Input, error) {
	var in tensor.Input
	for _, f := range s.Inputs {
		shape := slices.Clone(f.Shape)
		for axis, d := range shape {
			if d < 0 {
				shape[axis] = rows
			}
		}
		n, err := tensor.Elements(shape)
		if err != nil || n > 1<<20 {
			return in, fmt.Errorf("input %q of shape %v is large", f.Name, shape)
		}
		data := slices.Repeat([]float64{1}, n)
		named := tensor.Named{Name: f.Name, Tensor: tensor.Tensor{Type: tensor.Float64, Shape: shape, Data: data}}
		switch f.Type {
		case tensor.String.String():
			named.Tensor = tensor.Tensor{Type: tensor.String, Shape: shape, Data: slices.Repeat([]string{"a"}, n)}
		case tensor.Bool.String():
			named.Tensor = tensor.Tensor{Type: tensor.Bool, Shape: shape, Data: slices.Repeat([]bool{true}, n)}
		}
		in.Fields = append(in.Fields, named)
	}
	return in, nil
}

// bits are the values as Python prints them, too.
func bits(t tensor.Tensor) string {
	if t.Type == tensor.String {
		return fmt.Sprintf("%x", strings.Join(t.Data.([]string), "\n"))
	}
	var b strings.Builder
	switch data := t.Data.(type) {
	case []float32:
		for _, v := range data {
			fmt.Fprintf(&b, "%08x", math.Float32bits(v))
		}
	case []float64:
		for _, v := range data {
			fmt.Fprintf(&b, "%016x", math.Float64bits(v))
		}
	default:
		fmt.Fprint(&b, data)
	}
	return b.String()
}

// answersAreInTheLog opens the store that processes have died on.
func answersAreInTheLog(t *testing.T, home string, fates []fate) {
	t.Helper()
	e := open(t, home)
	page, err := e.Log().Query(t.Context(), logs.Query{Workspace: 1, Pipeline: "p", Order: logs.OldestFirst, Limit: math.MaxInt})
	require.NoError(t, err)
	require.Empty(t, page.Warnings)
	var answered []fate
	for _, f := range fates {
		if f.Step == "answer" {
			answered = append(answered, f)
		}
	}
	require.Len(t, page.Entries, len(answered))
	for i, entry := range page.Entries {
		for at, o := range entry.Outputs {
			require.Equal(t, answered[i].Outputs[at], outputOf(o))
		}
	}
}

// answersArePythons asks the same models the same through Python.
func answersArePythons(t *testing.T, python, models string, fates []fate) {
	t.Helper()
	file := filepath.Join(models, "fates.json")
	b, err := json.Marshal(fates)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, b, 0o600))
	out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "mutants.py"), file).Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		require.NoError(t, err, string(failed.Stderr))
	}
	require.NoError(t, err)
	require.Empty(t, string(out))
}
