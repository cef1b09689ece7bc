// Package hadolint is the gate that examines Dockerfiles with hadolint.
package hadolint

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/buildfile"
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
	mine, err := own(s.Job.Tree, s.Files)
	if err != nil {
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
	s.Found(withoutKnown(mine, findings)...)
	s.Note("%d rules of our own were applied too (security/scanner/buildfile)", len(buildfile.Rules()))
	if err := s.FindSuppressions(s.Files); err != nil {
		return err
	}
	unnamed, err := unnamedDockerfiles(s.Job.Tree)
	s.Found(unnamed...)
	return err
}

// own returns the findings by our own rules. It refuses a file from which nothing
// can be built: hadolint finds no fault in an empty file.
func own(t tree.Tree, files []string) ([]finding.Finding, error) {
	var found []finding.Finding
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return nil, scanner.Errorf(scanner.InputUnavailable, "read %s: %w", name, err)
		}
		more, err := buildfile.Check(name, content)
		if err != nil {
			return nil, scanner.Errorf(scanner.BadInput, "%s is not a Dockerfile that BuildKit can read: %w", name, err)
		}
		found = append(found, more...)
	}
	return found, nil
}

// withoutKnown leaves out that an image runs as root, where hadolint says so too.
func withoutKnown(found, known []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		return f.Rule == buildfile.Root && slices.ContainsFunc(known, func(k finding.Finding) bool {
			return k.Rule == "DL3002" && k.File == f.File && k.Line == f.Line
		})
	})
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
			Message: fault.Message, Help: help(fault.Code), URL: url, File: fault.File, Line: fault.Line,
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
