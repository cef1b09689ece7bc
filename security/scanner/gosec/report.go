package scanner

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// gosecReport is gosec's report and, of its log, what the report leaves out.
type gosecReport struct {
	Errors map[string][]gosecError `json:"Golang errors"`
	Issues []gosecIssue
	Stats  *struct{ Files, Found int }

	files      []string // that were examined
	complaints []string // about work that was not done
}

type gosecError struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// fatal reports whether code was not read, and not only a comment refused.
func (e gosecError) fatal() bool { return !strings.HasPrefix(e.Error, "invalid nosec directive: ") }

type gosecIssue struct {
	Severity string               `json:"severity"`
	Rule     string               `json:"rule_id"`
	Details  string               `json:"details"`
	File     string               `json:"file"`
	Line     string               `json:"line"` // "7" or "7-9"
	CWE      struct{ URL string } `json:"cwe"`

	Suppressions []struct{ Kind, Justification string } `json:"suppressions"`
}

// excused reports whether the code says why the issue is none. Anything else
// that hides an issue, such as a setting, does not count.
func (i gosecIssue) excused() bool {
	return len(i.Suppressions) > 0 && !slices.ContainsFunc(i.Suppressions, func(s struct{ Kind, Justification string }) bool {
		return s.Kind != "inSource" || strings.TrimSpace(s.Justification) == ""
	})
}

// lines returns the first and the last line; the last is 0 if it is the first.
func (i gosecIssue) lines() (first, last int) {
	from, to, _ := strings.Cut(i.Line, "-")
	first, _ = strconv.Atoi(from)
	last, _ = strconv.Atoi(to)
	return first, last
}

// parseGosec reads the JSON report on standard output and the log on standard
// error, and holds one against the other.
func parseGosec(out Output) (gosecReport, error) {
	var report gosecReport
	if err := json.Unmarshal(out.Stdout, &report); err != nil {
		return gosecReport{}, Errorf(BadOutput, "gosec printed %s%s: %w", describe(out.Stdout), lastWords(out), err)
	}
	if report.Stats == nil || report.Errors == nil {
		return gosecReport{}, Errorf(BadOutput, "gosec's report has no stats or no errors, not even empty ones")
	}
	report.readLog(out.Stderr)
	if len(report.files) != report.Stats.Files {
		return gosecReport{}, Errorf(BadOutput, "gosec says that it examined %d files, and names %d", report.Stats.Files, len(report.files))
	}
	open := 0
	for _, issue := range report.Issues {
		if issue.Rule == "" || issue.File == "" {
			return gosecReport{}, Errorf(BadOutput, "gosec's report has an issue without rule or file")
		}
		if first, _ := issue.lines(); first < 1 {
			return gosecReport{}, Errorf(BadOutput, "gosec's report has an issue in line %q of %s", issue.Line, issue.File)
		}
		if len(issue.Suppressions) == 0 {
			open++
		}
	}
	if open != report.Stats.Found {
		return gosecReport{}, Errorf(BadOutput, "gosec says that it found %d issues, and names %d", report.Stats.Found, open)
	}
	if red := open > 0 || len(report.Errors) > 0; red != (out.Exit != 0) {
		return gosecReport{}, Errorf(BadOutput, "gosec ended with code %d, which is not what its report says", out.Exit)
	}
	return report, nil
}

// gosecLogLine matches a line of the log.
var gosecLogLine = regexp.MustCompile(`^\[gosec\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d (.*)$`)

// gosecUsual are what the log says of work that was done. All else is about
// work that was not: gosec goes on without it, and does not count it.
var gosecUsual = []string{
	"Including rules: default", "Excluding rules: default", "Including analyzers: default", "Excluding analyzers: default",
	"Import directory: ", "Checking package: ",
}

func (r *gosecReport) readLog(log []byte) {
	for line := range bytes.Lines(log) {
		text := strings.TrimRight(string(line), "\r\n")
		if found := gosecLogLine.FindStringSubmatch(text); found != nil {
			text = found[1]
			if name, ok := strings.CutPrefix(text, "Checking file: "); ok {
				r.files = append(r.files, name)
				continue
			}
			if slices.ContainsFunc(gosecUsual, func(usual string) bool { return strings.HasPrefix(text, usual) }) {
				continue
			}
		}
		if text != "" {
			r.complaints = append(r.complaints, text)
		}
	}
}
