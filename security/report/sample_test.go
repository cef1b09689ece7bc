package report

import (
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// day is a day of August 2026.
func day(n int) time.Time { return time.Date(2026, time.August, n, 0, 0, 0, 0, time.UTC) }

// sample is a made-up run with each status, each severity, findings of several
// tools, with and without a file, a secret, and waivers in each state.
func sample() gate.Report {
	return gate.Report{
		Project: "rates", Commit: "1f0c33d+changes", Profile: "ci",
		Started: day(14).Add(9*time.Hour + 41*time.Minute), Took: 64*time.Second + 300*time.Millisecond, Files: 214,
		Verdict: gate.Verdict{
			Exit: gate.ExitCouldNotRun,
			Reasons: []string{
				"gosec: findings without a waiver",
				"govulncheck: findings without a waiver",
				"gitleaks: findings without a waiver",
				"trivy: database too old: it is dated 2026-08-01, 13 days ago; profile ci allows 7",
				"waivers.yaml, line 31, DL3008: reason is missing",
				"the waiver of G104 in service/app/ (line 12), owned by Ada, expired on 2026-08-09",
				"the waiver of CKV_GHA_7 in .github/workflows/ci.yml (line 22) matches nothing; remove it",
			},
			Unseen: []string{
				"checkov: no rule covers resources of the types azurerm_monitor_action_group",
				"tflint was skipped: the repository holds no *.tf",
			},
			Warnings: []string{
				"the waiver of DS-0002 in deploy/dev.Dockerfile (line 3), owned by Grace, ends on 2026-08-20",
			},
		},
		Gates:    sampleGates(),
		Findings: sampleFindings(),
		Waivers: gate.Waivers{
			Used:     []waiver.Waiver{sampleWaiver("DS-0002", "deploy/dev.Dockerfile", 3, 20)},
			Ending:   []waiver.Waiver{sampleWaiver("DS-0002", "deploy/dev.Dockerfile", 3, 20)},
			Unused:   []waiver.Waiver{sampleWaiver("CKV_GHA_7", ".github/workflows/ci.yml", 22, 31)},
			Expired:  []waiver.Waiver{sampleWaiver("G104", "service/app/", 12, 9)},
			Problems: []waiver.Problem{{Line: 31, Rule: "DL3008", What: "reason is missing"}},
		},
		Code: map[string]gate.Code{
			"0a11": {First: 85, Lines: []string{
				"// Rates returns the daily rates between two places.",
				"func (s *Store) Rates(ctx context.Context, q rates.Query) ([]rates.DailyRate, error) {",
				"\tvar daily []rates.DailyRate",
				"\tsql := \"SELECT day, sum, count FROM daily_rates WHERE orig = '\" + q.Origin + \"'\"",
				"\trows, err := s.pool.Query(ctx, sql)",
				"\tif err != nil {",
				"\t\treturn nil, fmt.Errorf(\"query the daily rates: %w\", err)",
			}},
			"0e55": {First: 1, Lines: []string{"FROM alpine:3.22", gate.HiddenLine, "RUN apk add curl", "RUN apk add jq", "USER app"}},
		},
	}
}

func sampleGates() []gate.Result {
	demanded := gate.Threshold{Severity: finding.Medium, AtLeast: 1}
	vulnerabilities := &scanner.Database{Source: "https://vuln.go.dev", Date: day(13)}
	return []gate.Result{
		{
			Gate: "gosec", Subject: "Go source", Status: gate.Findings, Took: 8400 * time.Millisecond, Rules: demanded,
			Counts: gate.Counts{Open: map[finding.Severity]int{finding.High: 1, finding.Low: 1}},
			Outcome: &scanner.Outcome{
				Tool: "gosec", Version: "2.28.0", Examined: scanner.Examined{Count: 143, Unit: "Go files"},
				Commands: []string{"gosec -fmt=json -nosec-require-rules ./..."},
			},
		},
		{
			Gate: "govulncheck", Subject: "known vulnerabilities that the code reaches", Status: gate.Findings, Took: 31 * time.Second, Rules: demanded,
			Counts: gate.Counts{Open: map[finding.Severity]int{finding.Unknown: 1}},
			Outcome: &scanner.Outcome{
				Tool: "govulncheck", Version: "v1.1.4", Database: vulnerabilities, Examined: scanner.Examined{Count: 58, Unit: "packages"},
				Commands: []string{"govulncheck -format json ./...", "govulncheck -format json -mode binary rates"},
			},
		},
		{
			Gate: "gitleaks", Subject: "secrets in the history and the files", Status: gate.Findings, Took: 950 * time.Millisecond, Rules: demanded,
			Counts: gate.Counts{Open: map[finding.Severity]int{finding.Critical: 1}},
			Outcome: &scanner.Outcome{
				Tool: "gitleaks", Version: "8.30.1", Examined: scanner.Examined{Count: 121, Unit: "commits"},
				Commands: []string{"gitleaks git --redact --report-format json ."},
			},
		},
		{
			Gate: "trivy", Subject: "dependencies, secrets and configuration", Status: gate.Errored, Kind: scanner.DatabaseTooOld, Took: 2 * time.Second, Rules: demanded,
			Reason: "database too old: it is dated 2026-08-01, 13 days ago; profile ci allows 7",
		},
		{
			Gate: "hadolint", Subject: "Dockerfiles", Status: gate.Waived, Took: 120 * time.Millisecond, Rules: gate.Threshold{Severity: finding.Low, AtLeast: 1},
			Counts: gate.Counts{Open: map[finding.Severity]int{finding.Info: 1}, Waived: 1},
			Outcome: &scanner.Outcome{
				Tool: "hadolint", Version: "2.14.0", Examined: scanner.Examined{Count: 2, Unit: "files"},
				Commands: []string{"hadolint --format json Dockerfile deploy/dev.Dockerfile"}, Notes: []string{"shell scripts in RUN lines were checked too"},
			},
		},
		{
			Gate: "checkov", Subject: "Dockerfiles, compose files and workflows", Status: gate.Waived, Took: 17 * time.Second, Rules: demanded,
			Counts: gate.Counts{Open: map[finding.Severity]int{}, Waived: 1},
			Outcome: &scanner.Outcome{
				Tool: "checkov", Version: "3.2.510", Examined: scanner.Examined{Count: 9, Unit: "files"},
				Commands: []string{"checkov --directory . --output json --compact"},
				Unseen:   []string{"no rule covers resources of the types azurerm_monitor_action_group"},
			},
		},
		{
			Gate: "actionlint", Subject: "GitHub workflows", Status: gate.Passed, Took: 310 * time.Millisecond, Rules: demanded,
			Outcome: &scanner.Outcome{
				Tool: "actionlint", Version: "1.7.10", Examined: scanner.Examined{Count: 4, Unit: "workflows"},
				Commands: []string{"actionlint -format '{{json .}}'"},
			},
		},
		{Gate: "tflint", Subject: "Terraform", Status: gate.Skipped, Reason: "the repository holds no *.tf", Rules: demanded},
	}
}

func sampleFindings() []finding.Finding {
	return []finding.Finding{
		{
			Rule: "generic-api-key", Severity: finding.Critical, Message: "An API key is in the history.", Secret: true,
			Help: "Revoke the key first, then remove it from the history.", File: "deploy/local.env", Line: 4, Resource: "commit 9b2ef07",
			Witnesses: []finding.Witness{{Gate: "gitleaks", Rule: "generic-api-key"}}, Fingerprint: "0b22",
		},
		{
			Rule: "G202", Aliases: []string{"CWE-89"}, Severity: finding.High, Message: "SQL string concatenation",
			Help: "Give the value as a parameter: WHERE orig = $1.", URL: "https://cwe.mitre.org/data/definitions/89.html",
			File: "service/postgres/rates.go", Line: 88, EndLine: 89,
			Witnesses: []finding.Witness{{Gate: "gosec", Rule: "G202"}}, Fingerprint: "0a11",
		},
		{
			Rule: "GO-2026-1234", Aliases: []string{"CVE-2026-1111", "GHSA-aaaa-bbbb-cccc"}, Severity: finding.Unknown,
			Message: "A header of excessive length makes the server read without end.", URL: "https://pkg.go.dev/vuln/GO-2026-1234",
			Package: "golang.org/x/net", Version: "v0.60.0", Fixed: "v0.61.0", Resource: "http2.Server.ServeConn",
			Witnesses: []finding.Witness{{Gate: "govulncheck", Rule: "GO-2026-1234"}}, Fingerprint: "0c33",
		},
		{
			Rule: "DS-0002", Aliases: []string{"CKV_DOCKER_3", "DL3002"}, Severity: finding.Medium, Message: "The last user of the image is root.",
			Help: "End with USER and a number.", File: "deploy/dev.Dockerfile", Line: 9,
			Witnesses: []finding.Witness{{Gate: "checkov", Rule: "CKV_DOCKER_3"}, {Gate: "hadolint", Rule: "DL3002"}}, Fingerprint: "0d44",
			Waiver: &finding.Waiver{Reason: sampleReason, Owner: "Grace", Expires: "2026-08-20"},
		},
		{
			Rule: "G104", Severity: finding.Low, Message: "An error is not looked at.", File: "service/app/app.go", Line: 7,
			Witnesses: []finding.Witness{{Gate: "gosec", Rule: "G104"}}, Fingerprint: "0f66",
		},
		{
			Rule: "DL3059", Severity: finding.Info, Message: "Several RUN lines follow each other.", File: "Dockerfile", Line: 3,
			Witnesses: []finding.Witness{{Gate: "hadolint", Rule: "DL3059"}}, Fingerprint: "0e55",
		},
	}
}

const sampleReason = "It runs on developers' machines alone, where files must be theirs."

func sampleWaiver(rule, path string, line, expires int) waiver.Waiver {
	owner := "Grace"
	if rule == "G104" {
		owner = "Ada"
	}
	return waiver.Waiver{
		Rule: rule, Path: path, Reason: sampleReason, Owner: owner,
		Created: waiver.Day{Time: day(1)}, Expires: waiver.Day{Time: day(expires)}, Line: line,
	}
}

// smallSample has one of each: a finding, a waiver, a gate in error, a skipped
// gate. It shows every field of the formats that programs read.
func smallSample() gate.Report {
	r := sample()
	r.Gates = []gate.Result{r.Gates[1], r.Gates[3], r.Gates[7]}
	r.Findings = r.Findings[2:4]
	r.Findings[0].File, r.Findings[0].Line = "go.mod", 9
	r.Code = map[string]gate.Code{r.Findings[0].Fingerprint: {First: 8, Lines: []string{"require (", "\tgolang.org/x/net v0.60.0", ")"}}}
	r.Verdict.Reasons, r.Verdict.Unseen = r.Verdict.Reasons[3:4], r.Verdict.Unseen[1:]
	return r
}

// greenSample is a run in which all gates passed.
func greenSample() gate.Report {
	r := sample()
	r.Commit, r.Verdict = "1f0c33d", gate.Verdict{Green: true}
	r.Gates, r.Findings, r.Code, r.Waivers = r.Gates[6:7], nil, nil, gate.Waivers{}
	return r
}
