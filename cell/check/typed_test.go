package check_test

import (
	"go/types"
	"testing"
)

var _ = types.Universe
var _ testing.TB
