package wallaroo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	wallaroo "github.com/joey-go/joey/sdk"
)

// uploadFor is what the examples begin with.
func uploadFor(wl *wallaroo.Client, name string) *wallaroo.Model {
	model, err := wl.UploadModel(name, "../models/keras_ccfraud.onnx")
	check(err)
	return model
}

func ExampleClient_CreateWorkspace() {
	wl, cleanup := temporary()
	defer cleanup()
	_, err := wl.CreateWorkspace("fraud")
	check(err)
	_, err = wl.CreateWorkspace("fraud")
	var exists *wallaroo.EntityExistsError
	fmt.Println(errors.As(err, &exists), err)
	// Output: true workspace "fraud" exists already: get the workspace by its name, or choose another
}

func ExampleClient_SetCurrentWorkspace() {
	wl, cleanup := temporary()
	defer cleanup()
	fraud, err := wl.CreateWorkspace("fraud")
	check(err)
	_, err = wl.SetCurrentWorkspace(fraud)
	check(err)
	_, err = wl.BuildPipeline("cc-shadow") // in fraud
	check(err)
	pipelines, err := wl.CurrentWorkspace().Pipelines()
	check(err)
	fmt.Println(wl.CurrentWorkspace().Name(), len(pipelines))
	// Output: fraud 1
}

func ExampleClient_GetModel() {
	wl, cleanup := temporary()
	defer cleanup()
	first := uploadFor(wl, "ccfraud")
	uploadFor(wl, "ccfraud")
	newest, err := wl.GetModel("ccfraud")
	check(err)
	older, err := wl.GetModel("ccfraud", first.Version())
	check(err)
	fmt.Println(newest.Version() == first.Version(), older.Version() == first.Version())
	_, err = wl.GetModel("ccfraud-2")
	fmt.Println(err)
	// Output:
	// false true
	// model "ccfraud-2" not found in workspace "default": upload it, or list the models to see what there is
}

func ExampleClient_ListModels() {
	wl, cleanup := temporary()
	defer cleanup()
	uploadFor(wl, "ccfraud")
	uploadFor(wl, "ccfraud")
	uploadFor(wl, "aloha")
	models, err := wl.ListModels()
	check(err)
	for _, m := range models {
		fmt.Println(m.Name(), m.FileName())
	}
	// Output:
	// aloha keras_ccfraud.onnx
	// ccfraud keras_ccfraud.onnx
}

func ExampleClient_SearchModels() {
	wl, cleanup := temporary()
	defer cleanup()
	uploadFor(wl, "aloha")
	uploadFor(wl, "ccfraud")
	uploadFor(wl, "ccfraud")
	models, err := wl.SearchModels("fraud", wallaroo.CreatedBetween(time.Now().Add(-time.Hour), time.Time{}))
	check(err)
	fmt.Println(len(models), "versions")
	// Output: 2 versions
}

func ExampleModel_Versions() {
	wl, cleanup := temporary()
	defer cleanup()
	uploadFor(wl, "ccfraud")
	newest := uploadFor(wl, "ccfraud")
	versions, err := newest.Versions()
	check(err)
	fmt.Println(len(versions), versions[0].Version() == newest.Version())
	// Output: 2 true
}

func ExampleModel_Configure() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := uploadFor(wl, "ccfraud").Configure(wallaroo.TensorFields("tensor"))
	check(err)
	fmt.Println(strings.Contains(model.String(), "tensor_fields  tensor"))
	// Output: true
}

// The schemas are what a program counts on: a file that takes or gives something else is refused. Rows go to the model in parts of 100.
func ExampleInputSchema() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("house-linear", "../models/house_linear.onnx", wallaroo.TensorFields("tensor"),
		wallaroo.InputSchema(wallaroo.Field{Name: "tensor", Type: "float32", Shape: []int64{-1, 8}}),
		wallaroo.OutputSchema(wallaroo.Field{Name: "price", Type: "float32", Shape: []int64{-1, 1}}),
		wallaroo.BatchSize(100))
	check(err)
	fmt.Println(model.SHA(), model.FileName())
	_, err = wl.UploadModel("house-linear", "../models/keras_ccfraud.onnx", wallaroo.InputSchema(wallaroo.Field{Name: "tensor", Type: "float32"}))
	fmt.Println(err)
}

func ExampleModel_Inputs() {
	wl, cleanup := temporary()
	defer cleanup()
	model := uploadFor(wl, "ccfraud")
	inputs, err := model.Inputs()
	check(err)
	outputs, err := model.Outputs()
	check(err)
	fmt.Println(inputs[0], "->", outputs[0]) // dense_input: float32[?, 29] -> dense_1: float32[?, 1]
}

func ExampleClient_GetPipeline() {
	wl, cleanup := temporary()
	defer cleanup()
	built, err := wl.BuildPipeline("cc-shadow")
	check(err)
	again, err := wl.BuildPipeline("cc-shadow")
	check(err)
	newest, err := wl.GetPipeline("cc-shadow")
	check(err)
	older, err := wl.GetPipeline("cc-shadow", built.Version()) // Deploy would deploy its steps again
	check(err)
	fmt.Println(newest.Version() == again.Version(), older.Version() == built.Version())
	// Output: true true
}

// Of another workspace than the client's.
func ExampleWorkspace_Models() {
	wl, cleanup := temporary()
	defer cleanup()
	uploadFor(wl, "ccfraud")
	trials, err := wl.CreateWorkspace("trials")
	check(err)
	_, err = wl.SetCurrentWorkspace(trials)
	check(err)
	first, err := wl.GetWorkspace("default")
	check(err)
	models, err := first.Models()
	check(err)
	pipelines, err := first.Pipelines()
	check(err)
	fmt.Println(len(models), models[0].Name(), pipelines)
	// Output: 1 ccfraud (no pipelines)
}

