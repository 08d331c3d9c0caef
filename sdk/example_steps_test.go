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

// Steps are a chain: the outputs of the encoder are the inputs of the second model, whose field is named after them.
func ExamplePipeline_AddModelStep() {
	wl, cleanup := temporary()
	defer cleanup()
	encoder, err := wl.UploadModel("house-encoder", "../models/house_encoder.onnx")
	check(err)
	demand, err := wl.UploadModel("house-demand", "../models/house_demand.onnx", wallaroo.TensorFields("embedding"))
	check(err)
	pipeline, err := wl.BuildPipeline("house-demand")
	check(err)
	_, err = pipeline.AddModelStep(encoder)
	check(err)
	_, err = pipeline.AddModelStep(demand)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer([][]float64{{3, 2, 120, 450, 2, 25, 1, 8}})
	check(err)
	percent, err := results[0].Float32s("percent")
	check(err)
	fmt.Println(percent, results[0].ModelName())
}

// A cell that runs again would add a second step to the first.
func ExamplePipeline_Clear() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.Clear().AddModelStep(boosted)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	fmt.Println(pipeline.Steps())
}

// A model that answered alone becomes the champion, and another runs in its shadow before it takes over.
func ExamplePipeline_ReplaceWithShadowDeploy() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	_, err = pipeline.ReplaceWithShadowDeploy(0, linear, boosted)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer([][]float64{{3, 2, 120, 450, 2, 25, 1, 8}})
	check(err)
	fmt.Println(results[0].ShadowData())
}

// One request in ten goes to the new model.
func ExamplePipeline_ReplaceWithRandomSplit() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.ReplaceWithRandomSplit(0, []wallaroo.Weighted{{Weight: 9, Model: linear}, {Weight: 1, Model: boosted}}, "")
	check(err)
	_, err = pipeline.Deploy()
	check(err)
}

// Requests of agents go to the new model first.
func ExamplePipeline_ReplaceWithKeySplit() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.ReplaceWithKeySplit(0, linear, "customer", map[string]*wallaroo.Model{"agent": boosted})
	check(err)
	_, err = pipeline.Deploy()
	check(err)
}
