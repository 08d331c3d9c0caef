package wallaroo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/joey-go/joey/engine/pipeline"
	"github.com/joey-go/joey/engine/registry"
)

// Steps are built with Add…, ReplaceWith…, RemoveStep and Clear, which change only the pipeline in hand: Deploy stores
// them. Several steps are a chain: the outputs of one are the inputs of the next, by name or through [TensorFields].
//
// Adding models to a pipeline that was fetched starts from no steps; a validation, a replacement and a removal start from
// those that are stored. In one session steps add up: Clear drops earlier ones.

// AddModelStep adds a step that one model answers, and returns the pipeline.
func (p *Pipeline) AddModelStep(m *Model) (*Pipeline, error) { return p.add(p.single(m)) }

// AddShadowDeploy adds a step that the champion answers. The challengers see the same input; their answers go
// to InferenceResult.ShadowData and to the log. It returns the pipeline. There is at least one challenger, none is
// nil, and no two have one name, by which their answers go. In one session steps add up: Clear drops earlier ones.
func (p *Pipeline) AddShadowDeploy(champion *Model, challengers ...*Model) (*Pipeline, error) {
	return p.add(p.shadow(champion, challengers))
}

// Weighted is a model of a random split. Weights are relative: of 2 and 1, the first gets two requests in three.
type Weighted struct {
	Weight float64 // more than 0
	Model  *Model
}

// AddRandomSplit adds a step that one of the models answers, each request another. With a hash key, the name of a field
// of the requests, the model is a function of that field's value: the same in every process and every version of Joey.
// Without, "", it is left to chance ([WithRandom]). The field is a column of records or a further key of the tensor form;
// a request without it is an error, and so are rows of different values, since one model answers a request.
// InferenceResult.ModelSplit and the log say which. A weight that is zero, negative, infinite or NaN is an error.
func (p *Pipeline) AddRandomSplit(models []Weighted, hashKey string) (*Pipeline, error) {
	return p.add(p.random(models, hashKey))
}

// AddKeySplit adds a step that the model answers which models has for the value of the request's field metaKey, or else
// the standard one. Whole numbers are written without a fraction, truth values as true and false. The field is as that of
// AddRandomSplit.
func (p *Pipeline) AddKeySplit(standard *Model, metaKey string, models map[string]*Model) (*Pipeline, error) {
	return p.add(p.keyed(standard, metaKey, models))
}

// ReplaceWithModelStep puts a step as of AddModelStep in place of the i-th, counted from 0: each Add… made one, and
// each validation is one.
func (p *Pipeline) ReplaceWithModelStep(i int, m *Model) (*Pipeline, error) {
	return p.replace(i)(p.single(m))
}

// ReplaceWithShadowDeploy puts a step as of AddShadowDeploy in place of the i-th.
func (p *Pipeline) ReplaceWithShadowDeploy(i int, champion *Model, challengers ...*Model) (*Pipeline, error) {
	return p.replace(i)(p.shadow(champion, challengers))
}

// ReplaceWithRandomSplit puts a step as of AddRandomSplit in place of the i-th.
func (p *Pipeline) ReplaceWithRandomSplit(i int, models []Weighted, hashKey string) (*Pipeline, error) {
	return p.replace(i)(p.random(models, hashKey))
}

// ReplaceWithKeySplit puts a step as of AddKeySplit in place of the i-th.
func (p *Pipeline) ReplaceWithKeySplit(i int, standard *Model, metaKey string, models map[string]*Model) (*Pipeline, error) {
	return p.replace(i)(p.keyed(standard, metaKey, models))
}

// RemoveStep drops the i-th step, counted as for ReplaceWithModelStep.
func (p *Pipeline) RemoveStep(i int) (*Pipeline, error) { return p.replace(i)(nil, nil) }

// AddValidation adds a validation whose condition says what is good, such as "out.dense_1[0] < 0.95". It is evaluated
// for each row of a request; where it does not hold, its name is in the request's check failures, and the log shows the
// request in red.
//
// A condition is an expression of expr-lang.org. out has the outputs of the last step's model by name, outputs the same by
// position, input the inputs of the first step's by the names that requests have for them (in is a word of the
// language); each is the list of a row's values, out["my-output"][0] for a name that is no identifier. It is checked
// now: a name, a type or a place that the models do not have is an error, and so are a name that is empty, "count" or
// there already, and a pipeline without a model. A condition that cannot be evaluated on a row does not hold there.
func (p *Pipeline) AddValidation(name, condition string) (*Pipeline, error) {
	return p.validate([]pipeline.Check{{Name: name, Condition: condition}})
}

