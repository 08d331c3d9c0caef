package wallaroo_test

import (
	"fmt"

	wallaroo "github.com/joey-go/joey/sdk"
)

// priced is a pipeline without steps and two models of house prices.
func priced() (pipeline *wallaroo.Pipeline, linear, boosted *wallaroo.Model, cleanup func()) {
	wl, cleanup := temporary()
	linear, err := wl.UploadModel("house-linear", "../models/house_linear.onnx", wallaroo.TensorFields("tensor"))
	check(err)
	boosted, err = wl.UploadModel("house-boosted", "../models/house_boosted.onnx", wallaroo.TensorFields("tensor"))
	check(err)
	pipeline, err = wl.BuildPipeline("house-price")
	check(err)
	return pipeline, linear, boosted, cleanup
}

// Of three requests the linear model gets about two; those of one customer go to one model.
func ExamplePipeline_AddRandomSplit() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddRandomSplit([]wallaroo.Weighted{{Weight: 2, Model: linear}, {Weight: 1, Model: boosted}}, "customer")
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer(`{"tensor": [[3, 2, 120, 450, 2, 25, 1, 8]], "customer": 17}`)
	check(err)
	fmt.Println(results[0].ModelSplit())
}

// Requests of agents go to another model than all others.
func ExamplePipeline_AddKeySplit() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddKeySplit(linear, "customer", map[string]*wallaroo.Model{"agent": boosted})
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer(`{"tensor": [[3, 2, 120, 450, 2, 25, 1, 8]], "customer": "agent"}`)
	check(err)
	fmt.Println(results[0].ModelName())
}

// A model takes the place of another, while requests go on.
func ExamplePipeline_ReplaceWithModelStep() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	_, err = pipeline.ReplaceWithModelStep(0, boosted)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	fmt.Println(pipeline.Steps())
}

// The validation is the step behind the model's: without it the pipeline marks nothing.
func ExamplePipeline_RemoveStep() {
	pipeline, linear, _, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.AddValidation("has-price", "out.price[0] > 0")
	check(err)
	_, err = pipeline.RemoveStep(1)
	check(err)
}

// The condition says what is good. The house is a hut, for which the linear model is too low.
func ExamplePipeline_AddValidation() {
	pipeline, linear, _, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.AddValidation("has-price", "out.price[0] > 0")
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer([][]float64{{1, 1, 12, 0, 1, 90, 0, 35}})
	check(err)
	fmt.Println(results[0].CheckFailures())
}

// Each expression says what is an anomaly, of answers and of what was asked.
func ExamplePipeline_AddValidations() {
	pipeline, linear, _, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.AddValidations(map[string]string{"below-zero": "out.price[0] < 0", "odd-area": "input.tensor[2] < 20"})
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer([][]float64{{1, 1, 12, 0, 1, 90, 0, 35}, {3, 2, 120, 450, 2, 25, 1, 8}})
	check(err)
	for name, rows := range results[0].Anomalies() {
		fmt.Println(name, rows)
	}
	status, err := pipeline.Status()
	check(err)
	fmt.Println(status)
}
