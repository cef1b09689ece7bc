package gate

import (
	"fmt"
	"slices"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// judge makes the report from the results of the gates.
func (r *run) judge() Report {
	ledger := waiver.NewLedger(r.Waivers, r.Aliases.Same, r.Now)
	for i := range r.results {
		result := &r.results[i]
		ledger.Apply(result.Found)
		if result.Status == "" {
			result.Status, result.Counts = weigh(result.Found, result.Rules.Severity)
		}
	}
	report := Report{Profile: r.Profile, Started: r.Now, Files: len(r.Job.Tree.Files), Gates: r.results}
	var all []finding.Finding
	for _, result := range r.results {
		all = append(all, result.Found...)
	}
	report.Findings = finding.Merge(all)
	report.Waivers = r.waivers(ledger.Use())
	report.Code = excerpts(report.Findings, r.Job.Tree.Lines)
	report.Verdict = r.verdict(report)
	return report
}

// weigh returns the status of a gate with these findings.
func weigh(findings []finding.Finding, threshold finding.Severity) (Status, Counts) {
	status, counts := Passed, Counts{Open: map[finding.Severity]int{}}
	for _, f := range findings {
		if f.Waiver != nil {
			counts.Waived++
		} else {
			counts.Open[f.Severity]++
		}
		switch {
		case !f.Severity.AtLeast(threshold):
		case f.Waiver == nil:
			status = Findings
		case status == Passed:
			status = Waived
		}
	}
	return status, counts
}

// looked reports whether every gate examined its whole subject. Only then is a
// waiver without a match unused.
func (r *run) looked() bool {
	return len(r.results) == len(r.Scanners) && !slices.ContainsFunc(r.results, func(result Result) bool {
		_, skipped := r.profile.Skip[result.Gate]
		_, lacking := r.profile.MissingTools[result.Gate]
		return skipped || lacking && result.Status == Skipped || result.Status == Errored
	})
}

func (r *run) waivers(use waiver.Use) Waivers {
	w := Waivers{Used: use.Used, Expired: use.Expired, Problems: slices.Concat(r.Waivers.Problems, use.Early)}
	if r.looked() {
		w.Unused = use.Unused
	}
	for _, valid := range slices.Concat(use.Used, use.Unused) {
		if valid.DaysLeft(r.Now) <= waiver.WarnDays {
			w.Ending = append(w.Ending, valid)
		}
	}
	return w
}

// verdict judges all gates together.
func (r *run) verdict(report Report) Verdict {
	var v Verdict
	ran, blind, empty, found := 0, 0, 0, 0
	for _, result := range report.Gates {
		switch result.Status {
		case Errored:
			v.Reasons = append(v.Reasons, result.Gate+": "+result.Reason)
			if result.Kind == scanner.NothingExamined {
				empty++
			} else {
				blind++
			}
		case Findings:
			v.Reasons = append(v.Reasons, fmt.Sprintf("%s: findings without a waiver", result.Gate))
			found++
		case Skipped:
			v.Unseen = append(v.Unseen, fmt.Sprintf("%s was skipped: %s", result.Gate, result.Reason))
			continue
		default:
		}
		if result.Outcome != nil {
			for _, unseen := range result.Outcome.Unseen {
				v.Unseen = append(v.Unseen, result.Gate+": "+unseen)
			}
		}
		if result.Gate != PolicyGate || len(report.Gates) == 1 { // it examines the others, not the project
			ran++
		}
	}
	if len(report.Gates) < len(r.Scanners) {
		v.Unseen = append(v.Unseen, fmt.Sprintf("only %d of %d gates were selected; the others did not run", len(report.Gates), len(r.Scanners)))
	}
	if ran == 0 {
		v.Reasons = append(v.Reasons, "no gate ran")
		empty++
	}
	found += r.judgeWaivers(report.Waivers, &v)
	switch {
	case blind > 0:
		v.Exit = ExitCouldNotRun
	case empty > 0:
		v.Exit = ExitNothingExamined
	case found > 0:
		v.Exit = ExitFindings
	default:
		v.Green = true
	}
	return v
}

// judgeWaivers returns how many waivers make the run red.
func (r *run) judgeWaivers(w Waivers, v *Verdict) int {
	before := len(v.Reasons)
	for _, p := range w.Problems {
		v.Reasons = append(v.Reasons, "waivers.yaml, "+p.String())
	}
	for _, expired := range w.Expired {
		v.Reasons = append(v.Reasons, fmt.Sprintf("the waiver of %s, owned by %s, expired on %s", expired, expired.Owner, expired.Expires))
	}
	for _, unused := range w.Unused {
		text := fmt.Sprintf("the waiver of %s matches nothing; remove it", unused)
		// A waiver of a weaker policy is used up when the change is merged.
		if r.profile.UnusedWaivers == Fail && unused.Rule != WeakerPolicy {
			v.Reasons = append(v.Reasons, text)
		} else {
			v.Warnings = append(v.Warnings, text)
		}
	}
	if r.profile.UnusedWaivers == Fail && len(r.Waivers.Waivers) > 0 && !r.looked() {
		v.Warnings = append(v.Warnings, "unused waivers were not looked for: not every gate ran")
	}
	for _, ending := range w.Ending {
		v.Warnings = append(v.Warnings, fmt.Sprintf("the waiver of %s, owned by %s, ends on %s", ending, ending.Owner, ending.Expires))
	}
	return len(v.Reasons) - before
}
