// Package language has the names of the real one of this version, which is all
// that counts for a known vulnerability, and none of its code.
package language

import "errors"

// Tag is a language.
type Tag struct{ text string }

// Parse is the vulnerable function in versions before v0.3.7.
//
//go:noinline
func Parse(s string) (Tag, error) {
	if s == "" {
		return Tag{}, errors.New("there is no language")
	}
	return Tag{text: s}, nil
}
