package scanner

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// InlineSuppression is the rule of findings about comments that tell a tool to
// look away.
const InlineSuppression = "inline-suppression"

// suppressing matches the comments that trivy, tfsec, checkov, tflint, hadolint,
// zizmor and shellcheck obey.
var suppressing = regexp.MustCompile(`\b(trivy:ignore|tfsec:ignore|(checkov|bridgecrew|cortex):skip|tflint-ignore(-file)?:|hadolint\s+(global\s+)?(ignore|shell\s*=)|zizmor:\s*ignore|shellcheck\s+([\w-]+=\S+\s+)*disable)`)

// suppressions returns a finding for each line of the files that tells a tool
// to look away. Tools obey such lines silently; waivers have an owner and an
// end.
func suppressions(t tree.Tree, gate string, files []string) []finding.Finding {
	var found []finding.Finding
	for _, file := range files {
		for i, line := range allLines(t, file) {
			text := suppressing.FindString(line)
			if text == "" {
				continue
			}
			found = append(found, suppressionAt(gate, file, marker{i + 1, text}))
		}
	}
	return found
}

// suppressionAt returns the finding about a comment.
func suppressionAt(gate, file string, m marker) finding.Finding {
	return finding.Finding{
		Rule: InlineSuppression, Severity: finding.High,
		Message:   fmt.Sprintf("A comment (%s) tells a tool to look away.", m.text),
		Help:      "Remove the comment. If the finding must be accepted, write a waiver into security/waivers.yaml: it has a reason, an owner and an end.",
		File:      file,
		Line:      m.line,
		Witnesses: []finding.Witness{{Gate: gate, Rule: InlineSuppression}},
	}
}

// allLines returns the lines of a file of the tree, however long they are.
func allLines(t tree.Tree, file string) []string {
	content, err := os.ReadFile(t.Path(file))
	if err != nil {
		return nil
	}
	return strings.Split(string(content), "\n")
}
