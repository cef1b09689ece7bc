// Package shellcheck is shared by the gates whose tools check shell scripts
// with shellcheck.
package shellcheck

import (
	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// Obeyed returns what shellcheck obeys.
func Obeyed() scanner.Obeyed {
	return scanner.Obeyed{Tool: "shellcheck", Settings: []string{".shellcheckrc", "shellcheckrc"}, Marks: disable}
}

var disable = scanner.Comments("shellcheck", `\bshellcheck\s+([\w-]+=\S+\s+)*disable`)

// Severity returns the severity of a level.
func Severity(level string) finding.Severity {
	switch level {
	case "error":
		return finding.High
	case "warning":
		return finding.Medium
	case "info":
		return finding.Low
	case "style":
		return finding.Info
	default:
		return finding.Unknown
	}
}

// URL returns the page that explains a rule.
func URL(rule string) string { return "https://www.shellcheck.net/wiki/" + rule }
