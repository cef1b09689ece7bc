// Package suppressions is the gate that looks for comments and settings that
// could suppress findings of the other gates' tools. It uses no tool.
package suppressions

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"slices"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// New returns the gate, which looks for what the tools of these gates obey.
func New(gates []scanner.Scanner) scanner.Scanner {
	g := gate{canaries: []string{gate{}.Name()}}
	for _, s := range gates {
		g.canaries = append(g.canaries, s.Name())
		if o, ok := s.(scanner.Obedient); ok {
			g.obeyed = append(g.obeyed, o.Obeyed()...)
		}
	}
	return g
}

type gate struct {
	obeyed   []scanner.Obeyed
	canaries []string // the gates, each of which may have a canary
}

// Name implements scanner.Scanner.
func (gate) Name() string { return "suppressions" }

// Subject implements scanner.Scanner.
func (gate) Subject() string { return "comments and settings that suppress findings" }

// Toolless implements scanner.Toolless.
func (gate) Toolless() {}

// BlindingConfiguration is the rule of findings about files that could suppress
// findings of a tool.
const BlindingConfiguration = "blinding-configuration"

// Scan implements scanner.Scanner.
func (g gate) Scan(ctx context.Context, job scanner.Job) (scanner.Outcome, error) {
	outcome := scanner.Outcome{
		Tool: "gates", Version: scanner.OwnVersion(),
		Examined: scanner.Examined{Unit: "files"},
		Commands: []string{},
		Findings: []finding.Finding{},
	}
	for _, name := range job.Tree.Files {
		if err := ctx.Err(); err != nil {
			return scanner.Outcome{}, scanner.Errorf(scanner.TimedOut, "time was up before all files were read: %w", err)
		}
		found, err := g.file(job.Tree, name)
		if err != nil {
			return scanner.Outcome{}, err
		}
		outcome.Findings = append(outcome.Findings, found...)
		outcome.Examined.Count++
	}
	if outcome.Examined.Count == 0 {
		return scanner.Outcome{}, scanner.Errorf(scanner.NothingExamined, "the repository holds no files")
	}
	outcome.Findings = append(outcome.Findings, g.strays(job.Tree)...)
	outcome.Notes, outcome.Unseen = leftOut(job.Tree)
	for i, f := range outcome.Findings {
		outcome.Findings[i].Witnesses = []finding.Witness{{Gate: g.Name(), Rule: f.Rule}}
	}
	return outcome, nil
}

func (g gate) file(t tree.Tree, name string) ([]finding.Finding, error) {
	var found []finding.Finding
	if tool := g.configures(name); tool != "" {
		found = append(found, finding.Finding{
			Rule: BlindingConfiguration, Severity: finding.High, File: name,
			Message: fmt.Sprintf("%s reads this file by default, and the file can suppress its findings.", tool),
			Help:    "Remove the file. If a finding must be accepted, write a waiver into security/waivers.yaml.",
		})
	}
	info, err := os.Lstat(t.Path(name))
	if err != nil {
		return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
	}
	if !info.Mode().IsRegular() {
		return found, nil // the target of a link is a file of the tree, or is not shipped
	}
	content, err := os.ReadFile(t.Path(name))
	if err != nil {
		return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
	}
	marks, err := g.marks(name, content)
	for _, m := range marks {
		found = append(found, scanner.Suppression(name, m))
	}
	return found, err
}

// configures returns the tool that reads a file of this name, or "".
func (g gate) configures(name string) string {
	for _, o := range g.obeyed {
		for _, pattern := range o.Settings {
			for _, element := range []string{path.Base(name), path.Base(path.Dir(name))} {
				if ok, err := path.Match(pattern, element); ok && err == nil {
					return o.Tool
				}
			}
		}
	}
	return ""
}

// marks returns the comments in a file that a tool would obey, one a line.
func (g gate) marks(name string, content []byte) ([]scanner.Mark, error) {
	var all []scanner.Mark
	for _, o := range g.obeyed {
		if o.Marks == nil {
			continue
		}
		marks, err := o.Marks(name, content)
		if err != nil {
			return nil, err
		}
		all = append(all, marks...)
	}
	slices.SortStableFunc(all, func(a, b scanner.Mark) int { return cmp.Compare(a.Line, b.Line) })
	return slices.CompactFunc(all, func(a, b scanner.Mark) bool { return a.Line == b.Line }), nil
}
