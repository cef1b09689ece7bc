package report

import (
	"fmt"
	"slices"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// invocation reports how the run ended; left is how many findings beyond the
// limit are left out.
func invocation(s summary, left, limit int) sarifInvocation {
	run := sarifInvocation{
		ExecutionSuccessful: len(s.Gates) > 0 && !slices.ContainsFunc(s.Gates, func(g gate.Result) bool { return g.Status == gate.Errored }) &&
			s.Verdict.Exit != gate.ExitCouldNotRun && s.Verdict.Exit != gate.ExitNothingExamined,
		ExitCode: s.Verdict.Exit, ExitCodeDescription: s.Colour() + ": " + s.Counts(),
		Start: s.Started.UTC(), End: s.Started.Add(s.Took).UTC(),
	}
	notify := func(level string, texts ...string) {
		for _, text := range texts {
			run.Notifications = append(run.Notifications, sarifNotice{level, sarifText(visible(text))})
		}
	}
	notify("error", s.Verdict.Reasons...)
	for _, unseen := range s.Verdict.Unseen {
		notify("warning", "not seen: "+unseen)
	}
	notify("warning", s.Verdict.Warnings...)
	if left > 0 {
		notify("warning", fmt.Sprintf("%d findings are left out, as code scanning takes %d; report.json has all", left, limit))
	}
	return run
}

func level(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High, finding.Unknown:
		return "error"
	case finding.Medium:
		return "warning"
	default:
		return "note"
	}
}

// grade gives the rule the severity of its worst finding. GitHub reads
// security-severity as a score: over 9.0 is critical, from 7.0 high, from 4.0
// medium, above 0 low.
func (r *sarifRule) grade(s finding.Severity) {
	r.worst = s
	r.Configuration.Level = level(s)
	score := map[finding.Severity]string{
		finding.Critical: "9.5", finding.High: "8.0", finding.Unknown: "8.0", finding.Medium: "5.5", finding.Low: "2.0",
	}
	if text, ok := score[s]; ok {
		r.Properties["security-severity"] = text
	}
}
