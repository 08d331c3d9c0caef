// Package wallaroo is Wallaroo's shadow deployment in one process: upload models, compare a champion with challengers
// on live requests, read what they answered. Cells and Go programs import it; it imports engine, its folders and
// sdk/render, and neither Jupyter nor an interpreter.
//
// A [Client] holds a store of workspaces, models, pipelines and logs. A [Model] is one uploaded version of an ONNX
// model. A [Pipeline] is built ([Pipeline.AddShadowDeploy]), deployed, asked ([Pipeline.Infer]) and read
// ([Pipeline.Logs]).
//
// Objects that a notebook shows have HTML and String methods, whose forms are those of Wallaroo's tutorials. No call
// takes a context, because cells read better without; a Go program that wants deadlines says [Client.With].
package wallaroo
