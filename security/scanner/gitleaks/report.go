package scanner

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
)

// gitleaksReport is a report of gitleaks and what its log says beside.
type gitleaksReport struct {
	leaks []gitleaksLeak
	log   gitleaksLog
}

// gitleaksLeak is an entry of the report, without the parts in which the
// secret itself could be.
type gitleaksLeak struct {
	RuleID    string
	File      string
	Commit    string // "" in a file of the tree
	StartLine int
	EndLine   int
}

func (l gitleaksLeak) compare(other gitleaksLeak) int {
	return cmp.Or(
		cmp.Compare(l.File, other.File), cmp.Compare(l.Commit, other.Commit), cmp.Compare(l.StartLine, other.StartLine),
		cmp.Compare(l.RuleID, other.RuleID), cmp.Compare(l.EndLine, other.EndLine),
	)
}

// gitleaksLog is what the log of a scan says.
type gitleaksLog struct {
	commits  int             // -1 if it does not say
	leaks    int             // -1 if it does not say
	scanned  map[string]bool // files it came to
	skipped  map[string]bool // files it did not read: for their names, or for being empty or binary
	named    map[string]bool // those of them that it left out for their names
	archives map[string]bool // files it did not open
}

// parseGitleaks reads the JSON report on standard output and the log on
// standard error.
func parseGitleaks(out Output) (gitleaksReport, error) {
	var report gitleaksReport
	if err := json.Unmarshal(out.Stdout, &report.leaks); err != nil || report.leaks == nil {
		// What it printed may hold a secret if it was not redacted.
		return gitleaksReport{}, Errorf(BadOutput, "gitleaks printed no whole report, but %d bytes", len(out.Stdout))
	}
	for _, leak := range report.leaks {
		if leak.RuleID == "" || leak.File == "" || leak.StartLine < 1 {
			return gitleaksReport{}, Errorf(BadOutput, "gitleaks reports a secret without rule, file or line")
		}
	}
	if complaints := gitleaksComplaints(out.Stderr); len(complaints) > 0 {
		return gitleaksReport{}, Errorf(BadInput, "gitleaks left out a part of its work: %s", complaints[0])
	}
	report.log = parseGitleaksLog(out.Stderr)
	if report.log.leaks != len(report.leaks) {
		return gitleaksReport{}, Errorf(BadOutput, "gitleaks reports %d secrets, and its log does not end by saying so", len(report.leaks))
	}
	if (out.Exit == foundLeaks) != (len(report.leaks) > 0) {
		return gitleaksReport{}, Errorf(BadOutput, "gitleaks ended with code %d and reports %d secrets", out.Exit, len(report.leaks))
	}
	return report, nil
}

var (
	gitleaksLevel   = regexp.MustCompile(`^(?:\x1b\[\d*m)?\d{1,2}:\d\d[AP]M(?:\x1b\[\d*m)? (?:\x1b\[[\d;]*m)*([A-Z]{3})(?:\x1b\[\d*m)* (.*)$`)
	gitleaksCommits = regexp.MustCompile(`^(\d+) commits scanned\.$`)
	gitleaksLeaks   = regexp.MustCompile(`^leaks found: (\d+)$`)
	gitleaksPath    = regexp.MustCompile(` path=("(?:[^"\\]|\\.)*"|\S+)$`)
)

// gitleaksLines calls yield for each line of a log with its level and text.
func gitleaksLines(log []byte, yield func(level, text string)) {
	for line := range bytes.Lines(log) {
		if found := gitleaksLevel.FindSubmatch(bytes.TrimRight(line, "\r\n")); found != nil {
			yield(string(found[1]), string(found[2]))
		}
	}
}

// gitleaksComplaints returns what the log says about work that was not done.
// gitleaks itself goes on, and ends as if it had been.
func gitleaksComplaints(log []byte) []string {
	var complaints []string
	gitleaksLines(log, func(level, text string) {
		usual := level == "TRC" || level == "DBG" || level == "INF" || level == "WRN" && gitleaksLeaks.MatchString(text)
		if !usual {
			complaints = append(complaints, strings.ReplaceAll(text, gitleaksFiles+"/"+gitleaksTree+"/", ""))
		}
	})
	return complaints
}

func parseGitleaksLog(log []byte) gitleaksLog {
	l := gitleaksLog{commits: -1, leaks: -1, scanned: map[string]bool{}, skipped: map[string]bool{}, named: map[string]bool{}, archives: map[string]bool{}}
	gitleaksLines(log, func(_, text string) {
		switch {
		case text == "no leaks found":
			l.leaks = 0
		case strings.HasPrefix(text, "scanning path "):
			l.scanned[gitleaksName(text)] = true
		case strings.HasPrefix(text, "skipping file: global allowlist "):
			l.skipped[gitleaksName(text)], l.named[gitleaksName(text)] = true, true
		case strings.HasPrefix(text, "skipping empty file "), strings.HasPrefix(text, "skipping binary file "):
			l.skipped[gitleaksName(text)] = true
		case strings.HasPrefix(text, "skipping archive: "):
			l.archives[gitleaksName(text)] = true
		}
		if found := gitleaksLeaks.FindStringSubmatch(text); found != nil {
			l.leaks, _ = strconv.Atoi(found[1])
		}
		if found := gitleaksCommits.FindStringSubmatch(text); found != nil {
			l.commits, _ = strconv.Atoi(found[1])
		}
	})
	return l
}

// gitleaksName returns the file of the tree that a line of the log is about.
func gitleaksName(text string) string {
	found := gitleaksPath.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	name := found[1]
	if plain, err := strconv.Unquote(name); err == nil {
		name = plain
	}
	return strings.TrimPrefix(name, gitleaksFiles+"/"+gitleaksTree+"/")
}

// account holds the log against the files that were handed in: each was read,
// or left out for a reason that is known.
func (l gitleaksLog) account(files []string) error {
	for _, name := range files {
		if !l.scanned[name] && !l.skipped[name] {
			return Errorf(BadInput, "gitleaks did not read %s", name)
		}
	}
	return nil
}

// notes says how many files were read, and which not.
func (l gitleaksLog) notes() []string {
	read := 0
	for name := range l.scanned {
		if !l.skipped[name] && !l.archives[name] {
			read++
		}
	}
	notes := []string{fmt.Sprintf("%d files of the tree examined", read)}
	if left := slices.Sorted(maps.Keys(l.skipped)); len(left) > 0 {
		notes = append(notes, "left out, for being empty, binary, or of a kind that gitleaks never reads: "+strings.Join(left, ", "))
	}
	return notes
}

// unopened returns a finding for each archive. gitleaks can open them, but
// says nothing of those that it fails to open.
func (l gitleaksLog) unopened(gate string) []finding.Finding {
	var found []finding.Finding
	for _, name := range slices.Sorted(maps.Keys(l.archives)) {
		found = append(found, finding.Finding{
			Rule: NotExamined, Severity: finding.Medium, Message: "An archive keeps what is in it out of what is examined.",
			Help: "Keep its files in the repository as they are.", File: name,
			Witnesses: []finding.Witness{{Gate: gate, Rule: NotExamined}},
		})
	}
	return found
}
