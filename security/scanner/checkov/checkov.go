// Package checkov is the gate that examines Dockerfiles, Compose files, GitHub
// workflows and Terraform with checkov.
package checkov

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/compose"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "checkov", About: "Dockerfiles, Compose files, GitHub workflows and Terraform", Unit: "files",
		Inputs:   func(t tree.Tree) []string { return inputsOf(t).all() },
		NoInputs: "there is no Dockerfile, Compose file, GitHub workflow or Terraform file",
		Obeys:    []scanner.Obeyed{{Tool: "checkov", Settings: []string{".checkov.yaml", ".checkov.yml", ".checkov.baseline"}, Marks: skips}},
		Examine:  examine,
	}
}

var skips = scanner.Comments(":skip", `\b(checkov|bridgecrew|cortex):skip`)

func examine(ctx context.Context, s *scanner.Scan) error {
	inputs := inputsOf(s.Job.Tree)
	composed, err := composeFindings(s.Job.Tree, inputs.compose)
	if err != nil {
		return err
	}
	out, err := s.Run(ctx, command(s.Job))
	if err != nil {
		return err
	}
	if err := warnings(out.Stderr); err != nil {
		return err
	}
	r, err := parse(out.Stdout, s.Name)
	if err != nil {
		return err
	}
	seen, err := r.cover(s.Job.Tree, inputs)
	if err != nil {
		return err
	}
	s.Outcome.Examined.Count = len(seen) + len(inputs.compose)
	s.Note("Compose files were examined by our own rules (security/scanner/compose): checkov has none")
	if without := r.typesWithoutRule(s.Job.Tree, inputs.terraform); len(without) > 0 {
		s.Unseen("no rule covers resources of the types %s", strings.Join(without, ", "))
	}
	s.Found(composed...)
	s.Found(r.findings()...)
	return s.FindSuppressions(s.Files)
}

// command returns the call. checkov reads settings from its working folder, the
// home folder, and the folder after the word --directory. Here the first two are
// the empty one of the scan, and the equals sign hides the third.
func command(job scanner.Job) scanner.Command {
	args := []string{"--directory=" + job.Tree.Dir}
	for _, framework := range []string{"dockerfile", "github_actions", "terraform"} {
		args = append(args, "--framework", framework)
	}
	return scanner.Command{
		Dir:  job.Scratch,
		Args: append(args, "--output", "json", "--compact", "--skip-download"),
		Env: []string{
			"HOME=" + job.Scratch, "LOG_LEVEL=WARNING",
			"CKV_PARSE_ERROR_FAIL=true",
			"CKV_IGNORE_HIDDEN_DIRECTORIES=false", "CKV_IGNORED_DIRECTORIES=no-folder-is-ignored",
		},
		Exits: []int{0, 1},
	}
}

// inputs are the files that checkov must examine.
type inputs struct{ dockerfiles, compose, workflows, terraform []string }

func inputsOf(t tree.Tree) inputs {
	in := inputs{
		dockerfiles: scanner.Dockerfiles(t),
		compose:     compose.Files(t),
		terraform:   terraform.Files(t),
	}
	for _, name := range t.Matching("*.yml", "*.yaml") {
		if strings.HasSuffix(path.Dir("/"+name), "/.github/workflows") {
			in.workflows = append(in.workflows, name)
		}
	}
	return in
}

func (in inputs) all() []string {
	return slices.Concat(in.dockerfiles, in.compose, in.workflows, in.terraform)
}

// composeFindings examines the Compose files.
func composeFindings(t tree.Tree, files []string) ([]finding.Finding, error) {
	var found []finding.Finding
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return nil, scanner.Errorf(scanner.InputUnavailable, "%w", err)
		}
		more, err := compose.Check(name, content)
		if err != nil {
			return nil, scanner.Errorf(scanner.BadInput, "%s: %w", name, err)
		}
		found = append(found, more...)
	}
	return found, nil
}
