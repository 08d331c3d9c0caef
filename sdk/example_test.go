package wallaroo_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	wallaroo "github.com/joey-go/joey/sdk"
)

// The examples that infer have no output to compare, because they need ONNX Runtime; this runs them where it is.
func TestExamples(t *testing.T) {
	needsRuntime(t)
	t.Setenv("TMPDIR", t.TempDir())
	for _, run := range []func(){Example, ExampleModel_Inputs, ExampleClient_UploadModel, ExamplePipeline_AddShadowDeploy, ExamplePipeline_Infer, ExamplePipeline_Logs,
		ExampleDisagree, ExampleShadowLogs_Detailed, ExamplePipeline_LogTable, ExamplePipeline_ExportLogs, ExamplePipeline_ParallelInfer, ExamplePipeline_InferStream, ExampleClient_BuildAssay,
		ExampleInferenceResults_Table, ExamplePipeline_AddRandomSplit, ExamplePipeline_AddKeySplit, ExamplePipeline_ReplaceWithModelStep,
		ExamplePipeline_RemoveStep, ExamplePipeline_AddValidation, ExamplePipeline_AddValidations,
		ExamplePipeline_AddModelStep, ExamplePipeline_Clear, ExamplePipeline_ReplaceWithShadowDeploy, ExamplePipeline_ReplaceWithRandomSplit,
		ExamplePipeline_ReplaceWithKeySplit, ExamplePipeline_Deploy, ExamplePipeline_Undeploy, ExamplePipeline_Status, ExamplePipeline_InferFromFile,
		ExampleInferenceResult, ExampleModel_Pixels, ExamplePipeline_LogsShadowDeploy, ExampleValid, ExampleAsArrow, ExampleAssayBuilder,
		ExampleInputSchema, ExampleTable_Record} {
		run()
	}
}

// temporary opens a client on a store that cleanup removes.
func temporary() (wl *wallaroo.Client, cleanup func()) {
	home, err := os.MkdirTemp("", "joey")
	check(err)
	wl, err = wallaroo.NewClient(wallaroo.Home(home), wallaroo.WithProgress(io.Discard))
	check(err)
	return wl, func() { check(errors.Join(wl.Close(), os.RemoveAll(home))) }
}

// asked is a shadow deployment that has answered the tutorial's request.
func asked() (pipeline *wallaroo.Pipeline, cleanup func()) {
	wl, cleanup := temporary()
	champion, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	challenger, err := wl.UploadModel("ccfraud-rf", "../models/modelA.onnx")
	check(err)
	pipeline, err = wl.BuildPipeline("cc-shadow")
	check(err)
	_, err = pipeline.AddShadowDeploy(champion, challenger)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	_, err = pipeline.InferFromFile("../models/smoke_test.json")
	check(err)
	return pipeline, cleanup
}

func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// A champion answers while two challengers see the same requests.
func Example() {
	wl, cleanup := temporary() // in a program of yours: wallaroo.NewClient()
	defer cleanup()

	champion, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	xgb, err := wl.UploadModel("ccfraud-xgb", "../models/xgboost_ccfraud.onnx")
	check(err)
	forest, err := wl.UploadModel("ccfraud-rf", "../models/modelA.onnx")
	check(err)

	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	_, err = pipeline.AddShadowDeploy(champion, xgb, forest)
	check(err)
	_, err = pipeline.Deploy()
	check(err)

	results, err := pipeline.InferFromFile("../models/smoke_test.json")
	check(err)
	fmt.Println(results[0].Data())
	for name, outputs := range results[0].ShadowData() {
		fmt.Println(name, outputs)
	}
	_, err = pipeline.Undeploy()
	check(err)
}

func ExampleNewClient() {
	home, err := os.MkdirTemp("", "joey") // without Home it is $JOEY_HOME or the user's data directory
	check(err)
	defer os.RemoveAll(home)
	wl, err := wallaroo.NewClient(wallaroo.Home(home), wallaroo.WithProgress(io.Discard))
	check(err)
	defer wl.Close()
	fmt.Println(wl.CurrentWorkspace().Name())
	// Output: default
}

func ExampleClient_GetWorkspace() {
	wl, cleanup := temporary()
	defer cleanup()
	workspace, err := wl.GetWorkspace("ccfraud-comparison-demo", wallaroo.CreateIfNotExist)
	check(err)
	_, err = wl.SetCurrentWorkspace(workspace)
	check(err)
	fmt.Println(wl.CurrentWorkspace().Name())
	// Output: ccfraud-comparison-demo
}

func ExampleClient_ListWorkspaces() {
	wl, cleanup := temporary()
	defer cleanup()
	_, err := wl.CreateWorkspace("ccfraud-comparison-demo")
	check(err)
	workspaces, err := wl.ListWorkspaces()
	check(err)
	for _, w := range workspaces {
		fmt.Println(w.Name())
	}
	// Output:
	// default
	// ccfraud-comparison-demo
}

