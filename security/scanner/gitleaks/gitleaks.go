package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/finding"
)

// Gitleaks looks for secrets in every commit that leads to the one that is
// checked out, and in the files of the tree. Other branches have runs of their
// own, so the same commit has the same result everywhere.
type Gitleaks struct{}

// Name implements Scanner.
func (Gitleaks) Name() string { return "gitleaks" }

// Subject implements Scanner.
func (Gitleaks) Subject() string { return "secrets in the history of this commit and in the tree" }

// Scan implements Scanner.
func (g Gitleaks) Scan(ctx context.Context, job Job) (Outcome, error) {
	tool, err := job.Tool(ctx, "gitleaks")
	if err != nil {
		return Outcome{}, err
	}
	if len(job.Tree.Files) == 0 {
		return Outcome{}, Errorf(NothingExamined, "the repository holds no files")
	}
	past, err := readHistory(ctx, job)
	if err != nil {
		return Outcome{}, err
	}
	if past.commits == 0 {
		return Outcome{}, Errorf(NothingExamined, "no commit of the history adds a line")
	}
	work, err := gitleaksFolders(job)
	if err != nil {
		return Outcome{}, err
	}
	inHistory := gitleaksCommand(tool, work.config, "git", ".", "--platform", "none",
		"--log-opts", strings.Join(slices.Concat(historyOptions, []string{"--pretty=medium"}, historyCommits), " "))
	inHistory.Dir, inHistory.Env = work.empty, past.env()
	history, err := runGitleaks(ctx, job, inHistory)
	if err != nil {
		return Outcome{}, err
	}
	if history.log.commits != past.commits {
		return Outcome{}, Errorf(BadOutput, "gitleaks read %d commits; git knows %d that change text", history.log.commits, past.commits)
	}
	inTree := gitleaksCommand(tool, work.config, "dir", gitleaksFiles, "--log-level", "trace")
	inTree.Dir = job.Scratch
	files, err := runGitleaks(ctx, job, inTree)
	if err != nil {
		return Outcome{}, err
	}
	if err := files.log.account(work.copied); err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: history.log.commits, Unit: "commits"},
		Commands: append(past.commands, job.typed(inHistory), job.typed(inTree)),
	}
	if err := g.renamed(ctx, job, tool, work, &files, &outcome); err != nil {
		return Outcome{}, err
	}
	outcome.Notes = files.log.notes()
	outcome.Findings = slices.Concat(
		gitleaksFindings(g.Name(), files.leaks), gitleaksFindings(g.Name(), history.leaks), files.log.unopened(g.Name()),
		inUTF16(g.Name(), job.Tree, work.copied),
	)
	return outcome, nil
}

// gitleaksRules is the configuration: the tool's own rules. Without one that
// is named, gitleaks would obey a .gitleaks.toml in what it examines.
const gitleaksRules = "[extend]\nuseDefault = true\n"

// gitleaksWork are files that the scans work with.
type gitleaksWork struct {
	config string
	empty  string   // a folder with nothing in it
	files  string   // a folder with the files of the tree below gitleaksTree
	again  string   // a folder for such a folder
	copied []string // names of those
}

// gitleaksTree is the folder within the one that is examined. A
// .gitleaksignore in the latter cannot be switched off; the tree's own lies
// one folder deeper, where it is a file like any other.
const (
	gitleaksFiles = "files"
	gitleaksTree  = "tree"
)

func gitleaksFolders(job Job) (gitleaksWork, error) {
	work := gitleaksWork{
		config: filepath.Join(job.Scratch, "gitleaks-rules-of-the-gate.toml"),
		empty:  filepath.Join(job.Scratch, "empty"),
		files:  filepath.Join(job.Scratch, gitleaksFiles),
		again:  filepath.Join(job.Scratch, "again"),
	}
	err := errors.Join(
		os.MkdirAll(work.empty, 0o750),
		os.WriteFile(work.config, []byte(gitleaksRules), 0o600),
	)
	if err != nil {
		return gitleaksWork{}, fmt.Errorf("prepare gitleaks: %w", err)
	}
	for _, name := range job.Tree.Files {
		info, err := os.Lstat(job.Tree.Path(name))
		if err != nil {
			return gitleaksWork{}, fmt.Errorf("prepare gitleaks: %w", err)
		}
		// A link has no contents of its own.
		if info.Mode().IsRegular() {
			work.copied = append(work.copied, name)
		}
	}
	if err := job.Tree.CopyInto(filepath.Join(work.files, gitleaksTree), work.copied); err != nil {
		return gitleaksWork{}, fmt.Errorf("prepare gitleaks: %w", err)
	}
	return work, nil
}

// foundLeaks is the exit code that gitleaks is told to use for them. Its
// default, 1, means that it failed, too.
const foundLeaks = 10

func gitleaksCommand(tool Tool, config, mode, source string, more ...string) Command {
	args := []string{
		mode, "--config", config, "--ignore-gitleaks-allow", "--gitleaks-ignore-path", os.DevNull, "--redact", "--exit-code", fmt.Sprint(foundLeaks),
		"--report-format", "json", "--report-path", "-", "--no-banner", "--no-color",
	}
	return Command{Path: tool.Path, Args: append(append(args, more...), source), Exits: []int{0, foundLeaks}}
}

func runGitleaks(ctx context.Context, job Job, cmd Command) (gitleaksReport, error) {
	out, err := job.Run(ctx, cmd)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ToolFailed {
		// Its log may hold what it took for a secret.
		return gitleaksReport{}, Errorf(ToolFailed, "gitleaks ended with code %d: %s", out.Exit, strings.Join(gitleaksComplaints(out.Stderr), "; "))
	}
	if err != nil {
		return gitleaksReport{}, err
	}
	return parseGitleaks(out)
}

func gitleaksFindings(gate string, leaks []gitleaksLeak) []finding.Finding {
	leaks = slices.Clone(leaks)
	slices.SortFunc(leaks, gitleaksLeak.compare) // gitleaks lists them as it comes upon them
	var found []finding.Finding
	for _, leak := range leaks {
		f := finding.Finding{
			Rule: leak.RuleID, Severity: finding.Unknown, // gitleaks gives none
			Message: fmt.Sprintf("This looks like a secret (%s).", leak.RuleID),
			Help:    "Take it back where it was issued: whoever has a copy of the repository has it. Then remove it from the file.",
			File:    strings.TrimPrefix(leak.File, gitleaksFiles+"/"+gitleaksTree+"/"), Secret: true,
			Witnesses: []finding.Witness{{Gate: gate, Rule: leak.RuleID}},
		}
		if leak.Commit == "" {
			f.Line, f.EndLine = leak.StartLine, leak.EndLine
		} else {
			const short = 12
			f.Resource = "commit " + leak.Commit
			f.Message = fmt.Sprintf("Commit %.*s added what looks like a secret (%s), in line %d.", short, leak.Commit, leak.RuleID, leak.StartLine)
			f.Help = "Take it back where it was issued: whoever has a copy of the repository has it. To remove the file is not enough, for the history keeps it."
		}
		found = append(found, f)
	}
	return found
}
