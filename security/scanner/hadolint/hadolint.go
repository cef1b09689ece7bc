// Package hadolint is the gate that examines Dockerfiles with hadolint.
package hadolint

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/shellcheck"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "hadolint", About: "Dockerfiles: base images, users, packages, shell scripts", Unit: "Dockerfiles",
		Inputs: scanner.Dockerfiles, NoInputs: "there is no Dockerfile",
		Obeys: []scanner.Obeyed{
			{Tool: "hadolint", Settings: []string{".hadolint.yaml", ".hadolint.yml"}, Marks: pragmas}, shellcheck.Obeyed(),
		},
		Examine: examine,
	}
}

var pragmas = scanner.Comments("hadolint", `\bhadolint\s+(global\s+)?(ignore|shell\s*=)`)

func examine(ctx context.Context, s *scanner.Scan) error {
	if err := haveStages(s.Job.Tree, s.Files); err != nil {
		return err
	}
	// Named, so that no settings of the tree or of the user are read.
	settings, err := s.Write("hadolint.yaml", "failure-threshold: style\n")
	if err != nil {
		return err
	}
	out, err := s.Run(ctx, scanner.Command{
		Args: append([]string{
			"--config", settings, "--disable-ignore-pragma", "--failure-threshold", "style",
			"--format", "json", "--no-color", "--",
		}, s.Files...),
		Exits: []int{0, 1},
	})
	if err != nil {
		return err
	}
	findings, err := parse(out, s.Files)
	if err != nil {
		return err
	}
	s.Found(findings...)
	if err := s.FindSuppressions(s.Files); err != nil {
		return err
	}
	unnamed, err := unnamedDockerfiles(s.Job.Tree)
	s.Found(unnamed...)
	return err
}

// from begins a stage of a Dockerfile.
var from = regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]`)

// haveStages refuses a file from which nothing can be built: hadolint finds no
// fault in an empty file.
func haveStages(t tree.Tree, files []string) error {
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return scanner.Errorf(scanner.InputUnavailable, "read %s: %w", name, err)
		}
		if !from.Match(content) {
			return scanner.Errorf(scanner.BadInput, "%s has no FROM, so it is not a Dockerfile", name)
		}
	}
	return nil
}

// notParsed is the rule of a file that hadolint could not read.
const notParsed = "DL1000"

// parse reads what hadolint printed about the files. It prints nothing about a
// file without faults, and nothing at all if it could not open one.
func parse(out scanner.Output, files []string) ([]finding.Finding, error) {
	var list []struct {
		Code    string `json:"code"`
		File    string `json:"file"`
		Line    int    `json:"line"`
		Level   string `json:"level"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(out.Stdout, &list); err != nil || list == nil {
		return nil, scanner.Errorf(scanner.BadOutput, "hadolint printed no list of faults, but %s%s", scanner.Describe(out.Stdout), said(out.Stderr))
	}
	if (len(list) == 0) != (out.Exit == 0) {
		return nil, scanner.Errorf(scanner.BadOutput, "hadolint ended with code %d and printed %d faults", out.Exit, len(list))
	}
	findings := make([]finding.Finding, 0, len(list))
	for _, fault := range list {
		if fault.Code == "" || fault.Message == "" || !slices.Contains(files, fault.File) {
			return nil, scanner.Errorf(scanner.BadOutput, "hadolint printed a fault without code, message or one of the files: %+v", fault)
		}
		if fault.Code == notParsed {
			words := strings.Join(strings.Fields(fault.Message), " ")
			return nil, scanner.Errorf(scanner.BadInput, "%s:%d: %s", fault.File, fault.Line, words)
		}
		url := "https://github.com/hadolint/hadolint/wiki/" + fault.Code
		if strings.HasPrefix(fault.Code, "SC") {
			url = shellcheck.URL(fault.Code)
		}
		findings = append(findings, finding.Finding{
			Rule: fault.Code, Severity: shellcheck.Severity(fault.Level),
			Message: fault.Message, URL: url, File: fault.File, Line: fault.Line,
		})
	}
	return findings, nil
}

// said returns the first line of standard error, as part of a message.
func said(stderr []byte) string {
	first, _, _ := strings.Cut(strings.TrimSpace(string(stderr)), "\n")
	if first == "" {
		return ""
	}
	return fmt.Sprintf(", and wrote %q", first)
}