func ExampleClient_ListPipelines() {
	wl, cleanup := temporary()
	defer cleanup()
	for _, name := range []string{"cc-shadow", "aloha"} {
		_, err := wl.BuildPipeline(name)
		check(err)
	}
	pipelines, err := wl.ListPipelines()
	check(err)
	for _, p := range pipelines {
		fmt.Println(p.Name())
	}
	// Output:
	// cc-shadow
	// aloha
}

func ExampleClient_SearchPipelines() {
	wl, cleanup := temporary()
	defer cleanup()
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	tag, err := wl.CreateTag("My Great Tag")
	check(err)
	check(tag.AddToPipeline(pipeline))
	found, err := wl.SearchPipelines("great tag", wallaroo.IsDeployed(false))
	check(err)
	fmt.Println(len(found), found[0].Name(), found[0].Tags())
	// Output: 1 cc-shadow [My Great Tag]
}

// What carries a tag, and what was deployed or built anew in the last hour.
func ExampleTagged() {
	wl, cleanup := temporary()
	defer cleanup()
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	tag, err := wl.CreateTag("live")
	check(err)
	check(tag.AddToPipeline(pipeline))
	live, err := wl.SearchPipelines("", wallaroo.Tagged("live"), wallaroo.UpdatedBetween(time.Now().Add(-time.Hour), time.Time{}))
	check(err)
	stale, err := wl.SearchPipelines("", wallaroo.Tagged("lively"))
	check(err)
	fmt.Println(len(live), len(stale))
	// Output: 1 0
}

func ExamplePipeline_Versions() {
	wl, cleanup := temporary()
	defer cleanup()
	_, err := wl.BuildPipeline("cc-shadow")
	check(err)
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	versions, err := pipeline.Versions()
	check(err)
	for i, v := range versions {
		fmt.Println(i, v.Name(), v.Version() == pipeline.Version())
	}
	// Output:
	// 0 cc-shadow true
	// 1 cc-shadow false
}

func ExampleClient_CreateTag() {
	wl, cleanup := temporary()
	defer cleanup()
	model := uploadFor(wl, "ccfraud")
	tag, err := wl.CreateTag("My Great Tag")
	check(err)
	check(tag.AddToModel(model))
	fmt.Println(tag.Text(), model.Tags())
	// Output: My Great Tag [My Great Tag]
}

func ExampleClient_GetTag() {
	wl, cleanup := temporary()
	defer cleanup()
	for range 2 { // as often as the notebook runs
		tag, err := wl.GetTag("My Great Tag", wallaroo.CreateIfNotExist)
		check(err)
		fmt.Println(tag.ID(), tag.Text())
	}
	// Output:
	// 1 My Great Tag
	// 1 My Great Tag
}

func ExampleClient_ListTags() {
	wl, cleanup := temporary()
	defer cleanup()
	tags, err := wl.ListTags()
	check(err)
	fmt.Println(tags)
	_, err = wl.CreateTag("My Great Tag")
	check(err)
	tags, err = wl.ListTags()
	check(err)
	fmt.Println(tags)
	// Output:
	// (no tags)
	// id  tag           models  pipelines
	// 1   My Great Tag  []      []
}

// This version of the model only: the next one begins without tags.
func ExampleTag_AddToModel() {
	wl, cleanup := temporary()
	defer cleanup()
	tag, err := wl.CreateTag("approved")
	check(err)
	first := uploadFor(wl, "ccfraud")
	check(tag.AddToModel(first))
	second := uploadFor(wl, "ccfraud")
	fmt.Println(first.Tags(), second.Tags())
	// Output: [approved] []
}

func ExampleTag_RemoveFromModel() {
	wl, cleanup := temporary()
	defer cleanup()
	model := uploadFor(wl, "ccfraud")
	tag, err := wl.CreateTag("candidate")
	check(err)
	check(tag.AddToModel(model))
	check(tag.RemoveFromModel(model))
	err = tag.RemoveFromModel(model)
	var notFound *wallaroo.EntityNotFoundError
	fmt.Println(len(model.Tags()), errors.As(err, &notFound))
	// Output: 0 true
}

func ExampleTag_AddToPipeline() {
	wl, cleanup := temporary()
	defer cleanup()
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	tag, err := wl.CreateTag("live")
	check(err)
	check(tag.AddToPipeline(pipeline))
	fmt.Println(pipeline.Tags())
	// Output: [live]
}

func ExampleTag_RemoveFromPipeline() {
	wl, cleanup := temporary()
	defer cleanup()
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	tag, err := wl.CreateTag("live")
	check(err)
	check(tag.AddToPipeline(pipeline))
	check(tag.RemoveFromPipeline(pipeline))
	fmt.Println(pipeline.Tags())
	// Output: []
}

func ExampleClient_With() {
	wl, cleanup := temporary()
	defer cleanup()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := wl.With(ctx).ListPipelines() // ends with ctx
	fmt.Println(err)
	// Output: <nil>
}

func ExampleStores() {
	home, err := os.MkdirTemp("", "joey")
	check(err)
	defer os.RemoveAll(home)
	var stores wallaroo.Stores
	for range 3 {
		wl, err := stores.NewClient(wallaroo.Home(home)) // the second and third open nothing
		check(err)
		defer wl.Close()
		fmt.Println(wl.CurrentWorkspace().Name())
	}
	// Output:
	// default
	// default
	// default
}
