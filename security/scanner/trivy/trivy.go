// Package trivy holds two gates: trivy looks for vulnerable dependencies,
// secrets and misconfiguration in the tree, and trivy-image in the built image.
package trivy

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// New returns the gate of the tree.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "trivy", About: "dependencies, secrets and misconfiguration in the tree", Unit: "files",
		Inputs: func(t tree.Tree) []string { return t.Files }, NoInputs: "the repository holds no files",
		Obeys: []scanner.Obeyed{{
			Tool: "trivy", Settings: []string{".trivyignore", ".trivyignore.*", "trivy.yaml", "trivy.yml", "trivy-secret.yaml"}, Marks: ignores,
		}},
		Examine: examineTree,
	}
}

var ignores = scanner.Comments("trivy:ignore", `\btrivy:ignore`)

func examineTree(ctx context.Context, s *scanner.Scan) error {
	cache, err := database(ctx, s)
	if err != nil {
		return err
	}
	unknown, err := unknownLists(s.Job.Tree, cache)
	if err != nil {
		return err
	}
	more := []string{"--scanners", "vuln,secret,misconfig", "--file-patterns", pipLists}
	if cache.offline {
		more = append(more, "--skip-check-update")
	}
	r, log, err := run(ctx, s, cache, "filesystem", "fs", append(more, ".")...)
	if err != nil {
		return err
	}
	seen, err := r.examined(s.Job.Tree, log)
	if err != nil {
		return err
	}
	s.Outcome.Examined.Count = len(seen)
	s.Found(r.findings(s.Files, func(file string) []string { return scanner.LinesOf(s.Job.Tree, file) })...)
	s.Note("%d packages in %d lists of dependencies; %d files searched for secrets", r.packages(), len(dependencyLists(s.Job.Tree)), len(log.secrets))
	if len(unknown) > 0 {
		s.Unseen("the database has no entries for the packages in: %s", strings.Join(unknown, ", "))
	}
	if log.builtInChecks {
		s.Unseen("used the checks that are built into this version, not the newest bundle")
	}
	return s.FindSuppressions(misconfigFiles(s.Job.Tree))
}

// secretRules switch off the rules by which Trivy skips files whose path says
// "test", "example" and the like when it looks for secrets.
const secretRules = "disable-allow-rules: [dist-info, tests, examples, vendor, usr-dirs, locale-dir, markdown, node.js, golang, python, rubygems, wordpress, anaconda-log]\n"

// settings returns flags that name settings of the gate, so that Trivy reads
// none of the tree or of the user's home, and a folder for temporary files.
func settings(scratch string) (flags []string, tmp string, err error) {
	config, secrets := filepath.Join(scratch, "trivy-settings-of-the-gate.yaml"), filepath.Join(scratch, "trivy-secrets-of-the-gate.yaml")
	ignore, modules := filepath.Join(scratch, "trivy-ignores-nothing"), filepath.Join(scratch, "modules")
	tmp = filepath.Join(scratch, "tmp")
	err = errors.Join(
		os.MkdirAll(modules, 0o750),
		os.MkdirAll(tmp, 0o750),
		os.WriteFile(ignore, nil, 0o600),
		os.WriteFile(config, []byte("{}\n"), 0o600),
		os.WriteFile(secrets, []byte(secretRules), 0o600),
	)
	if err != nil {
		return nil, "", fmt.Errorf("write the settings of trivy: %w", err)
	}
	return []string{"--config", config, "--secret-config", secrets, "--ignorefile", ignore, "--module-dir", modules}, tmp, nil
}

// run runs Trivy and returns its report on an artifact of the kind named, and
// its log. Only the log of --debug says what Trivy could not read.
func run(ctx context.Context, s *scanner.Scan, cache cache, artifact, subcommand string, more ...string) (report, scanLog, error) {
	args := []string{subcommand, "--format", "json", "--debug", "--list-all-pkgs", "--no-progress"}
	flags, tmp, err := settings(s.Job.Scratch)
	if err != nil {
		return report{}, scanLog{}, err
	}
	args = append(append(args, flags...),
		"--cache-dir", cache.dir, "--cache-backend", "memory", "--skip-db-update",
		"--skip-version-check", "--disable-telemetry", "--timeout", "1h") // the gate has its own, shorter time
	if cache.offline {
		args = append(args, "--offline-scan")
	}
	out, err := s.Run(ctx, scanner.Command{Args: append(args, more...), Env: []string{"TMPDIR=" + tmp}})
	if err != nil {
		return report{}, scanLog{}, err
	}
	r, err := parse(out.Stdout, artifact)
	if err != nil {
		return report{}, scanLog{}, err
	}
	log, err := parseLog(out.Stderr)
	return r, log, err
}

// pipLists makes Trivy read all lists of Python packages, not only
// requirements.txt.
const pipLists = `pip:(^|/)(requirements[^/]*|security/tools/[^/]+/build)\.txt$`

// dependencyLists returns the files that Trivy must read packages from.
func dependencyLists(t tree.Tree) []string {
	var lists []string
	for _, e := range ecosystems {
		lists = append(lists, t.Matching(e.lists...)...)
	}
	return append(lists, tree.Below("security/tools", t.Matching("build.txt"))...)
}

// misconfigFiles returns the files that Trivy's checks may apply to.
func misconfigFiles(t tree.Tree) []string {
	return append(scanner.Dockerfiles(t), t.Matching("*.tf", "*.tf.json", "*.tfvars", "*.yaml", "*.yml", "*.tpl")...)
}
