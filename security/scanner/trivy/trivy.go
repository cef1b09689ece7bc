package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/tree"
)

// Trivy looks for vulnerable dependencies, secrets and misconfiguration in the
// tree.
type Trivy struct{}

// Name implements Scanner.
func (Trivy) Name() string { return "trivy" }

// Subject implements Scanner.
func (Trivy) Subject() string { return "dependencies, secrets and misconfiguration in the tree" }

// Scan implements Scanner.
func (g Trivy) Scan(ctx context.Context, job Job) (Outcome, error) {
	tool, err := job.Tool(ctx, "trivy")
	if err != nil {
		return Outcome{}, err
	}
	cache, err := trivyDatabase(ctx, job, tool)
	if err != nil {
		return Outcome{}, err
	}
	unknown, err := trivyUnknown(job.Tree, cache)
	if err != nil {
		return Outcome{}, err
	}
	cmd, err := trivyCommand(job, tool, cache, "fs", "--scanners", "vuln,secret,misconfig", "--file-patterns", pipLists)
	if err != nil {
		return Outcome{}, err
	}
	if cache.Offline {
		cmd.Args = append(cmd.Args, "--skip-check-update")
	}
	cmd.Args = append(cmd.Args, ".")
	report, log, err := runTrivy(ctx, job, cmd, "filesystem")
	if err != nil {
		return Outcome{}, err
	}
	seen, err := report.examined(job.Tree, log)
	if err != nil {
		return Outcome{}, err
	}
	findings := report.findings(g.Name(), job.Tree.Files, func(file string) []string { return allLines(job.Tree, file) })
	findings = append(findings, suppressions(job.Tree, g.Name(), misconfigFiles(job.Tree))...)
	notes := []string{fmt.Sprintf("%d packages in %d lists of dependencies; %d files searched for secrets",
		report.packages(), len(dependencyLists(job.Tree)), len(log.secrets))}
	if len(unknown) > 0 {
		notes = append(notes, "the database knows no vulnerability of what these list: "+strings.Join(unknown, ", "))
	}
	if log.builtInChecks {
		notes = append(notes, "used the checks that are built into this version, not the newest bundle")
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version, Database: &cache.Database,
		Examined: Examined{Count: len(seen), Unit: "files"},
		Commands: append(cache.Commands, job.typed(cmd)), Notes: notes, Findings: findings,
	}, nil
}

// trivyFiles are files that stand for Trivy's own settings, so that none of
// the tree or of the user's home is read.
type trivyFiles struct{ config, secrets, ignore, modules, tmp string }

// trivySecrets switches off the rules by which Trivy looks for no secret in
// files whose path says "test", "example" and the like.
const trivySecrets = "disable-allow-rules: [dist-info, tests, examples, vendor, usr-dirs, locale-dir, markdown, node.js, golang, python, rubygems, wordpress, anaconda-log]\n"

func trivySettings(scratch string) (trivyFiles, error) {
	files := trivyFiles{
		config:  filepath.Join(scratch, "trivy-settings-of-the-gate.yaml"),
		secrets: filepath.Join(scratch, "trivy-secrets-of-the-gate.yaml"),
		ignore:  filepath.Join(scratch, "trivy-ignores-nothing"),
		modules: filepath.Join(scratch, "modules"),
		tmp:     filepath.Join(scratch, "tmp"),
	}
	err := errors.Join(
		os.MkdirAll(files.modules, 0o750),
		os.MkdirAll(files.tmp, 0o750),
		os.WriteFile(files.ignore, nil, 0o600),
		os.WriteFile(files.config, []byte("{}\n"), 0o600),
		os.WriteFile(files.secrets, []byte(trivySecrets), 0o600),
	)
	if err != nil {
		return trivyFiles{}, fmt.Errorf("write the settings of trivy: %w", err)
	}
	return files, nil
}

// trivyCommand returns the call that all scans with Trivy share. The log of
// --debug is the one place where Trivy tells what it could not read.
func trivyCommand(job Job, tool Tool, cache trivyCache, subcommand string, more ...string) (Command, error) {
	files, err := trivySettings(job.Scratch)
	if err != nil {
		return Command{}, err
	}
	args := []string{
		subcommand, "--format", "json", "--debug", "--list-all-pkgs", "--no-progress",
		"--config", files.config, "--secret-config", files.secrets,
		"--ignorefile", files.ignore, "--module-dir", files.modules,
		"--cache-dir", cache.Dir, "--cache-backend", "memory", "--skip-db-update",
		"--skip-version-check", "--disable-telemetry", "--timeout", "1h", // the gate has its own, shorter time
	}
	if cache.Offline {
		args = append(args, "--offline-scan")
	}
	return Command{
		Path: tool.Path, Args: append(args, more...), Dir: job.Tree.Dir, Env: []string{"TMPDIR=" + files.tmp},
	}, nil
}

// runTrivy returns the report on an artifact of the kind named, and what the
// log says.
func runTrivy(ctx context.Context, job Job, cmd Command, artifact string) (trivyReport, trivyLog, error) {
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return trivyReport{}, trivyLog{}, err
	}
	report, err := parseTrivy(out.Stdout, artifact)
	if err != nil {
		return trivyReport{}, trivyLog{}, err
	}
	log, err := parseTrivyLog(out.Stderr)
	return report, log, err
}

// pipLists makes Trivy read all lists of Python packages, not only those that
// are called requirements.txt.
const pipLists = `pip:(^|/)(requirements[^/]*|security/tools/[^/]+/build)\.txt$`

// dependencyLists returns the files that Trivy must read packages from.
func dependencyLists(t tree.Tree) []string {
	var lists []string
	for _, e := range ecosystems {
		lists = append(lists, t.Matching(e.lists...)...)
	}
	return append(lists, tree.Below("security/tools", t.Matching("build.txt"))...)
}

// misconfigFiles returns the files that may hold what Trivy's checks are about.
func misconfigFiles(t tree.Tree) []string {
	return append(dockerfiles(t), t.Matching("*.tf", "*.tf.json", "*.tfvars", "*.yaml", "*.yml", "*.tpl")...)
}
