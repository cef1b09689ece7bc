package selftest

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// seeker is a scanner for these tests. Its tool is a shell script that looks for the
// word DEFECT. Each switch makes it blind in one way.
type seeker struct {
	anyTool     bool // does without the toolbox
	countless   bool // passes when there was nothing to examine
	patient     bool // ignores its timeout
	deaf        bool // accepts a killed tool
	credulous   bool // accepts half a report
	noDatabase  bool // ignores a missing database
	gullible    bool // believes any database that is there
	unchecked   bool // uses a tool whatever became of it
	nearsighted bool // does not find the defect
	jumpy       bool // finds a defect where there is none
}

func (seeker) Name() string    { return "seeker" }
func (seeker) Subject() string { return "words" }

func (s seeker) Scan(ctx context.Context, job scanner.Job) (scanner.Outcome, error) {
	tool, err := job.Tool(ctx, "seeker")
	if err != nil {
		if !s.anyTool && (!s.unchecked || scanner.AsError(err).Kind != scanner.ToolChanged) {
			return scanner.Outcome{}, err
		}
		tool = scanner.Tool{Name: "seeker", Version: "any", Path: "/bin/true"}
	}
	outcome := scanner.Outcome{Tool: tool.Name, Version: tool.Version, Examined: scanner.Examined{Unit: "files"}}
	if outcome.Database, err = s.database(job); err != nil {
		return outcome, err
	}
	if s.patient {
		ctx = context.WithoutCancel(ctx)
	}
	report := filepath.Join(job.Scratch, "report")
	cmd := scanner.Command{Path: tool.Path, Args: append([]string{report}, job.Tree.Files...), Dir: job.Tree.Dir}
	_, err = job.Run(ctx, cmd)
	if err != nil && !s.anyTool && (!s.deaf || scanner.AsError(err).Kind != scanner.Killed) {
		return outcome, err
	}
	content, err := os.ReadFile(report)
	if err != nil && !s.anyTool {
		return outcome, err
	}
	return s.read(string(content), outcome)
}

func (s seeker) database(job scanner.Job) (*scanner.Database, error) {
	date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	dir, ok := strings.CutPrefix(job.Databases.Go, "file://")
	if _, err := os.Stat(filepath.Join(dir, "index")); ok && err == nil && !s.gullible {
		return nil, scanner.Errorf(scanner.DatabaseIncomplete, "it knows too little")
	}
	if ok && !s.noDatabase && !s.gullible {
		return nil, scanner.Errorf(scanner.DatabaseMissing, "no database at %s", job.Databases.Go)
	}
	return &scanner.Database{Source: "test", Date: date}, nil
}

// read reads the report: a line FILE:LINE for each defect, "unreadable FILE", and at
// the end the number of files.
func (s seeker) read(report string, outcome scanner.Outcome) (scanner.Outcome, error) {
	whole := s.anyTool || s.credulous
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		if count, ok := strings.CutPrefix(line, "examined "); ok {
			outcome.Examined.Count, _ = strconv.Atoi(count)
			whole = true
		}
		if file, ok := strings.CutPrefix(line, "unreadable "); ok {
			return outcome, scanner.Errorf(scanner.BadInput, "%s", file)
		}
		if file, at, ok := strings.Cut(line, ":"); ok && !s.nearsighted {
			n, _ := strconv.Atoi(at)
			outcome.Findings = append(outcome.Findings, finding.Finding{Rule: "WORD", Severity: finding.Low, Help: "Leave it out.", File: file, Line: n})
		}
	}
	if s.jumpy {
		outcome.Findings = append(outcome.Findings, finding.Finding{Rule: "FEAR", Severity: finding.Low, Help: "Take heart."})
	}
	if s.countless || s.credulous || s.anyTool {
		outcome.Examined.Count = max(outcome.Examined.Count, 1)
	}
	if !whole {
		return outcome, scanner.Errorf(scanner.BadOutput, "the report is incomplete")
	}
	return outcome, nil
}

const script = `#!/bin/sh
report=$1; shift
: >"$report"
for file; do
	grep -q BROKEN "$file" && echo "unreadable $file" >>"$report"
	grep -n DEFECT "$file" | while IFS=: read -r line _; do echo "$file:$line"; done >>"$report"
done
echo "examined $#" >>"$report"
`
