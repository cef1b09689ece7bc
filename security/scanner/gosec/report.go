package gosec

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/scanner"
)

// report is gosec's report, with the parts of its log that the report lacks.
type report struct {
	Errors map[string][]problem `json:"Golang errors"`
	Issues []issue
	Stats  *struct{ Files, Found int }

	files      []string // that were examined
	complaints []string // about work that was not done
}

type problem struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// fatal reports whether code was not read, rather than a comment refused.
func (e problem) fatal() bool { return !strings.HasPrefix(e.Error, "invalid nosec directive: ") }

type issue struct {
	Severity string               `json:"severity"`
	Rule     string               `json:"rule_id"`
	Details  string               `json:"details"`
	File     string               `json:"file"`
	Line     string               `json:"line"` // "7" or "7-9"
	CWE      struct{ URL string } `json:"cwe"`

	Suppressions []struct{ Kind, Justification string } `json:"suppressions"`
}

// excused reports whether the code excuses the issue with a reason. Anything
// else that hides an issue, such as a setting, does not count.
func (i issue) excused() bool {
	return len(i.Suppressions) > 0 && !slices.ContainsFunc(i.Suppressions, func(s struct{ Kind, Justification string }) bool {
		return s.Kind != "inSource" || strings.TrimSpace(s.Justification) == ""
	})
}

// lines returns the first and the last line; the last is 0 if it is the first.
func (i issue) lines() (first, last int) {
	from, to, _ := strings.Cut(i.Line, "-")
	first, _ = strconv.Atoi(from)
	last, _ = strconv.Atoi(to)
	return first, last
}

// parse reads the JSON report on standard output and the log on standard error,
// which must agree.
func parse(out scanner.Output) (report, error) {
	var r report
	if err := json.Unmarshal(out.Stdout, &r); err != nil {
		return report{}, scanner.Errorf(scanner.BadOutput, "gosec printed %s%s: %w", scanner.Describe(out.Stdout), scanner.LastWords(out), err)
	}
	if r.Stats == nil || r.Errors == nil {
		return report{}, scanner.Errorf(scanner.BadOutput, "gosec's report has no stats or no errors, not even empty ones")
	}
	r.readLog(out.Stderr)
	if len(r.files) != r.Stats.Files {
		return report{}, scanner.Errorf(scanner.BadOutput, "gosec says that it examined %d files, and names %d", r.Stats.Files, len(r.files))
	}
	open := 0
	for _, i := range r.Issues {
		if i.Rule == "" || i.File == "" {
			return report{}, scanner.Errorf(scanner.BadOutput, "gosec's report has an issue without rule or file")
		}
		if first, _ := i.lines(); first < 1 {
			return report{}, scanner.Errorf(scanner.BadOutput, "gosec's report has an issue in line %q of %s", i.Line, i.File)
		}
		if len(i.Suppressions) == 0 {
			open++
		}
	}
	if open != r.Stats.Found {
		return report{}, scanner.Errorf(scanner.BadOutput, "gosec says that it found %d issues, and names %d", r.Stats.Found, open)
	}
	if red := open > 0 || len(r.Errors) > 0; red != (out.Exit != 0) {
		return report{}, scanner.Errorf(scanner.BadOutput, "gosec ended with code %d, which is not what its report says", out.Exit)
	}
	return r, nil
}

// logLine matches a line of the log.
var logLine = regexp.MustCompile(`^\[gosec\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d (.*)$`)

// usualLines begin the lines of the log about work that was done. Any other
// line is about work that was not: gosec continues without it.
var usualLines = []string{
	"Including rules: default", "Excluding rules: default", "Including analyzers: default", "Excluding analyzers: default",
	"Import directory: ", "Checking package: ",
}

func (r *report) readLog(log []byte) {
	for line := range bytes.Lines(log) {
		text := strings.TrimRight(string(line), "\r\n")
		if found := logLine.FindStringSubmatch(text); found != nil {
			text = found[1]
			if name, ok := strings.CutPrefix(text, "Checking file: "); ok {
				r.files = append(r.files, name)
				continue
			}
			if slices.ContainsFunc(usualLines, func(usual string) bool { return strings.HasPrefix(text, usual) }) {
				continue
			}
		}
		if text != "" {
			r.complaints = append(r.complaints, text)
		}
	}
}
