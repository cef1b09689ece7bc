// Package analysis finds what gosec has no rules for, in the kinds of code that
// this project is made of: SQL that is built from input and run through pgx or
// database/sql, secrets that are compared in variable time, and secrets in logs
// and errors. It follows values backwards through the whole module: through
// variables, fields, closures, helper functions and their callers.
package analysis

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// The rules. Their names are of the form that #nosec comments accept, above those
// that gosec uses.
const (
	SQL     = "G901" // SQL is built from input
	Compare = "G902" // a secret is compared in variable time
	Leak    = "G903" // a secret is written to a log or into an error
)

// Report is the result of an analysis, and the proof that it was done.
type Report struct {
	Packages  int      `json:"packages"`
	Functions int      `json:"functions"` // with a body
	Sinks     int      `json:"sinks"`     // statements, comparisons and log calls that were traced
	Files     []string `json:"files"`     // absolute paths
	Issues    []Issue  `json:"issues"`
	Problems  []string `json:"problems"` // code that could not be read; nothing is proven if there is any
}

// Issue is a place where a rule is broken.
type Issue struct {
	Rule    string `json:"rule"`
	File    string `json:"file"` // absolute path
	Line    int    `json:"line"`
	Details string `json:"details"`
	// Excuse is the reason that a #nosec comment gives, "" if there is none.
	Excuse string `json:"excuse,omitempty"`
}

// Of analyses the packages in some folders of a tree. An error means that the
// packages could not be loaded; mistakes in the code are Problems.
func Of(ctx context.Context, tree string, folders []string) (Report, error) {
	modules, err := modulesOf(tree, folders)
	if err != nil {
		return Report{}, err
	}
	report := Report{Files: []string{}, Issues: []Issue{}, Problems: []string{}}
	for _, m := range modules {
		if err := report.add(ctx, m); err != nil {
			return Report{}, err
		}
	}
	slices.SortFunc(report.Issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule))
	})
	return report, nil
}

// add analyses a module.
func (r *Report) add(ctx context.Context, m module) error {
	code, err := load(ctx, m)
	if err != nil {
		return err
	}
	r.Packages += len(code.packages)
	r.Files = append(r.Files, code.files()...)
	if r.Problems = append(r.Problems, code.problems...); len(code.problems) > 0 {
		return nil
	}
	flow := newFlow(code)
	a := &auditor{flow: flow, excuses: code.excuses(), at: map[spot]int{}, report: r}
	for _, f := range code.functions {
		r.Functions++
		for _, block := range f.Blocks {
			for _, instr := range block.Instrs {
				a.instruction(instr)
			}
		}
	}
	return nil
}

// spot is what makes an issue the same as another: functions of a generic kind
// have a copy for each type.
type spot struct {
	rule, file string
	line       int
}

type auditor struct {
	flow    *flow
	excuses excuses
	at      map[spot]int
	report  *Report
}

func (a *auditor) instruction(instr ssa.Instruction) {
	switch i := instr.(type) {
	case ssa.CallInstruction:
		a.statements(i)
		a.comparingCall(i)
		a.logging(i)
	case *ssa.Store:
		a.statementField(i)
		a.errorField(i)
	case *ssa.MakeInterface:
		a.errorText(i)
	case *ssa.Panic:
		a.leak(i.Pos(), i.X)
	case *ssa.BinOp:
		if i.Op == token.EQL || i.Op == token.NEQ {
			a.comparison(i.Pos(), i.X, i.Y)
		}
	}
}

// sink counts a place that was traced.
func (a *auditor) sink() { a.report.Sinks++ }

// issue adds an issue, unless its line has one of the rule already.
func (a *auditor) issue(rule string, pos token.Pos, format string, args ...any) {
	place := a.flow.program.Fset.Position(pos)
	if !place.IsValid() {
		return // the compiler made it; its source is analysed too
	}
	at := spot{rule, filepath.Clean(place.Filename), place.Line}
	if a.at[at]++; a.at[at] > 1 {
		return
	}
	a.report.Issues = append(a.report.Issues, Issue{
		Rule: rule, File: at.file, Line: at.line, Details: fmt.Sprintf(format, args...), Excuse: a.excuses.reason(at),
	})
}
