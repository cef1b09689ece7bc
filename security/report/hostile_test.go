package report

import (
	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// hostile is the sample with s in every text that comes from a tool, a file of
// the tree or waivers.yaml.
func hostile(s string) gate.Report {
	r := sample()
	r.Project, r.Commit = s, s
	for i := range r.Gates {
		g := &r.Gates[i]
		if g.Reason != "" {
			g.Reason = s
		}
		if g.Outcome != nil {
			g.Outcome.Tool, g.Outcome.Version, g.Outcome.Examined.Unit = s, s, s
			g.Outcome.Commands, g.Outcome.Notes = []string{s}, []string{s}
			g.Outcome.Database = &scanner.Database{Source: s, Date: day(1)}
		}
	}
	code := map[string]gate.Code{}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Rule, f.Message, f.Help, f.URL, f.Resource, f.Package, f.Version, f.Fixed = s, s, s, s, s, s, s, s
		if f.File != "" {
			f.File = s
		}
		f.Aliases = []string{s}
		for j := range f.Witnesses {
			f.Witnesses[j].Rule = s
		}
		if f.Waiver != nil {
			f.Waiver = &finding.Waiver{Reason: s, Owner: s, Expires: s}
		}
		if excerpt, ok := r.Code[f.Fingerprint]; ok {
			for j := range excerpt.Lines {
				excerpt.Lines[j] = s
			}
			code[f.Fingerprint] = excerpt
		}
	}
	r.Code = code
	r.Verdict.Reasons, r.Verdict.Warnings = []string{s}, []string{s}
	for _, list := range [][]waiver.Waiver{r.Waivers.Used, r.Waivers.Ending, r.Waivers.Unused, r.Waivers.Expired} {
		for i := range list {
			list[i].Rule, list[i].Path, list[i].Resource, list[i].Reason, list[i].Owner = s, s, s, s, s
		}
	}
	r.Waivers.Problems = []waiver.Problem{{Line: 1, Rule: s, What: s}}
	return r
}
