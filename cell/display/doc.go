// Package display turns a value into the forms that a front end can show, the richest that the value offers.
// It imports the standard library only: it looks for methods, not for types of ours.
package display