// AddValidations adds validations by name, each of which says what is an anomaly: its expression, as of AddValidation,
// is true for a row that is one.
func (p *Pipeline) AddValidations(anomalies map[string]string) (*Pipeline, error) {
	var checks []pipeline.Check
	for _, name := range slices.Sorted(maps.Keys(anomalies)) {
		checks = append(checks, pipeline.Check{Name: name, Anomaly: anomalies[name]})
	}
	return p.validate(checks)
}

func (p *Pipeline) validate(checks []pipeline.Check) (*Pipeline, error) {
	p.editing.Lock()
	defer p.editing.Unlock()
	steps, err := p.pending()
	if err != nil {
		return nil, err
	}
	steps = slices.Clone(steps)
	for _, c := range checks {
		steps = append(steps, pipeline.Step{Check: &c})
	}
	if err := p.client.engine.TypeCheck(p.client.context(), steps); err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.Name(), entityError(err))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps, p.edited = steps, true
	return p, nil
}

func (p *Pipeline) single(m *Model) (pipeline.Definition, error) {
	if m == nil {
		return nil, fmt.Errorf("pipeline %q: the model of the step is nil", p.Name())
	}
	return pipeline.Single(m.definition()), nil
}

func (p *Pipeline) shadow(champion *Model, challengers []*Model) (pipeline.Definition, error) {
	if champion == nil {
		return nil, fmt.Errorf("pipeline %q: the champion is nil", p.Name())
	}
	if len(challengers) == 0 {
		return nil, fmt.Errorf("pipeline %q: a shadow deployment needs a challenger; AddModelStep adds a model alone", p.Name())
	}
	models := make([]pipeline.Model, len(challengers))
	for i, c := range challengers {
		if c == nil {
			return nil, fmt.Errorf("pipeline %q: challenger %d is nil", p.Name(), i)
		}
		models[i] = c.definition()
	}
	return pipeline.Shadow(champion.definition(), models...), nil
}

func (p *Pipeline) random(models []Weighted, hashKey string) (pipeline.Definition, error) {
	weights := make([]pipeline.Weighted, len(models))
	for i, w := range models {
		if w.Model == nil {
			return nil, fmt.Errorf("pipeline %q: model %d of the random split is nil", p.Name(), i)
		}
		weights[i] = pipeline.Weighted{Model: w.Model.definition(), Weight: w.Weight}
	}
	return pipeline.Random(hashKey, weights...), nil
}

func (p *Pipeline) keyed(standard *Model, metaKey string, models map[string]*Model) (pipeline.Definition, error) {
	if standard == nil {
		return nil, fmt.Errorf("pipeline %q: the standard model of the key split is nil", p.Name())
	}
	routes := make(map[string]pipeline.Model, len(models))
	for value, m := range models {
		if m == nil {
			return nil, fmt.Errorf("pipeline %q: the key split's model for %q is nil", p.Name(), value)
		}
		routes[value] = m.definition()
	}
	return pipeline.Keyed(standard.definition(), metaKey, routes), nil
}

// add appends a step to those in hand.
func (p *Pipeline) add(step pipeline.Definition, err error) (*Pipeline, error) {
	if err != nil {
		return nil, err
	}
	if err := step.Validate(); err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.Name(), err)
	}
	p.editing.Lock()
	defer p.editing.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps, p.edited = slices.Concat(p.steps, step), true
	return p, nil
}

