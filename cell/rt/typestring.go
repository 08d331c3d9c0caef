package rt

import (
	"go/types"
	"regexp"
	"strings"
)

// alias finds names that reflect does not know: it prints uint8 for byte.
var alias = regexp.MustCompile(`(^|[^.\w]|\.\.\.)(any|byte|rune)\b`)

var aliased = strings.NewReplacer("any", "interface{}", "byte", "uint8", "rune", "int32")

// typeString writes a type as reflect does.
func typeString(t types.Type) string {
	s := alias.ReplaceAllStringFunc(types.TypeString(t, qualifier), aliased.Replace)
	return spaceBraces(s)
}

// spaceBraces writes struct { X int } for struct{X int}.
func spaceBraces(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '{' && i+1 < len(s) && s[i+1] == '}':
			b.WriteString(" {}")
			i++
		case c == '{':
			b.WriteString(" { ")
		case c == '}':
			b.WriteString(" }")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// qualifier: the packages of cells have names that tell them apart, to their authors all are main.
func qualifier(p *types.Package) string {
	if p.Path() == "main" {
		return "main"
	}
	return p.Name()
}
