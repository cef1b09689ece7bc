package scanner

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Hadolint examines Dockerfiles with hadolint.
type Hadolint struct{}

// Name implements Scanner.
func (Hadolint) Name() string { return "hadolint" }

// Subject implements Scanner.
func (Hadolint) Subject() string { return "Dockerfiles: base images, users, packages, shell scripts" }

// Scan implements Scanner.
func (g Hadolint) Scan(ctx context.Context, job Job) (Outcome, error) {
	files := dockerfiles(job.Tree)
	if len(files) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no Dockerfile")
	}
	tool, err := job.Tool(ctx, "hadolint")
	if err != nil {
		return Outcome{}, err
	}
	if err := haveStages(job.Tree, files); err != nil {
		return Outcome{}, err
	}
	// Given by name, no configuration of the tree or of the user is honoured.
	config := filepath.Join(job.Scratch, "hadolint.yaml")
	if err := os.WriteFile(config, []byte("failure-threshold: style\n"), 0o600); err != nil {
		return Outcome{}, err
	}
	cmd := Command{
		Path: tool.Path,
		Args: append([]string{
			"--config", config, "--disable-ignore-pragma", "--failure-threshold", "style",
			"--format", "json", "--no-color", "--",
		}, files...),
		Dir:   job.Tree.Dir,
		Exits: []int{0, 1},
	}
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return Outcome{}, err
	}
	findings, err := parseHadolint(out, files)
	if err != nil {
		return Outcome{}, err
	}
	unnamed, err := unnamedDockerfiles(job.Tree, g.Name())
	return Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: len(files), Unit: "Dockerfiles"},
		Commands: []string{cmd.String()},
		Findings: slices.Concat(findings, suppressions(job.Tree, g.Name(), files), unnamed),
	}, err
}

// from begins a stage of a Dockerfile.
var from = regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]`)

// haveStages refuses a file from which nothing can be built: hadolint finds no
// fault in an empty one.
func haveStages(t tree.Tree, files []string) error {
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return Errorf(InputUnavailable, "read %s: %w", name, err)
		}
		if !from.Match(content) {
			return Errorf(BadInput, "%s has no FROM, so it is no Dockerfile", name)
		}
	}
	return nil
}

// hadolintNotParsed is the rule by which hadolint says that it could not read
// a file.
const hadolintNotParsed = "DL1000"

// parseHadolint reads what hadolint printed about the files. It says nothing
// about a file without faults, and nothing at all if it could not open one.
func parseHadolint(out Output, files []string) ([]finding.Finding, error) {
	var list []struct {
		Code    string `json:"code"`
		File    string `json:"file"`
		Line    int    `json:"line"`
		Level   string `json:"level"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(out.Stdout, &list); err != nil || list == nil {
		return nil, Errorf(BadOutput, "hadolint printed no list of faults but %s%s", describe(out.Stdout), said(out.Stderr))
	}
	if (len(list) == 0) != (out.Exit == 0) {
		return nil, Errorf(BadOutput, "hadolint ended with code %d and printed %d faults", out.Exit, len(list))
	}
	findings := make([]finding.Finding, 0, len(list))
	for _, fault := range list {
		if fault.Code == "" || fault.Message == "" || !slices.Contains(files, fault.File) {
			return nil, Errorf(BadOutput, "hadolint printed a fault without code, message or one of the files: %+v", fault)
		}
		if fault.Code == hadolintNotParsed {
			words := strings.Join(strings.Fields(fault.Message), " ")
			return nil, Errorf(BadInput, "%s:%d: %s", fault.File, fault.Line, words)
		}
		url := "https://github.com/hadolint/hadolint/wiki/" + fault.Code
		if strings.HasPrefix(fault.Code, "SC") {
			url = shellcheckURL(fault.Code)
		}
		findings = append(findings, finding.Finding{
			Rule: fault.Code, Severity: shellcheckSeverity(fault.Level),
			Message: fault.Message, URL: url, File: fault.File, Line: fault.Line,
			Witnesses: []finding.Witness{{Gate: "hadolint", Rule: fault.Code}},
		})
	}
	return findings, nil
}

// said is what a tool said on standard error, as part of a message.
func said(stderr []byte) string {
	first, _, _ := strings.Cut(strings.TrimSpace(string(stderr)), "\n")
	if first == "" {
		return ""
	}
	return fmt.Sprintf(", and said %q", first)
}
