package check

// commit is what a checked cell will change in the session once it runs.
type commit struct{}
