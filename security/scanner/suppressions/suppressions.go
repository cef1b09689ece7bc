package scanner

import (
	"bytes"
	"context"
	"fmt"
	goscanner "go/scanner"
	"go/token"
	"os"
	"path"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Suppressions looks for what would make the tools of the other gates look
// away: comments that they obey, and their configuration. It uses no tool.
type Suppressions struct{}

// Name implements Scanner.
func (Suppressions) Name() string { return "suppressions" }

// Subject implements Scanner.
func (Suppressions) Subject() string { return "comments and settings that tell a tool to look away" }

func (Suppressions) toolless() {}

// BlindingConfiguration is the rule of findings about files by which a tool
// could be told to look away.
const BlindingConfiguration = "blinding-configuration"

// Scan implements Scanner.
func (s Suppressions) Scan(ctx context.Context, job Job) (Outcome, error) {
	outcome := Outcome{
		Tool: "gates", Version: ownVersion(),
		Examined: Examined{Unit: "files"},
		Commands: []string{},
		Findings: []finding.Finding{},
	}
	for _, name := range job.Tree.Files {
		if err := ctx.Err(); err != nil {
			return Outcome{}, Errorf(TimedOut, "not all files were read when the time was up: %w", err)
		}
		found, err := s.file(job.Tree, name)
		if err != nil {
			return Outcome{}, err
		}
		outcome.Findings = append(outcome.Findings, found...)
		outcome.Examined.Count++
	}
	if outcome.Examined.Count == 0 {
		return Outcome{}, Errorf(NothingExamined, "the tree holds no file")
	}
	return outcome, nil
}

// ownVersion is the version of the harness, which is its own tool here.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func (s Suppressions) file(t tree.Tree, name string) ([]finding.Finding, error) {
	var found []finding.Finding
	if tool := configures(name); tool != "" {
		found = append(found, finding.Finding{
			Rule: BlindingConfiguration, Severity: finding.High, File: name,
			Message:   fmt.Sprintf("%s reads this file of its own accord, and it can tell it to look away.", tool),
			Help:      "Remove the file. If a finding must be accepted, write a waiver into security/waivers.yaml.",
			Witnesses: []finding.Witness{{Gate: s.Name(), Rule: BlindingConfiguration}},
		})
	}
	info, err := os.Lstat(t.Path(name))
	if err != nil {
		return nil, Errorf(InputUnavailable, "%w", err)
	}
	if !info.Mode().IsRegular() {
		return found, nil // where a link leads to is a file of the tree, or none that is shipped
	}
	content, err := os.ReadFile(t.Path(name))
	if err != nil {
		return nil, Errorf(InputUnavailable, "%w", err)
	}
	obeyed, err := markers(name, content)
	if err != nil {
		return nil, err
	}
	for _, m := range obeyed {
		found = append(found, suppressionAt(s.Name(), name, m))
	}
	return found, nil
}

// configurations are names of files, or of the folder that they are in, that
// tools read without being told to.
var configurations = []struct {
	tool     string
	patterns []string
}{
	{"trivy", []string{".trivyignore", ".trivyignore.*", "trivy.yaml", "trivy.yml", "trivy-secret.yaml"}},
	{"checkov", []string{".checkov.yaml", ".checkov.yml", ".checkov.baseline"}},
	{"tflint", []string{".tflint.hcl", ".tflint.json"}},
	{"tfsec", []string{".tfsec", "tfsec.yaml", "tfsec.yml", "tfsec.json"}},
	{"gitleaks", []string{".gitleaks.toml", ".gitleaksignore", ".betterleaks.toml", ".betterleaksignore"}},
	{"hadolint", []string{".hadolint.yaml", ".hadolint.yml"}},
	{"zizmor", []string{"zizmor.yaml", "zizmor.yml", ".zizmor.yaml", ".zizmor.yml"}},
	{"actionlint", []string{"actionlint.yaml", "actionlint.yml"}},
	{"shellcheck", []string{".shellcheckrc", "shellcheckrc"}},
}

// configures returns the tool that reads a file of this name, or "".
func configures(name string) string {
	for _, c := range configurations {
		for _, pattern := range c.patterns {
			for _, element := range []string{path.Base(name), path.Base(path.Dir(name))} {
				if ok, err := path.Match(pattern, element); ok && err == nil {
					return c.tool
				}
			}
		}
	}
	return ""
}

// marker is a comment that a tool obeys.
type marker struct {
	line int
	text string
}

// allowed matches what gitleaks obeys wherever in a line it stands. The class
// keeps this line from being one.
var allowed = regexp.MustCompile(`\b(gitleaks|betterleaks)[:]allow\b`)

// markers returns the comments that a tool would obey in a file of this name.
func markers(name string, content []byte) ([]marker, error) {
	var found []marker
	commented := obeys(name)
	for i, line := range bytes.Split(content, []byte("\n")) {
		text := allowed.Find(line)
		if text == nil && commented {
			text = suppressing.Find(line)
		}
		if text != nil {
			found = append(found, marker{i + 1, string(text)})
		}
	}
	if path.Ext(name) == ".go" {
		more, err := goMarkers(name, content)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortStableFunc(found, func(a, b marker) int { return a.line - b.line })
	return found, nil
}

// obeys reports whether tools obey comments in files of this name.
func obeys(name string) bool {
	one := tree.Tree{Files: []string{name}}
	return isDockerfile(name) ||
		len(one.Matching("*.tf", "*.tofu", "*.tfvars", "*.hcl", "*.yml", "*.yaml", "*.json", "*.bicep")) > 0
}

var (
	// What gosec obeys at the begin of a line of a comment.
	nosec = regexp.MustCompile(`^(#\s*nosec|nosec|gosec:disable)\b(.*)`)
	// What must follow it: rules, and a reason.
	justified = regexp.MustCompile(`^\s*G[0-9]{3}([\s,]+G[0-9]{3})*\s+--\s*\S`)
	// What golangci-lint obeys: the linters, or all, and a reason.
	nolint = regexp.MustCompile(`^//\s*nolint\b(?::([\w, -]*))?(?:\s*//\s*(\S.*))?`)
	// A list of linters with gosec among them.
	gosecOff = regexp.MustCompile(`\b(gosec|all)\b`)
)

// goMarkers returns the comments of a Go file that switch gosec off without a
// rule and a reason. Text in strings is none, so a file in which the two cannot
// be told apart is an error.
func goMarkers(name string, content []byte) ([]marker, error) {
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(content))
	var lex goscanner.Scanner
	var problems goscanner.ErrorList
	lex.Init(file, content, problems.Add, goscanner.ScanComments)
	var found []marker
	for {
		pos, tok, text := lex.Scan()
		switch tok {
		case token.EOF:
			if len(problems) > 0 {
				return nil, Errorf(BadInput, "%s:%d: %s", name, problems[0].Pos.Line, problems[0].Msg)
			}
			return found, nil
		case token.COMMENT:
			for i, line := range strings.Split(text, "\n") {
				if unjustified(line) {
					found = append(found, marker{file.PositionFor(pos, false).Line + i, strings.TrimSpace(line)})
				}
			}
		default:
		}
	}
}

// unjustified reports whether a line of a comment switches gosec off without
// saying for which rule and why.
func unjustified(line string) bool {
	if m := nolint.FindStringSubmatch(line); m != nil {
		return (strings.TrimSpace(m[1]) == "" || gosecOff.MatchString(m[1])) && m[2] == ""
	}
	m := nosec.FindStringSubmatch(strings.TrimLeft(line, "/* \t"))
	return m != nil && !justified.MatchString(m[2])
}
