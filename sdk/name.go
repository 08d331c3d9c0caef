package wallaroo

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	lower  = "abcdefghijklmnopqrstuvwxyz0123456789-"
	letter = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func checkPipelineName(name string) error {
	return checkName("pipeline", name, letter, `it may have ASCII letters, digits and "-"`)
}

func checkModelName(name string) error {
	return checkName("model", name, lower, `it may have lower case ASCII letters, digits and "-"`)
}

func checkName(kind, name, allowed, rule string) error {
	alien := func(r rune) bool { return !strings.ContainsRune(allowed, r) }
	if name == "" || strings.ContainsFunc(name, alien) {
		return &InvalidNameError{Kind: kind, Name: name, Rule: rule}
	}
	return nil
}

// checkFreeName is for workspaces and tags, which people name as they like. But it must be a name.
func checkFreeName(kind, name string) error {
	if strings.TrimSpace(name) == "" {
		return &InvalidNameError{Kind: kind, Name: name, Rule: "it may not be empty"}
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return &InvalidNameError{Kind: kind, Name: name, Rule: "it may be any text in UTF-8 without line ends and other control characters"}
	}
	return nil
}
