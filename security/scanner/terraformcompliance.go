package scanner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/strictyaml"
	"example.com/rates/security/tree"
	"example.com/rates/terraform/plan"
	"example.com/rates/terraform/tftest"
)

// TerraformCompliance holds the policy in Gherkin against the plans of
// Terraform's tests.
type TerraformCompliance struct{}

// Name implements Scanner.
func (TerraformCompliance) Name() string { return "terraform-compliance" }

// Subject implements Scanner.
func (TerraformCompliance) Subject() string {
	return "Terraform: what the policy in Gherkin demands of its plans"
}

// complianceDir holds the features, and plansFile says what they are about.
const (
	complianceDir = "terraform/compliance"
	plansFile     = complianceDir + "/plans.yaml"
)

// judgedPlan is a plan and what it is held against.
type judgedPlan struct {
	Root     string   `yaml:"root"`
	Test     string   `yaml:"test"` // file below the root
	Run      string   `yaml:"run"`
	Features []string `yaml:"features"` // folders in complianceDir
}

// Scan implements Scanner.
func (g TerraformCompliance) Scan(ctx context.Context, job Job) (Outcome, error) {
	if len(terraformFiles(job.Tree)) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no Terraform file")
	}
	plans, features, err := readPolicy(job.Tree)
	if err != nil {
		return Outcome{}, err
	}
	tool, err := job.Tool(ctx, "terraform-compliance")
	if err != nil {
		return Outcome{}, err
	}
	tf, err := newTerraform(ctx, job)
	if err != nil {
		return Outcome{}, err
	}
	judge := policyJudge{job: job, tool: tool}
	var findings []finding.Finding
	scenarios, notes := 0, tf.notes()
	for i, p := range plans {
		made, err := p.make(ctx, tf)
		if err != nil {
			return Outcome{}, err
		}
		of := p.of(features)
		broken, err := judge.hold(ctx, fmt.Sprint(i), made, of)
		if err != nil {
			return Outcome{}, err
		}
		for _, b := range broken {
			findings = append(findings, b.finding(g.Name(), p, made))
		}
		n := 0
		for _, f := range of {
			n += len(f.scenarios)
		}
		scenarios += n
		notes = append(notes, fmt.Sprintf("%s: %d scenarios on the plan of %s, which has %d resources", p.Root, n, p.Test, len(made.Resources)))
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: scenarios, Unit: "scenarios"},
		Commands: append(tf.ran, judge.ran...), Notes: notes, Findings: findings,
	}, nil
}

