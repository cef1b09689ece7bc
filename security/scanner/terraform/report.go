package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Result is how a run ended.
type Result struct {
	Run    Run
	Status string // pass, fail, error or skip
}

// Diagnostic is an error that Terraform reports.
type Diagnostic struct {
	Run     Run // the zero value outside of runs
	Summary string
	Detail  string
	File    string // path below the root, "" if it has no place
	Line    int    // from 1
}

// String returns the diagnostic as FILE:LINE: SUMMARY: DETAIL.
func (d Diagnostic) String() string {
	said := d.Summary
	if d.Detail != "" {
		said += ": " + strings.Join(strings.Fields(d.Detail), " ")
	}
	if d.File == "" {
		return said
	}
	return fmt.Sprintf("%s:%d: %s", d.File, d.Line, said)
}

// Report is the output of terraform test -json.
type Report struct {
	Terraform   string // version
	Results     []Result
	Diagnostics []Diagnostic            // errors, not warnings
	Plans       map[Run]json.RawMessage // with -verbose, of the runs that made one
}

// InvalidError means that Terraform could not read the configuration or the
// tests, and so ran nothing.
type InvalidError struct{ Diagnostics []Diagnostic }

// Error implements error.
func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Diagnostics))
	for i, d := range e.Diagnostics {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

type message struct {
	Type       string `json:"type"`
	Terraform  string `json:"terraform"`
	File       string `json:"@testfile"`
	Run        string `json:"@testrun"`
	Diagnostic *struct {
		Severity, Summary, Detail string
		Range                     *struct {
			Filename string
			Start    struct{ Line int }
		}
	} `json:"diagnostic"`
	Abstract map[string][]string `json:"test_abstract"`
	TestRun  *struct {
		Path, Run, Progress, Status string
	} `json:"test_run"`
	Plan    json.RawMessage `json:"test_plan"`
	Summary *summary        `json:"test_summary"`
}

type summary struct {
	Passed, Failed, Errored, Skipped int
}

// ParseTest reads the standard output of terraform test -json. It must be
// complete: begin with the version, end with the summary, and report as many runs
// as both count. The error is an *InvalidError if Terraform could not read its
// input.
func ParseTest(output []byte) (Report, error) {
	report := Report{Plans: map[Run]json.RawMessage{}}
	abstract, last := -1, (*summary)(nil)
	number := 0
	for line := range bytes.Lines(output) {
		number++
		if last != nil {
			return Report{}, fmt.Errorf("line %d: terraform test prints more after its summary", number)
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return Report{}, fmt.Errorf("line %d of terraform test -json is not JSON: %w", number, err)
		}
		if (number == 1) != (m.Type == "version") {
			return Report{}, fmt.Errorf("line %d: terraform test -json begins with its version, and prints it once", number)
		}
		switch m.Type {
		case "version":
			report.Terraform = m.Terraform
		case "test_abstract":
			abstract = 0
			for _, runs := range m.Abstract {
				abstract += len(runs)
			}
		case "test_summary":
			last = m.Summary
		default:
			if err := report.add(m); err != nil {
				return Report{}, fmt.Errorf("line %d: %w", number, err)
			}
		}
	}
	if abstract < 0 && len(report.Diagnostics) > 0 {
		return Report{}, &InvalidError{report.Diagnostics}
	}
	if report.Terraform == "" || last == nil {
		return Report{}, errors.New("the output of terraform test -json is cut off")
	}
	return report, report.agree(abstract, *last)
}

// add adds a message about a run.
func (r *Report) add(m message) error {
	run := Run{filepath.ToSlash(m.File), m.Run}
	switch {
	case m.Type == "diagnostic" && m.Diagnostic != nil && m.Diagnostic.Severity == "error":
		d := Diagnostic{Run: run, Summary: m.Diagnostic.Summary, Detail: m.Diagnostic.Detail}
		if at := m.Diagnostic.Range; at != nil {
			d.File, d.Line = filepath.ToSlash(at.Filename), at.Start.Line
		}
		r.Diagnostics = append(r.Diagnostics, d)
	case m.Type == "test_run" && m.TestRun != nil && m.TestRun.Progress == "complete":
		r.Results = append(r.Results, Result{Run{filepath.ToSlash(m.TestRun.Path), m.TestRun.Run}, m.TestRun.Status})
	case m.Type == "test_plan":
		if _, twice := r.Plans[run]; twice {
			return fmt.Errorf("%s: a second plan", run)
		}
		r.Plans[run] = m.Plan
	}
	return nil
}

// agree compares the results of the runs with the counts.
func (r *Report) agree(abstract int, counted summary) error {
	reported := map[string]int{}
	for _, result := range r.Results {
		reported[result.Status]++
	}
	total := 0
	for _, want := range []struct {
		status string
		n      int
	}{{"pass", counted.Passed}, {"fail", counted.Failed}, {"error", counted.Errored}, {"skip", counted.Skipped}} {
		if reported[want.status] != want.n {
			return fmt.Errorf("terraform test counts %d runs as %s, and reports %d", want.n, want.status, reported[want.status])
		}
		total += want.n
	}
	if total != len(r.Results) || total != abstract {
		return fmt.Errorf("terraform test found %d runs, ended %d and counts %d", abstract, len(r.Results), total)
	}
	return nil
}
