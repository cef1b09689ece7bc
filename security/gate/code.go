package gate

import "example.com/rates/security/finding"

// Code is a piece of a file.
type Code struct {
	First int      `json:"first"` // number of the first line, from 1
	Lines []string `json:"lines"`
}

// HiddenLine replaces a line of Code that holds a secret.
const HiddenLine = "(not shown: this line holds a secret)"

// How much of a file is shown with a finding.
const (
	linesAround  = 3  // before its first line and after its last
	longestShown = 20 // lines of the finding itself
)

// excerpts collects the lines around findings by fingerprint. A line with a
// secret is hidden in every excerpt, including that of another finding nearby.
func excerpts(findings []finding.Finding, lines func(file string, first, last int) []string) map[string]Code {
	code := map[string]Code{}
	for _, f := range findings {
		if f.Secret || f.Line == 0 {
			continue
		}
		first := max(f.Line-linesAround, 1)
		last := max(f.Line, min(f.EndLine, f.Line+longestShown)) + linesAround
		if text := lines(f.File, first, last); len(text) > 0 {
			hideSecrets(text, f.File, first, findings)
			code[f.Fingerprint] = Code{First: first, Lines: text}
		}
	}
	return code
}

func hideSecrets(text []string, file string, first int, findings []finding.Finding) {
	for _, f := range findings {
		if !f.Secret || f.File != file {
			continue
		}
		for i := range text {
			line := first + i
			if f.Line == 0 || line >= f.Line && line <= max(f.Line, f.EndLine) {
				text[i] = HiddenLine
			}
		}
	}
}
