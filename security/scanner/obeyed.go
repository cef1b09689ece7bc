package scanner

import (
	"bytes"
	"fmt"
	"os"
	"regexp"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Obedient is a Scanner whose tool obeys files or comments in the tree.
type Obedient interface {
	Scanner
	Obeyed() []Obeyed
}

// Obeyed describes the settings and comments in a tree that a tool obeys. They
// could hide findings.
type Obeyed struct {
	Tool string
	// Settings are patterns of path.Match for the names of files that the tool
	// reads by default, or of the folder that they are in.
	Settings []string
	// Marks returns the comments in a file that the tool obeys; nil means that it
	// obeys none.
	Marks func(name string, content []byte) ([]Mark, error)
}

// Mark is a comment that a tool obeys.
type Mark struct {
	Line int
	Text string
}

// Comments is for Obeyed.Marks: it finds what expr matches in Dockerfiles and in
// files of the formats in which tools obey comments. Each match contains the
// word.
func Comments(word, expr string) func(name string, content []byte) ([]Mark, error) {
	anywhere := Lines(word, expr)
	return func(name string, content []byte) ([]Mark, error) {
		one := tree.Tree{Files: []string{name}}
		if !IsDockerfile(name) && len(one.Matching("*.tf", "*.tofu", "*.tfvars", "*.hcl", "*.yml", "*.yaml", "*.json", "*.bicep", "*.tpl")) == 0 {
			return nil, nil
		}
		return anywhere(name, content)
	}
}

// Lines is for Obeyed.Marks: it finds what expr matches in files of all kinds.
// Each match contains the word, so most files are ruled out quickly.
func Lines(word, expr string) func(name string, content []byte) ([]Mark, error) {
	pattern := regexp.MustCompile(expr)
	return func(_ string, content []byte) ([]Mark, error) {
		if !bytes.Contains(content, []byte(word)) {
			return nil, nil
		}
		var marks []Mark
		for i, line := range bytes.Split(content, []byte("\n")) {
			if text := pattern.Find(line); text != nil {
				marks = append(marks, Mark{i + 1, string(text)})
			}
		}
		return marks, nil
	}
}

// InlineSuppression is the rule of findings about comments that suppress
// findings of a tool.
const InlineSuppression = "inline-suppression"

// Suppression returns the finding about a comment. Tools obey comments
// silently; a waiver has an owner and an end.
func Suppression(file string, m Mark) finding.Finding {
	return finding.Finding{
		Rule: InlineSuppression, Severity: finding.High, File: file, Line: m.Line,
		Message: fmt.Sprintf("A comment (%s) suppresses findings of a tool.", m.Text),
		Help:    "Remove the comment. If the finding must be accepted, write a waiver into security/waivers.yaml: it has a reason, an owner and an end.",
	}
}

// FindSuppressions adds a finding for each comment in the files that the gate's
// tools obey.
func (s *Scan) FindSuppressions(files []string) error {
	for _, file := range files {
		content, err := os.ReadFile(s.Job.Tree.Path(file))
		if err != nil {
			continue // the tool could not read it either, and reported that
		}
		for _, obeyed := range s.gate.Obeys {
			if obeyed.Marks == nil {
				continue
			}
			marks, err := obeyed.Marks(file, content)
			if err != nil {
				return err
			}
			for _, m := range marks {
				s.Found(Suppression(file, m))
			}
		}
	}
	return nil
}
