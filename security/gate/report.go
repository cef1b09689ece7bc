package gate

import (
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// Status is how a gate ended.
type Status string

// The statuses. Only Passed and Waived are green; Skipped is allowed where the
// profile says so.
const (
	Passed   Status = "passed"   // examined enough and found nothing at or above its threshold
	Waived   Status = "waived"   // everything it found there has a waiver
	Findings Status = "findings" // found something without one
	Errored  Status = "error"    // could not run to its end, which proves nothing
	Skipped  Status = "skipped"  // did not run, as the profile allows
)

// Result is how one gate ended, with its evidence.
type Result struct {
	Gate    string            `json:"gate"`
	Subject string            `json:"subject"`
	Status  Status            `json:"status"`
	Reason  string            `json:"reason,omitempty"`     // why it is an error or skipped
	Kind    scanner.Kind      `json:"error_kind,omitempty"` // of an error
	Took    time.Duration     `json:"took_ns"`
	Rules   Threshold         `json:"demanded"`
	Counts  Counts            `json:"findings"`
	Outcome *scanner.Outcome  `json:"evidence,omitempty"` // nil unless the tool ran to its end
	Found   []finding.Finding `json:"-"`                  // as this gate saw them
}

// Threshold holds the requirements on a gate, as reported.
type Threshold struct {
	Severity finding.Severity `json:"threshold"`
	AtLeast  int              `json:"at_least"`
}

// Counts counts the findings of a gate by severity.
type Counts struct {
	Open   map[finding.Severity]int `json:"open,omitempty"`
	Waived int                      `json:"waived"`
}

// Report is one run of the gates. All renderings are made from it.
type Report struct {
	Project  string            `json:"project"` // name of the checkout's folder
	Commit   string            `json:"commit"`  // of the work tree, with "+changes" if it differs
	Profile  string            `json:"profile"`
	Started  time.Time         `json:"started"`
	Took     time.Duration     `json:"took_ns"`
	Files    int               `json:"files"` // in the tree that was examined
	Verdict  Verdict           `json:"verdict"`
	Gates    []Result          `json:"gates"`
	Findings []finding.Finding `json:"findings"` // of all gates, each defect once
	Waivers  Waivers           `json:"waivers"`

	// Code holds the lines around each finding by its fingerprint. A line that
	// holds a secret is HiddenLine.
	Code map[string]Code `json:"code,omitempty"`
}

// Verdict is the result of all gates together.
type Verdict struct {
	Green bool `json:"green"`
	Exit  int  `json:"exit"`
	// Reasons says, gate by gate, why the verdict is not green; empty if it is.
	Reasons []string `json:"reasons,omitempty"`
	// Unseen says what the run did not see, gate by gate: what the verdict does not cover.
	Unseen []string `json:"unseen,omitempty"`
	// Warnings do not change the verdict.
	Warnings []string `json:"warnings,omitempty"`
}

// The exit codes of a run. Of several that apply, the first of CouldNotRun,
// NothingExamined and Findings counts: a gate that did not look weighs more than
// a finding.
const (
	ExitGreen           = 0
	ExitFindings        = 1
	ExitUsage           = 2
	ExitCouldNotRun     = 3
	ExitNothingExamined = 4
)

// Waivers are the exceptions by their effect.
type Waivers struct {
	Used     []waiver.Waiver  `json:"used,omitempty"`
	Ending   []waiver.Waiver  `json:"ending,omitempty"` // of all valid ones, those that end within waiver.WarnDays
	Unused   []waiver.Waiver  `json:"unused,omitempty"` // only if every gate ran
	Expired  []waiver.Waiver  `json:"expired,omitempty"`
	Problems []waiver.Problem `json:"problems,omitempty"`
}
