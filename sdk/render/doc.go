// Package render writes values the way Wallaroo's users know them: Python's repr and pprint, numpy's arrays, and the
// tables of a notebook in HTML and in text. It imports nothing of ours; the values come as plain Go.
package render