// replace puts a step, or nothing, in place of the i-th.
func (p *Pipeline) replace(i int) func(step pipeline.Definition, err error) (*Pipeline, error) {
	return func(step pipeline.Definition, err error) (*Pipeline, error) {
		if err != nil {
			return nil, err
		}
		if step != nil {
			if err := step.Validate(); err != nil {
				return nil, fmt.Errorf("pipeline %q: %w", p.Name(), err)
			}
		}
		p.editing.Lock()
		defer p.editing.Unlock()
		steps, err := p.pending()
		if err != nil {
			return nil, err
		}
		groups := steps.WithOptions(pipeline.Options{}).Groups()
		if i < 0 || i >= len(groups) {
			return nil, fmt.Errorf("pipeline %q has no step %d: it has %d, counted from 0", p.Name(), i, len(groups))
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		groups[i] = step
		p.steps, p.edited = slices.Concat(groups...).WithOptions(steps.Options()), true
		return p, nil
	}
}

// Clear drops the steps that were added, and returns the pipeline.
func (p *Pipeline) Clear() *Pipeline {
	p.editing.Lock()
	defer p.editing.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps, p.edited = nil, true
	return p
}

// DeployOption is a setting of Pipeline.Deploy: [Replicas], [Threads], [BatchLimit], [ChallengerTimeout], [AllowInfinite].
type DeployOption struct {
	set func(*deployment)
}

// deployment is what the options ask for.
type deployment struct {
	options pipeline.Options
	given   bool // some option is
	err     error
}

func deployOption(set func(*deployment)) DeployOption {
	return DeployOption{func(d *deployment) { d.given = true; set(d) }}
}

// Threads sets how many threads one request may take in each model: more pay for models that take longer than about a
// millisecond. Without it a row takes one; of many rows, parts go to the model at the same time, one on each processor, where
// that pays and the model answers each row by itself. Requests that come at the same time run at the same time, as far as
// [Replicas] lets them.
func Threads(n int) DeployOption {
	return deployOption(func(d *deployment) { d.options.Threads = n; d.atLeast("Threads", n) })
}

// Replicas sets how many requests are answered at the same time, as so many replicas of a cluster would: others wait for
// their turn. Without it all are; the models are loaded once in any case. It is for each process that asks.
func Replicas(n int) DeployOption {
	return deployOption(func(d *deployment) { d.options.Replicas = n; d.atLeast("Replicas", n) })
}

// BatchLimit sets how many rows a request may have. Without it only the number of values is limited, to 16 Mi.
func BatchLimit(rows int) DeployOption {
	return deployOption(func(d *deployment) { d.options.BatchLimit = rows; d.atLeast("BatchLimit", rows) })
}

// ChallengerTimeout sets how long each challenger may take for a request: the answer waits for it until then. Without it the
// answer waits for each challenger eight times as long as the champion took or as that challenger usually takes for so many
// values, and half a second at least, but no more than 5 seconds. One that takes longer is given up: its entry in answer and log
// says so, its outputs are not kept, and until it is back, or stopped after the timeout or 5 seconds, it is not asked again.
func ChallengerTimeout(t time.Duration) DeployOption {
	return deployOption(func(d *deployment) { d.options.ChallengerTimeout = t; d.atLeast("ChallengerTimeout", int(t)) })
}

// AllowInfinite lets requests have NaN and infinities, which are refused otherwise: few models are made for them.
func AllowInfinite() DeployOption {
	return deployOption(func(d *deployment) { d.options.AllowInfinite = true })
}

func (d *deployment) atLeast(option string, n int) {
	if n < 1 && d.err == nil {
		d.err = fmt.Errorf("%s is %d: it is at least 1", option, n)
	}
}

// Deploy loads the models, stores the steps as a new version and lets it answer from now on; requests under way
// finish on the version that they began with. If no steps were added or cleared, those that are stored are deployed. A
// challenger whose inputs do not match the champion's is refused by name, and so is a step that does not take what the
// one before it gives. On an error what was deployed stays so. Options are stored with the version; without any, steps
// that were stored keep theirs. It prints a progress line, a dot for each model loaded.
func (p *Pipeline) Deploy(opts ...DeployOption) (*Pipeline, error) {
	var d deployment
	for _, o := range opts {
		o.set(&d)
	}
	steps, err := p.deploying(d)
	if err != nil {
		return nil, err
	}
	return p.change("deployment", func(stored registry.Pipeline, dot func()) (registry.Pipeline, error) {
		return p.client.engine.Deploy(p.client.context(), stored, steps, dot)
	})
}

// deploying is what Deploy deploys.
func (p *Pipeline) deploying(d deployment) (pipeline.Definition, error) {
	if d.err != nil {
		return nil, fmt.Errorf("deploy pipeline %q: %w", p.Name(), d.err)
	}
	steps, err := p.pending()
	if err != nil {
		return nil, err
	}
	if d.given {
		steps = steps.WithOptions(d.options)
	}
	return steps, nil
}

// pending is the steps in hand, or those that are stored.
func (p *Pipeline) pending() (pipeline.Definition, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.edited {
		return p.steps, nil
	}
	steps, err := pipeline.Parse(p.snapshot().Definition)
	if err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.snapshot().Name, err)
	}
	return steps, nil
}
