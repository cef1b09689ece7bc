// Package policy is the gate that looks for changes that weaken the other gates,
// against the version on the main branch: in their policy, in the pins of their tools,
// in the limits of waivers, in the names that count as one rule, and in the profiles
// that the pipeline runs. It uses no tool.
package policy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// New returns the gate.
func New() scanner.Scanner { return self{} }

type self struct{}

// Name implements scanner.Scanner.
func (self) Name() string { return gate.PolicyGate }

// Subject implements scanner.Scanner.
func (self) Subject() string { return "changes that weaken the gates" }

// Toolless implements scanner.Toolless.
func (self) Toolless() {}

// Where the rules of the gates are in the repository.
const (
	policyFile  = "security/policy.yaml"
	pinsFolder  = "security/tools"
	aliasesFile = "security/finding/aliases.yaml"
	waiverFile  = "security/waiver/waiver.go"
)

// Scan implements scanner.Scanner.
func (g self) Scan(ctx context.Context, job scanner.Job) (scanner.Outcome, error) {
	s := &scan{job: job, outcome: scanner.Outcome{
		Tool: "gates", Version: scanner.OwnVersion(), Examined: scanner.Examined{Unit: "requirements"}, Commands: []string{},
	}}
	if job.Rules.Policy == "" {
		s.job.Rules = scanner.Rules{Policy: job.Tree.Path(policyFile), Pins: job.Tree.Path(pinsFolder), NeedBase: job.Rules.NeedBase}
	}
	text, err := os.ReadFile(s.job.Rules.Policy)
	if errors.Is(err, os.ErrNotExist) {
		return scanner.Outcome{}, scanner.Errorf(scanner.NothingExamined, "there is no policy")
	}
	if err != nil {
		return scanner.Outcome{}, scanner.Errorf(scanner.InputUnavailable, "read the policy: %w", err)
	}
	s.text = text
	if s.now, err = gate.ReadPolicy(text); err != nil {
		return scanner.Outcome{}, scanner.Errorf(scanner.BadInput, "%w", err)
	}
	if err := s.all(ctx); err != nil {
		return scanner.Outcome{}, err
	}
	for i, f := range s.outcome.Findings {
		s.outcome.Findings[i].Witnesses = []finding.Witness{{Gate: g.Name(), Rule: f.Rule}}
	}
	return s.outcome, nil
}

// scan is one run of the gate.
type scan struct {
	job     scanner.Job
	text    []byte // of the policy
	now     gate.Policy
	base    base
	outcome scanner.Outcome
}

// all compares everything with the version on the main branch.
func (s *scan) all(ctx context.Context) error {
	for _, rules := range s.now.Gates {
		s.outcome.Examined.Count += 1 + len(rules.Rules) + len(rules.ActiveRules)
	}
	s.outcome.Examined.Count += len(s.now.Profiles)
	repository := repository{ctx: ctx, dir: s.job.Tree.Repository}
	if err := s.needs(repository); err != nil {
		return err
	}
	commit, err := repository.base()
	switch {
	case errors.Is(err, errFirst):
		s.unseen("there is no commit before this one, so nothing was compared")
		return nil
	case err == nil:
		s.base = base{repository, commit}
		err = s.compare()
	}
	if err == nil {
		return nil
	}
	if s.job.Rules.NeedBase {
		return scanner.Errorf(scanner.InputUnavailable, "the version on the main branch is not known: %w", err)
	}
	s.unseen("nothing was compared with the main branch: %v", err)
	return nil
}

func (s *scan) compare() error {
	text, err := s.base.file(policyFile)
	if err != nil {
		return err
	}
	before, err := gate.ReadPolicy(text)
	if err != nil {
		return fmt.Errorf("%s there: %w", policyFile, err)
	}
	s.note("compared with commit %s", s.base.commit)
	for _, w := range s.now.Weaker(before) {
		s.found(policyFile, gate.LineOf(s.text, w.Key), strings.Join(w.Key, "."), w.What)
	}
	for _, part := range []func() error{s.pins, s.aliases, s.waivers, s.profiles} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// needs looks for gates that run only because of a file that there never was.
func (s *scan) needs(r repository) error {
	for _, name := range slices.Sorted(maps.Keys(s.now.Gates)) {
		needs := s.now.Gates[name].Needs
		if len(needs) == 0 {
			continue
		}
		known, err := r.everHad(s.job.Tree, needs)
		if err != nil {
			return scanner.Errorf(scanner.InputUnavailable, "look for what the gate %s needs: %w", name, err)
		}
		if !known {
			s.found(policyFile, gate.LineOf(s.text, []string{"gates", name, "needs"}), "gates."+name+".needs",
				"no file in this repository or its history is "+strings.Join(needs, " or ")+", so the gate "+name+" never runs")
		}
	}
	return nil
}

// aliases looks for rules that count as one now: a waiver of one is one of all.
func (s *scan) aliases() error {
	text, err := s.base.file(aliasesFile)
	if errors.Is(err, errNotThere) {
		return nil
	}
	if err != nil {
		return err
	}
	before, err := finding.ParseAliases(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s there: %w", aliasesFile, err)
	}
	now, err := finding.KnownAliases()
	if err != nil {
		return err
	}
	for _, group := range now.Groups() {
		s.outcome.Examined.Count++
		for _, name := range group[1:] {
			if !before.Same(group[0], name) {
				s.found(aliasesFile, 0, name, fmt.Sprintf("%s counts as %s, so a waiver of one holds for both", name, group[0]))
			}
		}
	}
	return nil
}

// maxDays matches the limit of a waiver's life in its source.
var maxDays = regexp.MustCompile(`(?m)^\s*MaxDays\s*=\s*(\d+)\b`)

// waivers compares the longest life of a waiver.
func (s *scan) waivers() error {
	text, err := s.base.file(waiverFile)
	if errors.Is(err, errNotThere) {
		return nil
	}
	if err != nil {
		return err
	}
	found := maxDays.FindSubmatch(text)
	if found == nil {
		return fmt.Errorf("%s there has no MaxDays", waiverFile)
	}
	s.outcome.Examined.Count++
	if before, err := strconv.Atoi(string(found[1])); err != nil || waiver.MaxDays > before {
		s.found(waiverFile, 0, "MaxDays", fmt.Sprintf("a waiver may hold for %d days, and could hold for %s", waiver.MaxDays, found[1]))
	}
	return nil
}

// found adds a finding.
func (s *scan) found(file string, line int, resource, what string) {
	s.outcome.Findings = append(s.outcome.Findings, finding.Finding{
		Rule: gate.WeakerPolicy, Severity: finding.Critical, File: file, Line: line, Resource: resource,
		Message: "This weakens the gates: " + what + ".",
		Help:    "Undo the change, or write a waiver that says why less is enough. It can be removed with the next change after the merge.",
	})
}

func (s *scan) note(format string, args ...any) {
	s.outcome.Notes = append(s.outcome.Notes, fmt.Sprintf(format, args...))
}

func (s *scan) unseen(format string, args ...any) {
	s.outcome.Unseen = append(s.outcome.Unseen, fmt.Sprintf(format, args...))
}
