package gitleaks

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
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// plainly is appended to the name of a file that gitleaks would not read under
// its own.
const plainly = ".txt"

// checksums are files in which every line looks like a secret to gitleaks. The
// tools that write them verify them.
var checksums = []string{"go.sum", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "Pipfile.lock"}

// renamed examines the files that gitleaks ignores for their names, such as
// go.mod and pictures, and adds the result to the report of the others.
func renamed(ctx context.Context, s *scanner.Scan, work workspace, r *report) error {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(r.log.named)), func(name string) bool {
		return slices.Contains(checksums, path.Base(name))
	})
	if len(names) == 0 {
		return nil
	}
	folder := filepath.Join(work.again, filesDir, treeDir)
	if err := s.Job.Tree.CopyInto(folder, names); err != nil {
		return fmt.Errorf("prepare gitleaks: %w", err)
	}
	var given []string
	for _, name := range names {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.Rename(file, file+plainly); err != nil {
			return fmt.Errorf("prepare gitleaks: %w", err)
		}
		given = append(given, name+plainly)
	}
	found, err := run(ctx, s, command(work.config, work.again, nil, "dir", filesDir, "--log-level", "trace"))
	if err != nil {
		return err
	}
	if err := found.log.account(given); err != nil {
		return err
	}
	for _, l := range found.leaks {
		l.File = strings.TrimSuffix(l.File, plainly)
		r.leaks = append(r.leaks, l)
	}
	for _, name := range names {
		if !found.log.skipped[name+plainly] {
			delete(r.log.skipped, name)
		}
	}
	return nil
}

// inUTF16 returns a finding for each file that begins like text in UTF-16, which
// no gate can read.
func inUTF16(t tree.Tree, files []string) []finding.Finding {
	var found []finding.Finding
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil || !bytes.HasPrefix(content, []byte("\xff\xfe")) && !bytes.HasPrefix(content, []byte("\xfe\xff")) {
			continue
		}
		found = append(found, scanner.Unexamined(name,
			"The file is text in UTF-16, where secrets are not recognised.", "Save it as UTF-8."))
	}
	return found
}
