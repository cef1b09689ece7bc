// Package unread is the gate that accounts for every file of the tree: a file is
// read by a gate that understands its kind, or it is counted as read by none. The
// policy says which files of which kinds may be read by none. It uses no tool.
package unread

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// The rules.
const (
	File     = "unread-file"     // a file that the policy does not accept
	Empty    = "unread-nothing"  // the policy accepts files that there are not
	Pipeline = "unread-pipeline" // a pipeline of a system whose files no gate reads
)

// New returns the gate, which asks these gates for the files that they read.
func New(gates []scanner.Scanner) scanner.Scanner {
	var g gate
	for _, s := range gates {
		if r, ok := s.(scanner.Reader); ok && !slices.Contains(everywhere, s.Name()) {
			g.readers = append(g.readers, r)
		}
	}
	return g
}

// everywhere are the gates that look for secrets, versions and the like in files of
// all kinds, and understand none.
var everywhere = []string{"gitleaks", "trivy", "trivy-image", "zap"}

type gate struct{ readers []scanner.Reader }

// Name implements scanner.Scanner.
func (gate) Name() string { return "unread" }

// Subject implements scanner.Scanner.
func (gate) Subject() string { return "files that no gate understands, pipelines of other systems" }

// Toolless implements scanner.Toolless.
func (gate) Toolless() {}

// Scan implements scanner.Scanner.
func (g gate) Scan(ctx context.Context, job scanner.Job) (scanner.Outcome, error) {
	if len(job.Tree.Files) == 0 {
		return scanner.Outcome{}, scanner.Errorf(scanner.NothingExamined, "the repository holds no files")
	}
	read := g.read(job.Tree)
	byKind := map[string]int{}
	accepted := newAcceptance(job.Accepted)
	outcome := scanner.Outcome{
		Tool: "gates", Version: scanner.OwnVersion(), Commands: []string{}, Findings: []finding.Finding{},
		Examined: scanner.Examined{Count: len(job.Tree.Files), Unit: "files"},
	}
	for _, name := range job.Tree.Files {
		if err := ctx.Err(); err != nil {
			return scanner.Outcome{}, scanner.Errorf(scanner.TimedOut, "time was up before all files were read: %w", err)
		}
		content, link, err := contentOf(job.Tree, name)
		if err != nil {
			return scanner.Outcome{}, err
		}
		if isStructured(name) && isBinary(content) {
			return scanner.Outcome{}, scanner.Errorf(scanner.BadInput, "%s is not UTF-8 text, so no gate can tell what it is", name)
		}
		if read[name] {
			continue
		}
		kind := kindOf(name, content, link)
		byKind[kind]++
		if !accepted.covers(kind, name) {
			outcome.Findings = append(outcome.Findings, unaccepted(kind, name, job.WarnUnread))
		}
		if system := systemOf(name, content); system != "" {
			outcome.Findings = append(outcome.Findings, pipeline(name, system))
		}
	}
	outcome.Findings = append(outcome.Findings, accepted.empty()...)
	if len(byKind) == 0 {
		outcome.Notes = []string{fmt.Sprintf("a gate reads each of the %d files", len(job.Tree.Files))}
	} else {
		outcome.Unseen = []string{account(len(job.Tree.Files), byKind)}
	}
	for i, f := range outcome.Findings {
		outcome.Findings[i].Witnesses = []finding.Witness{{Gate: g.Name(), Rule: f.Rule}}
	}
	return outcome, nil
}

// read returns the files that a gate understands.
func (g gate) read(t tree.Tree) map[string]bool {
	files := map[string]bool{}
	for _, r := range g.readers {
		for _, name := range r.Reads(t) {
			files[name] = true
		}
	}
	for _, name := range t.Files {
		if readOtherwise(name) {
			files[name] = true
		}
	}
	return files
}

func contentOf(t tree.Tree, name string) (content []byte, link bool, err error) {
	info, err := os.Lstat(t.Path(name))
	if err != nil {
		return nil, false, scanner.Errorf(scanner.InputUnavailable, "%w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, true, nil
	}
	content, err = os.ReadFile(t.Path(name))
	if err != nil {
		return nil, false, scanner.Errorf(scanner.InputUnavailable, "%w", err)
	}
	return content, false, nil
}

// account says how many files of each kind no gate understands.
func account(all int, byKind map[string]int) string {
	var kinds []string
	unread := 0
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		unread += byKind[kind]
		kinds = append(kinds, fmt.Sprintf("%d %s", byKind[kind], kind))
	}
	return fmt.Sprintf("of %d files, gates look into %d for secrets only, by kind: %s", all, unread, strings.Join(kinds, ", "))
}
