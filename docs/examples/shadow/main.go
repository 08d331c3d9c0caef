// Command shadow is the tutorial's heart as a compiled program: a champion answers, two challengers see the same record,
// and the log holds what each said. In the repository's folder: go run ./docs/examples/shadow
package main

import (
	"fmt"
	"log"

	wallaroo "github.com/joey-go/joey/sdk"
)

func main() {
	wl := must(wallaroo.NewClient())
	champion := must(wl.UploadModel("ccfraud-lstm", "models/keras_ccfraud.onnx"))
	xgb := must(wl.UploadModel("ccfraud-xgb", "models/xgboost_ccfraud.onnx"))
	forest := must(wl.UploadModel("ccfraud-rf", "models/modelA.onnx"))

	pipeline := must(wl.BuildPipeline("cc-shadow"))
	must(pipeline.AddShadowDeploy(champion, xgb, forest))
	must(pipeline.Deploy())

	results := must(pipeline.InferFromFile("models/smoke_test.json"))
	fmt.Println(results[0].ModelName(), results[0].Data())
	fmt.Println(results[0].ShadowData())
	fmt.Println(must(pipeline.LogsShadowDeploy(wallaroo.Limit(1))))

	must(pipeline.Undeploy())
	must(wl, wl.Close())
}

// must ends the program with what went wrong.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
