// Package shellcheck is the gate that examines shell scripts with shellcheck. It
// is shared by the gates whose tools check the scripts in other files with it.
package shellcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/script"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "shellcheck", About: "shell scripts: mistakes, code that is fetched and run, printed secrets", Unit: "scripts",
		Inputs: Scripts, NoInputs: "there is no shell script",
		Obeys:   []scanner.Obeyed{Obeyed()},
		Examine: examine,
	}
}

// probe is a script with a fault that shellcheck must find: it says nothing about
// files without one.
const (
	probe     = "probe-of-the-gate.sh"
	probeText = "#!/bin/sh\necho $1\n"
	probeRule = 2086
)

func examine(ctx context.Context, s *scanner.Scan) error {
	last, err := s.Write(probe, probeText)
	if err != nil {
		return err
	}
	const foundSome = 1 // at least the fault of the probe
	out, err := s.Run(ctx, scanner.Command{
		Args:  slices.Concat([]string{"--norc", "--external-sources", "--severity=style", "--format=json1", "--"}, s.Files, []string{last}),
		Exits: []int{foundSome},
	})
	if err != nil {
		return err
	}
	findings, err := parse(out, s.Files)
	if err != nil {
		return err
	}
	s.Found(findings...)
	for _, name := range s.Files {
		content, err := os.ReadFile(s.Job.Tree.Path(name))
		if err != nil {
			return scanner.Errorf(scanner.InputUnavailable, "%w", err)
		}
		for _, f := range script.Faults(string(content), script.Context{}) {
			s.Found(finding.Finding{Rule: f.Rule, Severity: f.Severity, Message: f.Message, Help: f.Help, File: name, Line: f.Line})
		}
	}
	return s.FindSuppressions(s.Files)
}

// notParsed is the rule of a script whose rest was not read.
const notParsed = 1072

// parse reads what shellcheck printed about the scripts and the probe.
func parse(out scanner.Output, files []string) ([]finding.Finding, error) {
	var report struct {
		Comments []struct {
			File    string `json:"file"`
			Line    int    `json:"line"`
			EndLine int    `json:"endLine"`
			Level   string `json:"level"`
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"comments"`
	}
	if err := json.Unmarshal(out.Stdout, &report); err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "shellcheck printed %s: %w", scanner.Describe(out.Stdout), err)
	}
	if text := strings.TrimSpace(string(out.Stderr)); text != "" {
		return nil, scanner.Errorf(scanner.ToolFailed, "shellcheck did only part of its work: %s", scanner.Describe(out.Stderr))
	}
	findings, probed := []finding.Finding{}, false
	for _, c := range report.Comments {
		if path.IsAbs(c.File) && path.Base(c.File) == probe {
			probed = probed || c.Code == probeRule
			continue
		}
		switch {
		case c.Code == 0 || c.Message == "" || c.Line < 1 || !slices.Contains(files, c.File):
			return nil, scanner.Errorf(scanner.BadOutput, "shellcheck printed a fault without code, message, line or one of the files: %+v", c)
		case c.Code == notParsed:
			return nil, scanner.Errorf(scanner.BadInput, "%s:%d: %s", c.File, c.Line, c.Message)
		}
		rule := fmt.Sprintf("SC%d", c.Code)
		findings = append(findings, finding.Finding{
			Rule: rule, Severity: Severity(c.Level), Message: c.Message, URL: URL(rule), File: c.File, Line: c.Line,
			Help: "Change the script as the page about " + rule + " says.",
		})
	}
	if !probed {
		return nil, scanner.Errorf(scanner.BadOutput, "shellcheck did not find the fault of the probe, so it may have read no script")
	}
	return findings, nil
}

// Obeyed returns what shellcheck obeys.
func Obeyed() scanner.Obeyed {
	return scanner.Obeyed{Tool: "shellcheck", Settings: []string{".shellcheckrc", "shellcheckrc"}, Marks: disabling}
}

const mark = `\bshellcheck\s+([\w-]+=\S+\s+)*(disable|extended-analysis=false)`

var (
	inScripts = scanner.Lines("shellcheck", `#.*`+mark)
	elsewhere = scanner.Comments("shellcheck", mark)
)

// disabling returns the comments in a file that shellcheck obeys.
func disabling(name string, content []byte) ([]scanner.Mark, error) {
	if IsScript(name, content) {
		return inScripts(name, content)
	}
	return elsewhere(name, content)
}

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
