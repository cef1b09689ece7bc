package scanner

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/tree"
)

// Checkov examines Dockerfiles, Compose files, GitHub workflows and Terraform
// with checkov.
type Checkov struct{}

// Name implements Scanner.
func (Checkov) Name() string { return "checkov" }

// Subject implements Scanner.
func (Checkov) Subject() string { return "Dockerfiles, Compose files, GitHub workflows and Terraform" }

//go:embed checkov/compose.py
var composeChecks []byte

// Scan implements Scanner.
func (g Checkov) Scan(ctx context.Context, job Job) (Outcome, error) {
	inputs := checkovInputsOf(job.Tree)
	if len(inputs.all()) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no Dockerfile, Compose file, GitHub workflow or Terraform file")
	}
	tool, err := job.Tool(ctx, "checkov")
	if err != nil {
		return Outcome{}, err
	}
	checks := filepath.Join(job.Scratch, "checks")
	if err := errors.Join(
		os.MkdirAll(checks, 0o750),
		os.WriteFile(filepath.Join(checks, "__init__.py"), nil, 0o600),
		os.WriteFile(filepath.Join(checks, "compose.py"), composeChecks, 0o600),
	); err != nil {
		return Outcome{}, fmt.Errorf("write the checks of Compose files: %w", err)
	}
	cmd := checkovCommand(job, tool, checks)
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return Outcome{}, err
	}
	if err := checkovWarnings(out.Stderr); err != nil {
		return Outcome{}, err
	}
	reports, err := parseCheckov(out.Stdout, func(path string) string { return job.Tree.Name(path, ".") })
	if err != nil {
		return Outcome{}, err
	}
	seen, err := reports.cover(job.Tree, inputs)
	if err != nil {
		return Outcome{}, err
	}
	if err := oneDocument(job.Tree, inputs.compose); err != nil {
		return Outcome{}, err
	}
	notes := []string{"Compose files were checked by our own checks (security/scanner/checkov), for checkov has none"}
	if without := reports.typesWithoutRule(job.Tree, inputs.terraform); len(without) > 0 {
		notes = append(notes, "no rule was about resources of the types "+strings.Join(without, ", "))
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: len(seen), Unit: "files"},
		Commands: []string{job.typed(cmd)}, Notes: notes,
		Findings: append(reports.findings(g.Name()), suppressions(job.Tree, g.Name(), inputs.all())...),
	}, nil
}

// checkovCommand returns the call. checkov reads settings from the folder that
// it works in, the home folder, and the folder after the word --directory;
// here the first two are the empty one of the scan, and the third is not asked
// because of the equals sign.
func checkovCommand(job Job, tool Tool, checks string) Command {
	args := []string{"--directory=" + job.Tree.Dir}
	for _, framework := range []string{"dockerfile", "github_actions", "terraform", "yaml"} {
		args = append(args, "--framework", framework)
	}
	return Command{
		Path: tool.Path, Dir: job.Scratch,
		Args: append(args, "--external-checks-dir", checks, "--output", "json", "--compact", "--skip-download"),
		Env: []string{
			"HOME=" + job.Scratch, "LOG_LEVEL=WARNING",
			"CKV_PARSE_ERROR_FAIL=true",
			"CKV_IGNORE_HIDDEN_DIRECTORIES=false", "CKV_IGNORED_DIRECTORIES=no-folder-is-ignored",
		},
		Exits: []int{0, 1},
	}
}

// checkovInputs are the files that checkov must examine, by framework.
type checkovInputs struct{ dockerfiles, compose, workflows, terraform []string }

func checkovInputsOf(t tree.Tree) checkovInputs {
	inputs := checkovInputs{
		dockerfiles: dockerfiles(t),
		compose:     t.Matching("compose.yaml", "compose.yml", "compose.*.yaml", "compose.*.yml", "docker-compose*.yaml", "docker-compose*.yml"),
		terraform:   terraformFiles(t),
	}
	for _, name := range t.Matching("*.yml", "*.yaml") {
		if strings.HasSuffix(path.Dir("/"+name), "/.github/workflows") {
			inputs.workflows = append(inputs.workflows, name)
		}
	}
	return inputs
}

func (in checkovInputs) all() []string {
	return slices.Concat(in.dockerfiles, in.compose, in.workflows, in.terraform)
}

// oneDocument refuses a file with several YAML documents: Compose joins them,
// and checkov reads the first. What is no YAML is for checkov to tell.
func oneDocument(t tree.Tree, files []string) error {
	for _, name := range files {
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return Errorf(InputUnavailable, "%w", err)
		}
		documents := yaml.NewDecoder(bytes.NewReader(content))
		first, second := documents.Decode(new(yaml.Node)), documents.Decode(new(yaml.Node))
		if first == nil && second == nil {
			return Errorf(BadInput, "%s holds more than one YAML document, of which checkov reads the first; make it one", name)
		}
	}
	return nil
}