// readPolicy reads which plans are held against what. Each feature must be held
// against one, and each root must have one.
func readPolicy(t tree.Tree) ([]judgedPlan, []feature, error) {
	file, err := os.Open(t.Path(plansFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, Errorf(NothingExamined, "there is Terraform and no policy: %s is missing", plansFile)
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	var policy struct {
		Plans []judgedPlan `yaml:"plans"`
	}
	if err := strictyaml.Load(file, &policy); err != nil {
		return nil, nil, Errorf(BadInput, "%s: %w", plansFile, err)
	}
	var features []feature
	used := map[string]bool{}
	for _, name := range tree.Below(complianceDir, t.Matching("*.feature")) {
		f, err := readFeature(t, name)
		if err != nil {
			return nil, nil, err
		}
		features = append(features, f)
	}
	for _, p := range policy.Plans {
		if p.Root == "" || p.Test == "" || p.Run == "" || len(p.of(features)) == 0 {
			return nil, nil, Errorf(BadInput, "%s: each plan must have a root, a test, a run, and folders of features that are there", plansFile)
		}
		for _, folder := range append(p.Features, p.Root) {
			used[folder] = true
		}
	}
	for _, f := range features {
		if !used[f.folder] {
			return nil, nil, Errorf(TooFewExamined, "%s is held against no plan; name its folder in %s", f.path, plansFile)
		}
	}
	for _, root := range terraformRoots(t) {
		if !used[root] {
			return nil, nil, Errorf(TooFewExamined, "no plan of %s is held against a feature; name one in %s", root, plansFile)
		}
	}
	return policy.Plans, features, nil
}

// of returns the features that are about the plan.
func (p judgedPlan) of(all []feature) []feature {
	return slices.DeleteFunc(slices.Clone(all), func(f feature) bool { return !slices.Contains(p.Features, f.folder) })
}

// make has Terraform make the plan.
func (p judgedPlan) make(ctx context.Context, tf *terraform) (plan.Plan, error) {
	if !slices.Contains(tf.roots, p.Root) {
		return plan.Plan{}, Errorf(BadInput, "%s: %s is no folder with Terraform files", plansFile, p.Root)
	}
	held := tftest.Held{Files: []string{p.Test}}
	args := held.Commands(os.DirFS(filepath.Join(tf.dir, filepath.FromSlash(p.Root))))[0]
	report, err := tf.test(ctx, p.Root, append(args, "-verbose")...)
	if err != nil {
		return plan.Plan{}, err
	}
	run := tftest.Run{File: p.Test, Name: p.Run}
	if !slices.Contains(report.Results, tftest.Result{Run: run, Status: "pass"}) {
		return plan.Plan{}, Errorf(BadInput, "%s/%s: its plan cannot be judged, for it did not pass", p.Root, run)
	}
	made, err := plan.FromTest(report.Plans[run], report.Terraform)
	if err != nil {
		return plan.Plan{}, Errorf(BadOutput, "%s/%s: %w", p.Root, run, err)
	}
	return made, nil
}

// policyJudge holds features against plans with the tool.
type policyJudge struct {
	job  Job
	tool Tool
	ran  []string
}

// hold returns the scenarios that a plan breaks. name tells the plan from
// others of the same scan.
func (j *policyJudge) hold(ctx context.Context, name string, p plan.Plan, features []feature) ([]broken, error) {
	text, err := p.JSON()
	if err != nil {
		return nil, fmt.Errorf("write the plan: %w", err)
	}
	dir := filepath.Join(j.job.Scratch, "plan-"+name)
	written := filepath.Join(dir, "features")
	if err := os.MkdirAll(written, 0o750); err != nil {
		return nil, err
	}
	const resultFile = "result.json"
	planFile := filepath.Join(dir, "plan.json")
	errs := []error{os.WriteFile(planFile, text, 0o600)}
	for i, f := range features {
		errs = append(errs, os.WriteFile(filepath.Join(written, f.copyName(i)), f.text, 0o600))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("write what terraform-compliance reads: %w", err)
	}
	cmd := Command{
		Path: j.tool.Path, Dir: dir, Exits: []int{0, 1},
		// Never --no-failure, with which nothing fails, nor --quit-early, with which
		// only the first resource of several is told.
		Args: []string{"--no-ansi", "--features", written, "--planfile", planFile, "--cucumber-json=" + filepath.Join(dir, resultFile)},
		Env:  []string{"HOME=" + j.job.Scratch, "IPYTHONDIR=" + filepath.Join(dir, "ipython"), "PYTHONIOENCODING=utf-8"},
	}
	j.ran = append(j.ran, j.job.typed(cmd))
	out, err := j.job.Run(ctx, cmd)
	if err != nil {
		return nil, err
	}
	result, err := fs.ReadFile(os.DirFS(dir), resultFile)
	if errors.Is(err, fs.ErrNotExist) {
		if _, said, ok := strings.Cut(string(out.Stdout), "ERROR: "); ok {
			return nil, Errorf(BadInput, "terraform-compliance says %s", sentence([]byte(said)))
		}
		return nil, Errorf(BadOutput, "terraform-compliance wrote no result%s", lastWords(out))
	}
	if err != nil {
		return nil, err
	}
	return parseCompliance(out, result, features)
}
