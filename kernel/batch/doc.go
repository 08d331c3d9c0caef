// Package batch runs a notebook file from its first cell to its last, without Jupyter and without Python, and writes it
// with its outputs. It imports kernel/pipe and nothing else of ours: whatever runs the cells is handed in.
//
// What it does not write itself it keeps as it was, key by key and in order: fields that nbformat does not know, too.
package batch
