// Package vega reads Vega-Lite charts: it says what is wrong with one, and draws the common ones as PNG for front ends that have no Vega. What it
// cannot draw as Vega would it does not draw. It imports none of our packages.
package vega
