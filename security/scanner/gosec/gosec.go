// Package gosec is the gate that looks for mistakes in Go code with gosec, and with
// rules of its own for the kinds of code that this project is made of.
// Tests are never shipped, and other gates find secrets in them.
package gosec

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gofiles"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "gosec", About: "Go source, without tests", Unit: "files",
		Inputs: func(t tree.Tree) []string { return gofiles.Of(t).Built }, NoInputs: "the repository holds no Go code that is built here",
		Obeys:   []scanner.Obeyed{{Tool: "gosec", Marks: unjustifiedMarks}},
		Examine: examine,
	}
}

func examine(ctx context.Context, s *scanner.Scan) error {
	s.Outcome.Examined.Count = 0 // gosec says how many files it examined
	files := gofiles.Of(s.Job.Tree)
	for _, name := range files.Tagged {
		s.Found(scanner.Unexamined(name, "A build tag keeps this file from being examined.", "Remove the tag, or the file if nothing builds it."))
	}
	if err := examineOn(ctx, s, "", files.Built); err != nil {
		return err
	}
	for _, system := range slices.Sorted(maps.Keys(files.Foreign)) {
		if err := examineOn(ctx, s, system, files.Foreign[system]); err != nil {
			return err
		}
	}
	return nil
}

// examineOn examines the files as they are built on a system, "" for this one.
func examineOn(ctx context.Context, s *scanner.Scan, system string, files []string) error {
	cmd := command(gofiles.Folders(files))
	if goos, goarch, other := strings.Cut(system, "/"); other {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "GOARCH="+goarch)
		s.Note("examined as built on %s: %s", system, strings.Join(files, ", "))
	}
	out, err := s.Run(ctx, cmd)
	if err != nil {
		return err
	}
	r, err := parse(out)
	if err != nil {
		return err
	}
	if err := r.sound(s.Job.Tree, files); err != nil {
		return err
	}
	if system != "" {
		r = r.about(s.Job.Tree, files)
	}
	s.Outcome.Examined.Count += len(r.files)
	s.Outcome.Notes = append(s.Outcome.Notes, r.suppressed(s.Job.Tree)...)
	s.Found(r.findings(s.Job.Tree)...)
	return analyze(ctx, s, files, cmd.Env)
}

// about returns the part of the report about some files: the others in their
// folders are examined in another run.
func (r report) about(t tree.Tree, files []string) report {
	other := func(name string) bool { return !slices.Contains(files, t.Name(name, ".")) }
	r.files = slices.DeleteFunc(r.files, other)
	r.Issues = slices.DeleteFunc(r.Issues, func(i issue) bool { return other(i.File) })
	maps.DeleteFunc(r.Errors, func(name string, _ []problem) bool { return other(name) })
	return r
}

// command names each folder: in a pattern such as ./... gosec silently ignores
// every folder with "vendor" anywhere in its path. With -quiet it would print
// no report if it finds nothing.
func command(folders []string) scanner.Command {
	args := []string{
		"-fmt", "json", "-nosec-require-rules", "-nosec-require-justification", "-track-suppressions",
	}
	for _, folder := range folders {
		if folder != "." {
			folder = "./" + folder // so that it is never a flag
		}
		args = append(args, folder)
	}
	const foundSome = 1
	return scanner.Command{Args: args, Env: gofiles.Env(), Exits: []int{0, foundSome}}
}

// sound returns an error unless gosec read all files that it was given.
func (r report) sound(t tree.Tree, wanted []string) error {
	var names []string
	for name, errs := range r.Errors {
		if slices.ContainsFunc(errs, problem.fatal) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		// The entry without a name repeats the others in the compiler's words.
		name := slices.Max(names)
		first := r.Errors[name][slices.IndexFunc(r.Errors[name], problem.fatal)]
		return scanner.Errorf(scanner.BadInput, "%s:%d: %s", t.Name(name, "."), first.Line, first.Error)
	}
	if len(r.complaints) > 0 {
		return scanner.Errorf(scanner.ToolFailed, "gosec did only part of its work: %s", r.complaints[0])
	}
	seen := map[string]bool{}
	for _, name := range r.files {
		seen[t.Name(name, ".")] = true
	}
	for _, name := range wanted {
		if !seen[name] {
			return scanner.Errorf(scanner.BadInput, "gosec did not examine %s; does it use cgo, or build constraints that gosec does not know?", name)
		}
	}
	return nil
}

// findings returns the issues, and the comments that excuse one without naming
// its rule and a reason.
func (r report) findings(t tree.Tree) []finding.Finding {
	var found []finding.Finding
	for _, i := range r.Issues {
		if i.excused() {
			continue
		}
		first, last := i.lines()
		found = append(found, finding.Finding{
			Rule: i.Rule, Severity: finding.SeverityOf(i.Severity), Message: strings.TrimSuffix(i.Details, ".") + ".",
			Help: fmt.Sprintf("%s Where it is safe already, say so there: // #nosec %s -- the reason", help(i.Rule), i.Rule),
			URL:  i.CWE.URL, File: t.Name(i.File, "."), Line: first, EndLine: last,
		})
	}
	for name, errs := range r.Errors {
		for _, e := range errs {
			if !e.fatal() {
				found = append(found, finding.Finding{
					Rule: scanner.InlineSuppression, Severity: finding.High, Message: "A #nosec comment does not say which rule it is about, or why.",
					Help: "Write it as: // #nosec G000 -- the reason", File: t.Name(name, "."), Line: e.Line,
				})
			}
		}
	}
	finding.Sort(found)
	return found
}

// suppressed lists the issues that the code itself excuses, with the reason.
func (r report) suppressed(t tree.Tree) []string {
	var notes []string
	for _, i := range r.Issues {
		if i.excused() {
			first, _ := i.lines()
			notes = append(notes, fmt.Sprintf("excused in the code: %s in %s:%d: %s",
				i.Rule, t.Name(i.File, "."), first, i.Suppressions[0].Justification))
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}
