package scanner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Gosec looks for mistakes in Go code that is not a test. Tests are never
// shipped; secrets in them are found by other gates.
type Gosec struct{}

// Name implements Scanner.
func (Gosec) Name() string { return "gosec" }

// Subject implements Scanner.
func (Gosec) Subject() string { return "Go source, tests aside" }

// Scan implements Scanner.
func (g Gosec) Scan(ctx context.Context, job Job) (Outcome, error) {
	tool, err := job.Tool(ctx, "gosec")
	if err != nil {
		return Outcome{}, err
	}
	files := goFilesOf(job.Tree)
	if len(files.built) == 0 {
		return Outcome{}, Errorf(NothingExamined, "the repository holds no Go code that is built here")
	}
	outcome := Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Unit: "files"},
		Findings: notBuilt(g.Name(), files.tagged),
	}
	if err := g.on(ctx, job, tool, "", files.built, &outcome); err != nil {
		return Outcome{}, err
	}
	for _, system := range slices.Sorted(maps.Keys(files.foreign)) {
		if err := g.on(ctx, job, tool, system, files.foreign[system], &outcome); err != nil {
			return Outcome{}, err
		}
	}
	return outcome, nil
}

// on examines the files as they are built on a system, "" for this one, and
// adds what comes of it to the outcome.
func (g Gosec) on(ctx context.Context, job Job, tool Tool, system string, files []string, outcome *Outcome) error {
	cmd := gosecCommand(job, tool, foldersOf(files))
	if goos, goarch, other := strings.Cut(system, "/"); other {
		cmd.Env = append(cmd.Env, "GOOS="+goos, "GOARCH="+goarch)
		outcome.Notes = append(outcome.Notes, fmt.Sprintf("examined as built on %s: %s", system, strings.Join(files, ", ")))
	}
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return err
	}
	report, err := parseGosec(out)
	if err != nil {
		return err
	}
	if err := report.sound(job.Tree, files); err != nil {
		return err
	}
	if system != "" {
		report = report.about(job.Tree, files)
	}
	outcome.Examined.Count += len(report.files)
	outcome.Commands = append(outcome.Commands, job.typed(cmd))
	outcome.Notes = append(outcome.Notes, report.suppressed(job.Tree)...)
	outcome.Findings = append(outcome.Findings, report.findings(g.Name(), job.Tree)...)
	return nil
}

// about returns what the report says about some of the files: those beside
// them in their folders are examined in another run.
func (r gosecReport) about(t tree.Tree, files []string) gosecReport {
	other := func(name string) bool { return !slices.Contains(files, t.Name(name, ".")) }
	r.files = slices.DeleteFunc(r.files, other)
	r.Issues = slices.DeleteFunc(r.Issues, func(issue gosecIssue) bool { return other(issue.File) })
	maps.DeleteFunc(r.Errors, func(name string, _ []gosecError) bool { return other(name) })
	return r
}

// gosecCommand names each folder. Of a pattern such as ./... gosec leaves out
// every folder whose path has "vendor" anywhere in it, and says nothing. With
// -quiet it would print no report where it finds nothing.
func gosecCommand(job Job, tool Tool, folders []string) Command {
	args := []string{
		"-fmt", "json", "-nosec-require-rules", "-nosec-require-justification", "-track-suppressions",
	}
	for _, folder := range folders {
		if folder != "." {
			folder = "./" + folder // which cannot be taken for a flag
		}
		args = append(args, folder)
	}
	const foundSome = 1
	return Command{Path: tool.Path, Args: args, Dir: job.Tree.Dir, Env: goEnv(), Exits: []int{0, foundSome}}
}

// sound returns an error unless gosec could read all that it was to read.
func (r gosecReport) sound(t tree.Tree, wanted []string) error {
	var names []string
	for name, errs := range r.Errors {
		if slices.ContainsFunc(errs, gosecError.fatal) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		// The one without a name repeats in the compiler's words what the others say.
		name := slices.Max(names)
		first := r.Errors[name][slices.IndexFunc(r.Errors[name], gosecError.fatal)]
		return Errorf(BadInput, "%s:%d: %s", t.Name(name, "."), first.Line, first.Error)
	}
	if len(r.complaints) > 0 {
		return Errorf(ToolFailed, "gosec left out a part of its work: %s", r.complaints[0])
	}
	seen := map[string]bool{}
	for _, name := range r.files {
		seen[t.Name(name, ".")] = true
	}
	for _, name := range wanted {
		if !seen[name] {
			return Errorf(BadInput, "gosec did not examine %s; does it use cgo, or build constraints that gosec does not know?", name)
		}
	}
	return nil
}

// findings returns what is wrong, and the comments that wave it through
// without saying what and why.
func (r gosecReport) findings(gate string, t tree.Tree) []finding.Finding {
	var found []finding.Finding
	for _, issue := range r.Issues {
		if issue.excused() {
			continue
		}
		first, last := issue.lines()
		found = append(found, finding.Finding{
			Rule: issue.Rule, Severity: gosecSeverity(issue.Severity), Message: strings.TrimSuffix(issue.Details, ".") + ".",
			Help: fmt.Sprintf("%s Where it is safe already, say so there: // #nosec %s -- the reason", gosecHelp(issue.Rule), issue.Rule),
			URL:  issue.CWE.URL, File: t.Name(issue.File, "."), Line: first, EndLine: last,
			Witnesses: []finding.Witness{{Gate: gate, Rule: issue.Rule}},
		})
	}
	for name, errs := range r.Errors {
		for _, e := range errs {
			if !e.fatal() {
				found = append(found, finding.Finding{
					Rule: InlineSuppression, Severity: finding.High, Message: "A #nosec comment does not say which rule it is about, or why.",
					Help: "Write it as: // #nosec G000 -- the reason", File: t.Name(name, "."), Line: e.Line,
					Witnesses: []finding.Witness{{Gate: gate, Rule: InlineSuppression}},
				})
			}
		}
	}
	finding.Sort(found)
	return found
}

// suppressed lists what the code itself excuses, with the reason.
func (r gosecReport) suppressed(t tree.Tree) []string {
	var notes []string
	for _, issue := range r.Issues {
		if issue.excused() {
			first, _ := issue.lines()
			notes = append(notes, fmt.Sprintf("excused in the code: %s in %s:%d: %s",
				issue.Rule, t.Name(issue.File, "."), first, issue.Suppressions[0].Justification))
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// NotExamined is the rule of findings about files that a gate cannot see.
const NotExamined = "not-examined"

// notBuilt returns a finding for each file that is built only with a tag.
func notBuilt(gate string, files []string) []finding.Finding {
	var found []finding.Finding
	for _, name := range files {
		found = append(found, finding.Finding{
			Rule: NotExamined, Severity: finding.Medium, Message: "A build tag keeps this file out of what is examined.",
			Help: "Remove the tag, or the file if nothing builds it.", File: name,
			Witnesses: []finding.Witness{{Gate: gate, Rule: NotExamined}},
		})
	}
	return found
}

func gosecSeverity(name string) finding.Severity {
	severity, err := finding.ParseSeverity(name)
	if err != nil {
		return finding.Unknown // which counts as high
	}
	return severity
}
