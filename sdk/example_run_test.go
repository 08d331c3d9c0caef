package wallaroo_test

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	wallaroo "github.com/joey-go/joey/sdk"
)

// Two requests at a time, of at most 500 rows; each model has two threads for one, and an answer waits a second for each challenger.
func ExamplePipeline_Deploy() {
	pipeline, linear, boosted, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddShadowDeploy(linear, boosted)
	check(err)
	_, err = pipeline.Deploy(wallaroo.Replicas(2), wallaroo.Threads(2), wallaroo.BatchLimit(500), wallaroo.ChallengerTimeout(time.Second), wallaroo.AllowInfinite())
	check(err)
	fmt.Println(pipeline.LastUpdated().After(pipeline.Created()))
}

// The models are released; the logs stay, and Deploy starts the same steps again.
func ExamplePipeline_Undeploy() {
	pipeline, cleanup := asked()
	defer cleanup()
	_, err := pipeline.Undeploy()
	check(err)
	_, err = pipeline.InferFromFile("../models/smoke_test.json")
	fmt.Println(err)
	_, err = pipeline.Deploy()
	check(err)
}

func ExamplePipeline_Status() {
	pipeline, cleanup := asked()
	defer cleanup()
	status, err := pipeline.Status()
	check(err)
	fmt.Println(status == wallaroo.Running)
}

// 400 houses, of which "tensor" goes to the model; "id" and "sold" go to the log with it.
func ExamplePipeline_InferFromFile() {
	pipeline, linear, _, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	results, err := pipeline.InferFromFile("../models/houses.parquet") // or .arrow, .csv, .json
	check(err)
	prices, err := results[0].Float32s("price")
	check(err)
	fmt.Println(len(prices), "prices")
}

// A record of Arrow's: the answer as a table is one, too.
func ExampleTable_Record() {
	pipeline, linear, _, cleanup := priced()
	defer cleanup()
	_, err := pipeline.AddModelStep(linear)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "tensor", Type: arrow.ListOf(arrow.PrimitiveTypes.Float32)}, {Name: "id", Type: arrow.PrimitiveTypes.Int64}}, nil))
	houses := builder.Field(0).(*array.ListBuilder)
	houses.Append(true)
	houses.ValueBuilder().(*array.Float32Builder).AppendValues([]float32{3, 2, 120, 450, 2, 25, 1, 8}, nil)
	builder.Field(1).(*array.Int64Builder).Append(17)
	results, err := pipeline.Infer(builder.NewRecord())
	check(err)
	table, err := results.Table()
	check(err)
	fmt.Println(table.Record().Schema())
}

// What Python's results have under the same names.
func ExampleInferenceResult() {
	pipeline, cleanup := asked()
	defer cleanup()
	results, err := pipeline.InferFromFile("../models/smoke_test.json")
	check(err)
	result := results[0]
	fmt.Println(result.Time(), result.Elapsed(), result.StepElapsed(), result.PipelineName())
	fmt.Println(result.Model())
	fmt.Println(result.InputData()) // the request as it came
	score, err := result.Output("dense_1")
	check(err)
	fmt.Println(score.Type(), score.Shape(), score.Len())
	for challenger, outputs := range result.ShadowData() {
		fmt.Println(challenger, outputs)
	}
	for challenger, why := range result.ShadowErrors() {
		fmt.Println(challenger, "failed:", why)
	}
	fmt.Println(result.Raw()["check_failures"])
}

// The model takes images of any size, the colours before the pixels, and says how bright each is.
func ExampleModel_Pixels() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("brightness", "testdata/brightness.onnx") // image: float32[?, 3, ?, ?]
	check(err)
	pipeline, err := wl.BuildPipeline("brightness")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	black := image.NewRGBA(image.Rect(0, 0, 4, 3)) // in a program of yours: image.Decode(file)
	for i := 3; i < len(black.Pix); i += 4 {
		black.Pix[i] = 255 // opaque
	}
	request, err := model.Pixels(wallaroo.PixelsTo1, black)
	check(err)
	results, err := pipeline.Infer(request)
	check(err)
	fmt.Println(request.Shape(), results[0].Data())
}

// What the champion and its challenger said of each request, and which validations failed.
func ExamplePipeline_LogsShadowDeploy() {
	pipeline, cleanup := asked()
	defer cleanup()
	logs, err := pipeline.LogsShadowDeploy(wallaroo.Limit(10))
	check(err)
	for _, entry := range logs.Entries {
		fmt.Println(entry.Time, entry.Champion.Model, entry.Champion.Outputs)
		for _, c := range entry.Challengers {
			fmt.Println(c.Model, c.Outputs, c.Err)
		}
	}
}

// The oldest of the day's requests in which a validation failed, of one model.
func ExampleValid() {
	pipeline, cleanup := asked()
	defer cleanup()
	logs, err := pipeline.Logs(wallaroo.Valid(false), wallaroo.ModelName("ccfraud-lstm"), wallaroo.OldestFirst(),
		wallaroo.Start(time.Now().Add(-24*time.Hour)), wallaroo.End(time.Now()))
	check(err)
	fmt.Println(len(logs.Entries), logs.More)
}

// The newest 1000 requests as Arrow files, for pyarrow.ipc.open_file.
func ExampleAsArrow() {
	pipeline, cleanup := asked()
	defer cleanup()
	exported, err := pipeline.ExportLogs(wallaroo.AsArrow(), wallaroo.Directory(filepath.Join(os.TempDir(), "arrow")), wallaroo.Limit(1000))
	check(err)
	for _, f := range exported.Files {
		fmt.Println(f.Path, f.Rows, f.Columns)
	}
}

// The baseline is what the model said of 200 houses. Each window of ten minutes is held against it, one every five minutes.
func ExampleAssayBuilder() {
	wl, cleanup := temporary()
	defer cleanup()
	model, err := wl.UploadModel("house-linear", "../models/house_linear.onnx", wallaroo.TensorFields("tensor"))
	check(err)
	pipeline, err := wl.BuildPipeline("house-price")
	check(err)
	_, err = pipeline.AddModelStep(model)
	check(err)
	_, err = pipeline.Deploy()
	check(err)
	before := time.Now()
	_, err = pipeline.InferFromFile("../models/houses.json")
	check(err)

	builder := wl.BuildAssay("prices", pipeline, "house-linear").
		BaselineBetween(before, time.Now()).Observe("output price 0").
		Bins(4).BinMode(wallaroo.EqualBins).Metric(wallaroo.SumDiff).Cumulative().AlertThreshold(0.5).
		WindowStart(before).WindowWidth(10 * time.Minute).WindowInterval(5 * time.Minute).RunUntil(before.Add(time.Hour))
	assay, err := builder.Build()
	check(err)
	fmt.Println(assay.Baseline())
	results, err := assay.Run()
	check(err)
	fmt.Println(len(results), "windows,", len(results.Alerts()), "alerts")

	// PSI is of shares that are not cumulative.
	_, err = builder.BinMode(wallaroo.QuantileBins).Metric(wallaroo.PSI).Build()
	fmt.Println(err)
	// Edges that somebody has chosen.
	assay, err = builder.BinEdges(0, 250_000, 500_000, 1_000_000).Metric(wallaroo.MaxDiff).Build()
	check(err)
	fmt.Println(assay)
}
