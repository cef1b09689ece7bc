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

	"example.com/rates/security/plan"
	"example.com/rates/security/tftest"
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
	held, err := sideBySide(len(plans), func(i int) (heldPlan, error) {
		judge := policyJudge{job: job, tool: tool, dir: filepath.Join(job.Scratch, fmt.Sprintf("plan-%d", i))}
		return plans[i].hold(ctx, tf, judge, plans[i].of(features))
	})
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Unit: "scenarios"},
		Commands: tf.prepared, Notes: tf.notes(),
	}
	for i, h := range held {
		p := plans[i]
		for _, b := range h.broken {
			outcome.Findings = append(outcome.Findings, b.finding(g.Name(), p, h.plan))
		}
		outcome.Examined.Count += h.scenarios
		outcome.Commands = append(outcome.Commands, h.ran...)
		outcome.Notes = append(outcome.Notes,
			fmt.Sprintf("%s: %d scenarios on the plan of %s, which has %d resources", p.Root, h.scenarios, p.Test, len(h.plan.Resources)))
	}
	return outcome, nil
}

// heldPlan is what came of holding features against a plan.
type heldPlan struct {
	plan      plan.Plan
	broken    []broken
	scenarios int
	ran       []string
}

// hold makes the plan and holds the features against it.
func (p judgedPlan) hold(ctx context.Context, tf *terraform, judge policyJudge, features []feature) (heldPlan, error) {
	root := tf.in(p.Root)
	made, err := p.make(ctx, root)
	if err != nil {
		return heldPlan{}, err
	}
	broken, command, err := judge.hold(ctx, made, features)
	if err != nil {
		return heldPlan{}, err
	}
	held := heldPlan{plan: made, broken: broken, ran: append(root.ran, command)}
	for _, f := range features {
		held.scenarios += len(f.scenarios)
	}
	return held, nil
}

// make has Terraform make the plan.
func (p judgedPlan) make(ctx context.Context, root *terraformRoot) (plan.Plan, error) {
	if !slices.Contains(root.roots, p.Root) {
		return plan.Plan{}, Errorf(BadInput, "%s: %s is no folder with Terraform files", plansFile, p.Root)
	}
	held := tftest.Held{Files: []string{p.Test}}
	report, err := root.test(ctx, append(held.Commands(root.fsys())[0], "-verbose")...)
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

// policyJudge holds features against a plan with the tool.
type policyJudge struct {
	job  Job
	tool Tool
	dir  string // of its own, for what the tool reads and writes
}

// hold returns the scenarios that the plan breaks, and the command that told.
func (j policyJudge) hold(ctx context.Context, p plan.Plan, features []feature) (_ []broken, command string, _ error) {
	text, err := p.JSON()
	if err != nil {
		return nil, "", fmt.Errorf("write the plan: %w", err)
	}
	written := filepath.Join(j.dir, "features")
	if err := os.MkdirAll(written, 0o750); err != nil {
		return nil, "", err
	}
	const resultFile = "result.json"
	planFile := filepath.Join(j.dir, "plan.json")
	errs := []error{os.WriteFile(planFile, text, 0o600)}
	for i, f := range features {
		errs = append(errs, os.WriteFile(filepath.Join(written, f.copyName(i)), f.text, 0o600))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, "", fmt.Errorf("write what terraform-compliance reads: %w", err)
	}
	cmd := Command{
		Path: j.tool.Path, Dir: j.dir, Exits: []int{0, 1},
		// Never --no-failure, with which nothing fails, nor --quit-early, with which
		// only the first resource of several is told.
		Args: []string{"--no-ansi", "--features", written, "--planfile", planFile, "--cucumber-json=" + filepath.Join(j.dir, resultFile)},
		Env:  []string{"HOME=" + j.job.Scratch, "IPYTHONDIR=" + filepath.Join(j.dir, "ipython"), "PYTHONIOENCODING=utf-8"},
	}
	out, err := j.job.Run(ctx, cmd)
	if err != nil {
		return nil, "", err
	}
	result, err := fs.ReadFile(os.DirFS(j.dir), resultFile)
	if errors.Is(err, fs.ErrNotExist) {
		if _, said, ok := strings.Cut(string(out.Stdout), "ERROR: "); ok {
			return nil, "", Errorf(BadInput, "terraform-compliance says %s", sentence([]byte(said)))
		}
		return nil, "", Errorf(BadOutput, "terraform-compliance wrote no result%s", lastWords(out))
	}
	if err != nil {
		return nil, "", err
	}
	failed, err := parseCompliance(out, result, features)
	return failed, j.job.typed(cmd), err
}
