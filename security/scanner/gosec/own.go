package gosec

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gofiles"
	"example.com/rates/security/scanner/gosec/analysis"
	"example.com/rates/security/tree"
)

// analyze runs the rules of this gate itself on the files, as they are built with
// the variables of env. It is a process of its own, so that it ends with the gate.
func analyze(ctx context.Context, s *scanner.Scan, files, env []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program that analyses Go code: %w", err)
	}
	cmd := scanner.Command{Path: self, Args: []string{"analyze"}, Env: env}
	for _, folder := range gofiles.Folders(files) {
		cmd.Args = append(cmd.Args, "./"+folder) // so that it is never a flag
	}
	out, err := s.Run(ctx, cmd)
	if err != nil {
		return err
	}
	r, err := readAnalysis(out.Stdout, s.Job.Tree, files)
	if err != nil {
		return err
	}
	s.Note("rules %s to %s of this gate: %d packages, %d functions, %d places traced", analysis.SQL, analysis.Leak, r.Packages, r.Functions, r.Sinks)
	for _, i := range r.Issues {
		switch name := s.Name(i.File); {
		case !slices.Contains(files, name):
			// It is examined in another run.
		case i.Excuse != "":
			s.Note("excused in the code: %s in %s:%d: %s", i.Rule, name, i.Line, i.Excuse)
		default:
			s.Found(ownFinding(i, name))
		}
	}
	return nil
}

// readAnalysis reads what the analysis printed about the files. It must have read
// each, and the code must be sound.
func readAnalysis(out []byte, t tree.Tree, files []string) (analysis.Report, error) {
	var r analysis.Report
	if err := json.Unmarshal(out, &r); err != nil {
		return r, scanner.Errorf(scanner.BadOutput, "the analysis of Go code printed %s: %w", scanner.Describe(out), err)
	}
	if len(r.Problems) > 0 {
		return r, scanner.Errorf(scanner.BadInput, "%s", strings.ReplaceAll(r.Problems[0], t.Dir+"/", ""))
	}
	if r.Packages == 0 {
		return r, scanner.Errorf(scanner.BadOutput, "the analysis of Go code names no packages")
	}
	read := map[string]bool{}
	for _, name := range r.Files {
		read[t.Name(name, ".")] = true
	}
	for _, name := range files {
		if !read[name] {
			return r, scanner.Errorf(scanner.BadInput, "the analysis of Go code did not read %s", name)
		}
	}
	for _, i := range r.Issues {
		if i.Rule == "" || i.File == "" || i.Line < 1 {
			return r, scanner.Errorf(scanner.BadOutput, "the analysis of Go code has an issue without rule, file or line: %+v", i)
		}
	}
	return r, nil
}

func ownFinding(i analysis.Issue, name string) finding.Finding {
	f := finding.Finding{Rule: i.Rule, Severity: finding.High, Message: i.Details, File: name, Line: i.Line}
	switch i.Rule {
	case analysis.SQL:
		f.Help = "Pass values as parameters ($1). Quote a name with pgx.Identifier{name}.Sanitize(), or choose it from constants."
		f.URL = "https://cwe.mitre.org/data/definitions/89.html"
	case analysis.Compare:
		f.Severity = finding.Medium
		f.Help = "Compare with crypto/subtle.ConstantTimeCompare, or a MAC with hmac.Equal."
		f.URL = "https://cwe.mitre.org/data/definitions/208.html"
	case analysis.Leak:
		f.Help = "Leave the secret out, or write whether it is set."
		f.URL = "https://cwe.mitre.org/data/definitions/532.html"
	}
	f.Help += fmt.Sprintf(" Where it is safe already, say so there: // #nosec %s -- the reason", i.Rule)
	return f
}
