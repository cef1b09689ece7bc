package httpapi

import (
	"iter"
	"strings"
)

// What a backslash does in a quoted string depends on the header.
const (
	escapes byte = '\\' // the next character has no meaning, as in parameters
	literal byte = 0    // it is a character like others, as in entity tags
)

// elements returns the elements of a list in the lines of a header (RFC 9110,
// section 5.6.1). Empty elements do not count.
func elements(lines []string, backslash byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for element := range split(line, ',', backslash) {
				if element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// split returns the parts of s between separators, without the whitespace around
// them. A separator in a quoted string does not count. A quoted string that is not
// closed ends with s.
func split(s string, separator, backslash byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		quoted, start := false, 0
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '"':
				quoted = !quoted
			case quoted && s[i] == backslash:
				i++
			case !quoted && s[i] == separator:
				if !yield(trim(s[start:i])) {
					return
				}
				start = i + 1
			}
		}
		yield(trim(s[start:]))
	}
}

// trim removes the whitespace that HTTP allows around a part.
func trim(s string) string { return strings.Trim(s, " \t") }