func ExampleClient_PipelinesByName() {
	wl, cleanup := temporary()
	defer cleanup()
	_, err := wl.PipelinesByName("cc-shadow")
	var notFound *wallaroo.EntityNotFoundError
	if errors.As(err, &notFound) {
		fmt.Println(err)
	}
	// Output: pipeline "cc-shadow" not found in workspace "default": build it, or list the pipelines to see what there is
}

func ExampleClient_BuildPipeline() {
	wl, cleanup := temporary()
	defer cleanup()
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	fmt.Println(pipeline.Name(), len(pipeline.Steps()))
	_, err = wl.BuildPipeline("cc_shadow")
	fmt.Println(err)
	// Output:
	// cc-shadow 0
	// "cc_shadow" is no name for a pipeline: it may have ASCII letters, digits and "-"
}

func ExampleClient_UploadModel() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	model, err = model.Configure(wallaroo.TensorFields("tensor"))
	check(err)
	fmt.Println(model.Name(), model.Version())
}

func ExamplePipeline_AddShadowDeploy() {
	wl, cleanup := temporary()
	defer cleanup()
	champion, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	challenger, err := wl.UploadModel("ccfraud-xgb", "../models/xgboost_ccfraud.onnx")
	check(err)
	pipeline, err := wl.BuildPipeline("cc-shadow")
	check(err)
	_, err = pipeline.AddShadowDeploy(champion, challenger)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	fmt.Println(pipeline)
}

func ExamplePipeline_Infer() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	pipeline, err := wl.BuildPipeline("cc")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.Infer([][]float64{make([]float64, 29), make([]float64, 29)})
	check(err)
	scores, err := results[0].Data()[0].Float64s()
	check(err)
	fmt.Println(len(scores), "rows")
}

func ExampleInferenceResults_Table() {
	pipeline, cleanup := asked()
	defer cleanup()
	results, err := pipeline.InferFromFile("../models/smoke_test.json")
	check(err)
	table, err := results.Table(wallaroo.Dataset("time", "out"), wallaroo.DatasetExclude("out_ccfraud-rf"))
	check(err)
	scores, err := table.Column("out.dense_1")
	check(err)
	fmt.Println(table.Columns(), scores.([][]float32)[0])
}

func ExamplePipeline_Logs() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("ccfraud-lstm", "../models/keras_ccfraud.onnx")
	check(err)
	pipeline, err := wl.BuildPipeline("cc")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	_, err = pipeline.InferFromFile("../models/smoke_test.json")
	check(err)
	logs, err := pipeline.Logs(wallaroo.Limit(10))
	check(err)
	for _, entry := range logs.Entries {
		fmt.Println(entry.Time, entry.Champion.Model, entry.Champion.Outputs)
	}
}

func ExampleDisagree() {
	pipeline, cleanup := asked()
	defer cleanup()
	// The day's requests in which a challenger was further than 0.1 from the champion, page by page.
	opts := []wallaroo.LogOption{wallaroo.Disagree(0.1), wallaroo.Start(time.Now().Add(-24 * time.Hour)), wallaroo.End(time.Now())}
	for more, next := true, ""; more; {
		page, err := pipeline.LogsShadowDeploy(append(opts, wallaroo.After(next))...)
		check(err)
		fmt.Println(page)
		more, next = page.More, page.Next
	}
}

func ExampleShadowLogs_Detailed() {
	pipeline, cleanup := asked()
	defer cleanup()
	logs, err := pipeline.LogsShadowDeploy()
	check(err)
	fmt.Println(logs.Detailed().HTML())
}

func ExamplePipeline_LogTable() {
	pipeline, cleanup := asked()
	defer cleanup()
	table, err := pipeline.LogTable(wallaroo.Dataset("time", "out"), wallaroo.DatasetExclude("out_ccfraud-rf"))
	check(err)
	fmt.Println(table)
	scores, err := table.Column("out.dense_1")
	check(err)
	fmt.Println(scores.([][]float32)[0])
}

func ExamplePipeline_ExportLogs() {
	pipeline, cleanup := asked()
	defer cleanup()
	// The last week, for pandas.read_parquet(".../exports/week-1.parquet").
	exported, err := pipeline.ExportLogs(wallaroo.AsParquet(), wallaroo.Directory(filepath.Join(os.TempDir(), "exports")), wallaroo.FilePrefix("week"),
		wallaroo.Start(time.Now().Add(-7*24*time.Hour)), wallaroo.End(time.Now()), wallaroo.DataSizeLimit("1GB"))
	check(err)
	fmt.Println(exported)
}
