// %% [markdown]
// # Shadow deployment
//
// A model has been answering requests for a while: the **champion**. Others might do better: its **challengers**. A shadow deployment gives every request to all of them. The caller gets the champion's answer; what the challengers would have said is kept beside it, so that they can be compared on real traffic before one of them takes over.
//
// This notebook uploads three models that look for fraud in card transactions, deploys them as one pipeline, sends a transaction through it and reads what each model made of it. The cells are Go and everything runs in this kernel: no server, no account.

// %% [markdown]
// ## Import the library
//
// `wallaroo` is the SDK; `errors` comes with Go.

// %%
import (
	"errors"

	"wallaroo"
)

// %% [markdown]
// ## Open the store
//
// A client opens a folder with the workspaces, models, pipelines and logs: `$JOEY_HOME`, or Joey's folder among your user data. `NewClient` also returns an error. At the top level of a cell it need not be taken: if there is one, the cell stops and shows it.

// %%
wl := wallaroo.NewClient()

// %% [markdown]
// ## Choose names
//
// The workspace, the pipeline and the models are known by these names, and the files lie in `models/`, next to the folder of this notebook. Change them as you like.

// %%
workspaceName := "ccfraud-comparison-demo"
pipelineName := "cc-shadow"
pipelineNameMulti := "cc-shadow-multi"
championModelName := "ccfraud-lstm"
championModelFile := "../models/keras_ccfraud.onnx"
shadowModel01Name := "ccfraud-xgb"
shadowModel01File := "../models/xgboost_ccfraud.onnx"
shadowModel02Name := "ccfraud-rf"
shadowModel02File := "../models/modelA.onnx"
sampleDataFile := "../models/smoke_test.json"

// %% [markdown]
// ## Find the workspace and the pipeline, or make them
//
// The notebook can be run again on the same store: it takes the workspace and the pipeline that it finds, and makes those that are missing. Inside a function errors are handled as in any Go program.

// %%
func getWorkspace(name string) (*wallaroo.Workspace, error) {
	workspaces, err := wl.ListWorkspaces()
	if err != nil {
		return nil, err
	}
	for _, workspace := range workspaces {
		if workspace.Name() == name {
			return workspace, nil
		}
	}
	return wl.CreateWorkspace(name)
}

func getPipeline(name string) (*wallaroo.Pipeline, error) {
	pipelines, err := wl.PipelinesByName(name)
	var notFound *wallaroo.EntityNotFoundError
	if errors.As(err, &notFound) {
		return wl.BuildPipeline(name)
	}
	if err != nil {
		return nil, err
	}
	return pipelines[0], nil
}

// %%
workspace := getWorkspace(workspaceName)

wl.SetCurrentWorkspace(workspace)

pipeline := getPipeline(pipelineName)
pipeline

// %% [markdown]
// ## Upload the models
//
// Each upload makes a new version of its model in the current workspace, also if the file has not changed.

// %%
champion := wl.UploadModel(championModelName, championModelFile).Configure()
model2 := wl.UploadModel(shadowModel01Name, shadowModel01File).Configure()
model3 := wl.UploadModel(shadowModel02Name, shadowModel02File).Configure()

// %% [markdown]
// ## Deploy the champion and its challengers
//
// The first model is the champion, and its answer is what a caller gets. Those after it are its challengers; there may be any number. Nothing is stored until `Deploy`.

// %%
pipeline.AddShadowDeploy(champion, model2, model3)
pipeline.Deploy()

// %% [markdown]
// ## Ask
//
// The file holds one transaction: 29 numbers. In the result, `outputs` is the champion's answer and `shadow_data` has the challengers', by the model's name. The champion and `ccfraud-xgb` say how likely a fraud is; `ccfraud-rf` gives the share of its trees that hold the transaction for genuine. So all three agree.

// %%
response := pipeline.InferFromFile(sampleDataFile)

// %%
response

// %% [markdown]
// ## Read the pipeline's log
//
// Every request is logged. A shadow deployment has a row for each model.

// %%
pipeline.Logs()

// %% [markdown]
// ## Compare the models request by request
//
// The same log, with the models that saw the same request side by side.

// %%
logs := pipeline.LogsShadowDeploy()
logs

// %% [markdown]
// ## Undeploy
//
// This releases the models. The pipeline, its versions and its log stay in the store.

// %%
pipeline.Undeploy()
