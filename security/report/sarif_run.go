package report

import (
	"fmt"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// sarifTools are the tools behind the gates with their evidence.
func sarifTools(gates []gate.Result) []sarifComponent {
	var tools []sarifComponent
	for _, g := range gates {
		properties := map[string]any{"gate": visible(g.Gate), "status": string(g.Status), "seconds": g.Took.Seconds()}
		tool := sarifComponent{Name: visible(g.Gate), Properties: properties}
		if g.Reason != "" {
			properties["reason"] = visible(g.Reason)
		}
		if o := g.Outcome; o != nil {
			tool.Name, tool.Version = visible(o.Tool), visible(o.Version)
			properties["examined"] = visible(examined(g))
			properties["commands"] = visibleAll(o.Commands)
			if o.Database != nil {
				properties["database"] = visible(o.Database.Source)
				properties["databaseDate"] = o.Database.Date.UTC().Format(time.RFC3339)
			}
			if len(o.Notes) > 0 {
				properties["notes"] = visibleAll(o.Notes)
			}
		}
		tools = append(tools, tool)
	}
	return tools
}

func visibleAll(texts []string) []string {
	seen := make([]string, len(texts))
	for i, text := range texts {
		seen[i] = visible(text)
	}
	return seen
}

// sarifInvoked tells how the run went; left is how many findings there was no
// room for.
func sarifInvoked(s summary, left int) sarifInvocation {
	run := sarifInvocation{
		ExecutionSuccessful: s.Verdict.Exit != gate.ExitCouldNotRun && s.Verdict.Exit != gate.ExitNothingExamined,
		ExitCode:            s.Verdict.Exit,
		ExitCodeDescription: s.Headline(),
		Start:               s.Started.UTC(),
		End:                 s.Started.Add(s.Took).UTC(),
		Properties:          map[string]any{"reasons": visibleAll(s.Verdict.Reasons), "warnings": visibleAll(s.Verdict.Warnings)},
	}
	during := func(level, text string) { run.Execution = append(run.Execution, sarifNoticeOf(level, text)) }
	about := func(level, text string) { run.Configuration = append(run.Configuration, sarifNoticeOf(level, text)) }
	for _, g := range s.Gates {
		switch g.Status {
		case gate.Errored:
			run.ExecutionSuccessful = false
			during("error", fmt.Sprintf("%s proved nothing: %s", g.Gate, g.Reason))
		case gate.Skipped:
			during("note", fmt.Sprintf("%s was skipped: %s", g.Gate, g.Reason))
		default:
		}
	}
	if len(s.Gates) == 0 {
		run.ExecutionSuccessful = false
		during("error", "no gate ran")
	}
	if left > 0 {
		during("warning", fmt.Sprintf("%d findings are left out here, as code scanning takes %d; report.json has all", left, sarifResults))
	}
	for _, problem := range s.Waivers.Problems {
		about("error", "waivers.yaml, "+problem.String())
	}
	for _, expired := range s.Waivers.Expired {
		about("error", fmt.Sprintf("the waiver of %s expired on %s", expired, expired.Expires))
	}
	for _, unused := range s.Waivers.Unused {
		about("warning", fmt.Sprintf("the waiver of %s matches nothing", unused))
	}
	for _, ending := range s.Waivers.Ending {
		about("note", fmt.Sprintf("the waiver of %s ends on %s", ending, ending.Expires))
	}
	return run
}

func sarifNoticeOf(level, text string) sarifNotice {
	return sarifNotice{Level: level, Message: sarifText(visible(text))}
}

func sarifLevelOf(s finding.Severity) string {
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
	r.Configuration.Level = sarifLevelOf(s)
	score := map[finding.Severity]string{
		finding.Critical: "9.5", finding.High: "8.0", finding.Unknown: "8.0", finding.Medium: "5.5", finding.Low: "2.0",
	}
	if text, ok := score[s]; ok {
		r.Properties["security-severity"] = text
	}
}
