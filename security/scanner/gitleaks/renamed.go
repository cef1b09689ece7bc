package scanner

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// plainly is what a file is called after when its own name keeps gitleaks from
// reading it.
const plainly = ".txt"

// checksums are files in which every line looks like a secret to gitleaks, and
// which the tools that write them verify.
var checksums = []string{"go.sum", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "Pipfile.lock"}

// renamed examines the files that gitleaks leaves out for their names, such as
// go.mod and pictures, whatever is in them. It adds what comes of it to the
// report of the others.
func (Gitleaks) renamed(ctx context.Context, job Job, tool Tool, work gitleaksWork, report *gitleaksReport, outcome *Outcome) error {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(report.log.named)), func(name string) bool {
		return slices.Contains(checksums, path.Base(name))
	})
	if len(names) == 0 {
		return nil
	}
	folder := filepath.Join(work.again, gitleaksFiles, gitleaksTree)
	if err := job.Tree.CopyInto(folder, names); err != nil {
		return fmt.Errorf("prepare gitleaks: %w", err)
	}
	var handed []string
	for _, name := range names {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.Rename(file, file+plainly); err != nil {
			return fmt.Errorf("prepare gitleaks: %w", err)
		}
		handed = append(handed, name+plainly)
	}
	cmd := gitleaksCommand(tool, work.config, "dir", gitleaksFiles, "--log-level", "trace")
	cmd.Dir = work.again
	found, err := runGitleaks(ctx, job, cmd)
	if err != nil {
		return err
	}
	if err := found.log.account(handed); err != nil {
		return err
	}
	for _, leak := range found.leaks {
		leak.File = strings.TrimSuffix(leak.File, plainly)
		report.leaks = append(report.leaks, leak)
	}
	for _, name := range names {
		if !found.log.skipped[name+plainly] {
			delete(report.log.skipped, name)
		}
	}
	outcome.Commands = append(outcome.Commands, job.typed(cmd))
	return nil
}

// inUTF16 returns a finding for each file that begins as text in UTF-16 does.
// No gate can read it.
func inUTF16(gate string, t tree.Tree, files []string) []finding.Finding {
	var found []finding.Finding
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil || !bytes.HasPrefix(content, []byte("\xff\xfe")) && !bytes.HasPrefix(content, []byte("\xfe\xff")) {
			continue
		}
		found = append(found, finding.Finding{
			Rule: NotExamined, Severity: finding.Medium, Message: "The file is text in UTF-16, in which no secret is recognised.",
			Help: "Save it as UTF-8.", File: name,
			Witnesses: []finding.Witness{{Gate: gate, Rule: NotExamined}},
		})
	}
	return found
}
