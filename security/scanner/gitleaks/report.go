package gitleaks

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"example.com/rates/security/scanner"
)

// report is a report of gitleaks, with what its log says.
type report struct {
	leaks []leak
	log   scanLog
}

// leak is an entry of the report, without the parts that could hold the secret
// itself.
type leak struct {
	RuleID    string
	File      string
	StartLine int // 0 is the whole file
	EndLine   int
}

// scanLog is the content of the log of a scan.
type scanLog struct {
	leaks   int             // -1 if it does not say
	scanned map[string]bool // files it reached
	skipped map[string]bool // files it did not read, for any reason
}

// parse reads the JSON report on standard output and the log on
// standard error.
func parse(out scanner.Output) (report, error) {
	var r report
	if err := json.Unmarshal(out.Stdout, &r.leaks); err != nil || r.leaks == nil {
		// The output may hold a secret if it was not redacted.
		return report{}, scanner.Errorf(scanner.BadOutput, "gitleaks printed no complete report, but %d bytes", len(out.Stdout))
	}
	for i, l := range r.leaks {
		r.leaks[i].File = strings.TrimPrefix(l.File, textsDir+"/")
		if l.RuleID == "" || l.File == "" || l.StartLine < 0 || l.EndLine < l.StartLine {
			return report{}, scanner.Errorf(scanner.BadOutput, "gitleaks reports a secret without rule, file or lines")
		}
	}
	if left := complaints(out.Stderr); len(left) > 0 {
		return report{}, scanner.Errorf(scanner.BadInput, "gitleaks did only part of its work: %s", left[0])
	}
	r.log = parseLog(out.Stderr)
	if r.log.leaks != len(r.leaks) {
		return report{}, scanner.Errorf(scanner.BadOutput, "gitleaks reports %d secrets, and the end of its log does not", len(r.leaks))
	}
	if (out.Exit == foundLeaks) != (len(r.leaks) > 0) {
		return report{}, scanner.Errorf(scanner.BadOutput, "gitleaks ended with code %d and reports %d secrets", out.Exit, len(r.leaks))
	}
	return r, nil
}

var (
	logLine       = regexp.MustCompile(`^(?:\x1b\[\d*m)?\d{1,2}:\d\d[AP]M(?:\x1b\[\d*m)? (?:\x1b\[[\d;]*m)*([A-Z]{3})(?:\x1b\[\d*m)* (.*)$`)
	leaksFound    = regexp.MustCompile(`^leaks found: (\d+)$`)
	pathAttribute = regexp.MustCompile(` path=("(?:[^"\\]|\\.)*"|\S+)$`)
)

// logLines calls yield for each line of a log with its level and text.
func logLines(log []byte, yield func(level, text string)) {
	for line := range bytes.Lines(log) {
		if found := logLine.FindSubmatch(bytes.TrimRight(line, "\r\n")); found != nil {
			yield(string(found[1]), string(found[2]))
		}
	}
}

// complaints returns the lines of the log about work that was not done.
// gitleaks itself continues, and exits as if it had done it.
func complaints(log []byte) []string {
	var found []string
	logLines(log, func(level, text string) {
		usual := level == "TRC" || level == "DBG" || level == "INF" || level == "WRN" && leaksFound.MatchString(text)
		if !usual {
			found = append(found, text)
		}
	})
	return found
}

func parseLog(log []byte) scanLog {
	l := scanLog{leaks: -1, scanned: map[string]bool{}, skipped: map[string]bool{}}
	logLines(log, func(_, text string) {
		switch {
		case text == "no leaks found":
			l.leaks = 0
		case strings.HasPrefix(text, "scanning path "):
			l.scanned[nameIn(text)] = true
		case strings.HasPrefix(text, "skipping finding"):
		case strings.HasPrefix(text, "skipping "):
			l.skipped[nameIn(text)] = true
		}
		if found := leaksFound.FindStringSubmatch(text); found != nil {
			l.leaks, _ = strconv.Atoi(found[1])
		}
	})
	return l
}

// nameIn returns the file that a line of the log is about.
func nameIn(text string) string {
	found := pathAttribute.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	name := found[1]
	if plain, err := strconv.Unquote(name); err == nil {
		name = plain
	}
	return strings.TrimPrefix(name, textsDir+"/")
}

// account compares the log with the files that gitleaks was given: it must have
// read each.
func (l scanLog) account(files []string) error {
	for _, name := range files {
		if !l.scanned[name] || l.skipped[name] {
			return scanner.Errorf(scanner.BadInput, "gitleaks did not read %s", name)
		}
	}
	return nil
}
