package gitleaks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/finding"
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
	Commit    string // "" in a file of the tree
	StartLine int
	EndLine   int
}

func (l leak) compare(other leak) int {
	return cmp.Or(
		cmp.Compare(l.File, other.File), cmp.Compare(l.Commit, other.Commit), cmp.Compare(l.StartLine, other.StartLine),
		cmp.Compare(l.RuleID, other.RuleID), cmp.Compare(l.EndLine, other.EndLine),
	)
}

// scanLog is the content of the log of a scan.
type scanLog struct {
	commits  int             // -1 if it does not say
	leaks    int             // -1 if it does not say
	scanned  map[string]bool // files it reached
	skipped  map[string]bool // files it did not read: for their names, or because they are empty or binary
	named    map[string]bool // those of them that it ignored for their names
	archives map[string]bool // files it did not open
}

// parse reads the JSON report on standard output and the log on
// standard error.
func parse(out scanner.Output) (report, error) {
	var r report
	if err := json.Unmarshal(out.Stdout, &r.leaks); err != nil || r.leaks == nil {
		// The output may hold a secret if it was not redacted.
		return report{}, scanner.Errorf(scanner.BadOutput, "gitleaks printed no complete report, but %d bytes", len(out.Stdout))
	}
	for _, l := range r.leaks {
		if l.RuleID == "" || l.File == "" || l.StartLine < 1 {
			return report{}, scanner.Errorf(scanner.BadOutput, "gitleaks reports a secret without rule, file or line")
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
	logLine        = regexp.MustCompile(`^(?:\x1b\[\d*m)?\d{1,2}:\d\d[AP]M(?:\x1b\[\d*m)? (?:\x1b\[[\d;]*m)*([A-Z]{3})(?:\x1b\[\d*m)* (.*)$`)
	commitsScanned = regexp.MustCompile(`^(\d+) commits scanned\.$`)
	leaksFound     = regexp.MustCompile(`^leaks found: (\d+)$`)
	pathAttribute  = regexp.MustCompile(` path=("(?:[^"\\]|\\.)*"|\S+)$`)
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
			found = append(found, strings.ReplaceAll(text, filesDir+"/"+treeDir+"/", ""))
		}
	})
	return found
}

func parseLog(log []byte) scanLog {
	l := scanLog{commits: -1, leaks: -1, scanned: map[string]bool{}, skipped: map[string]bool{}, named: map[string]bool{}, archives: map[string]bool{}}
	logLines(log, func(_, text string) {
		switch {
		case text == "no leaks found":
			l.leaks = 0
		case strings.HasPrefix(text, "scanning path "):
			l.scanned[nameIn(text)] = true
		case strings.HasPrefix(text, "skipping file: global allowlist "):
			l.skipped[nameIn(text)], l.named[nameIn(text)] = true, true
		case strings.HasPrefix(text, "skipping empty file "), strings.HasPrefix(text, "skipping binary file "):
			l.skipped[nameIn(text)] = true
		case strings.HasPrefix(text, "skipping archive: "):
			l.archives[nameIn(text)] = true
		}
		if found := leaksFound.FindStringSubmatch(text); found != nil {
			l.leaks, _ = strconv.Atoi(found[1])
		}
		if found := commitsScanned.FindStringSubmatch(text); found != nil {
			l.commits, _ = strconv.Atoi(found[1])
		}
	})
	return l
}

// nameIn returns the file of the tree that a line of the log is about.
func nameIn(text string) string {
	found := pathAttribute.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	name := found[1]
	if plain, err := strconv.Unquote(name); err == nil {
		name = plain
	}
	return inTree(name)
}

// account compares the log with the files that gitleaks was given: it must have
// read each, or ignored it for a known reason.
func (l scanLog) account(files []string) error {
	for _, name := range files {
		if !l.scanned[name] && !l.skipped[name] {
			return scanner.Errorf(scanner.BadInput, "gitleaks did not read %s", name)
		}
	}
	return nil
}

// notes says how many files were read, and which not.
func (l scanLog) notes() []string {
	read := 0
	for name := range l.scanned {
		if !l.skipped[name] && !l.archives[name] {
			read++
		}
	}
	notes := []string{fmt.Sprintf("%d files of the tree examined", read)}
	if left := slices.Sorted(maps.Keys(l.skipped)); len(left) > 0 {
		notes = append(notes, "ignored because they are empty, binary, or of a kind that gitleaks never reads: "+strings.Join(left, ", "))
	}
	return notes
}

// unopened returns a finding for each archive. gitleaks can open archives, but
// does not report those that it fails to open.
func (l scanLog) unopened() []finding.Finding {
	var found []finding.Finding
	for _, name := range slices.Sorted(maps.Keys(l.archives)) {
		found = append(found, scanner.Unexamined(name,
			"An archive hides its contents from the gates.", "Keep its files in the repository as they are."))
	}
	return found
}
