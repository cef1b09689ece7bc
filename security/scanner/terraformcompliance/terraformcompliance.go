// Package terraformcompliance is the gate that judges the plans of Terraform's
// tests by the policy in Gherkin, with terraform-compliance.
package terraformcompliance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/scanner/terraformcompliance/source"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "terraform-compliance", About: "Terraform: plans, judged by the policy in Gherkin", Unit: "scenarios",
		Inputs: terraform.Files, NoInputs: "there is no Terraform file",
		Examine: examine,
	}
}

func examine(ctx context.Context, s *scanner.Scan) error {
	plans, features, err := readPolicy(s.Job.Tree)
	if err != nil {
		return err
	}
	written, err := source.Check(s.Job.Tree)
	if err != nil {
		return err
	}
	s.Found(written...)
	tf, err := terraform.NewCopy(ctx, s.Job)
	if err != nil {
		return err
	}
	defer tf.Close()
	made, err := makePlans(ctx, tf, plans)
	if err != nil {
		return err
	}
	judgements, err := terraform.SideBySide(len(plans), func(i int) (judgement, error) {
		j := judge{job: s.Job, tool: s.Tool, dir: filepath.Join(s.Job.Scratch, fmt.Sprintf("plan-%d", i))}
		return plans[i].judge(ctx, made, j, plans[i].of(features))
	})
	if err != nil {
		return err
	}
	s.Outcome.Examined.Count = 0
	s.Outcome.Commands, s.Outcome.Notes = tf.Prepared, tf.Notes()
	for _, file := range sortedKeys(made) {
		s.Outcome.Commands = append(s.Outcome.Commands, made[file].ran...)
	}
	return report(s, plans, judgements)
}

// report adds what the judgements found.
func report(s *scanner.Scan, plans []judgedPlan, judgements []judgement) error {
	roots := map[string]places{}
	all := map[string][]planned{}
	for i, j := range judgements {
		p := plans[i]
		if _, known := roots[p.Root]; !known {
			at, err := readPlaces(s.Job.Tree, p.Root)
			if err != nil {
				return err
			}
			roots[p.Root] = at
		}
		values, err := p.values(s.Job.Tree)
		if err != nil {
			return err
		}
		all[p.Root] = append(all[p.Root], planned{j.plan, values})
		for _, b := range j.broken {
			s.Found(b.findings(p, j.plan, roots[p.Root])...)
		}
		s.Found(p.privileges(j.plan, roots[p.Root])...)
		s.Outcome.Examined.Count += j.scenarios
		s.Outcome.Commands = append(s.Outcome.Commands, j.ran...)
		s.Note("%s: %d scenarios on the plan of %s, run %s, which has %d resources", p.Root, j.scenarios, p.Test, p.Run, len(j.plan.Resources))
	}
	for _, root := range sortedKeys(roots) {
		s.Found(roots[root].unjudged(all[root])...)
	}
	return nil
}

// judgement is the result of judging a plan by features.
type judgement struct {
	plan      Plan
	broken    []broken
	scenarios int
	ran       []string
}

// judge judges the plan by the features.
func (p judgedPlan) judge(ctx context.Context, made map[string]tested, with judge, features []feature) (judgement, error) {
	plan, err := p.plan(made[p.file()].report)
	if err != nil {
		return judgement{}, err
	}
	broken, command, err := with.judge(ctx, plan, features)
	if err != nil {
		return judgement{}, err
	}
	j := judgement{plan: plan, broken: broken, ran: []string{command}}
	for _, f := range features {
		j.scenarios += len(f.scenarios)
	}
	return j, nil
}

// file is the test file that the plan comes from.
func (p judgedPlan) file() string { return p.Root + "/" + p.Test }

// tested is what Terraform said about a test file, and the command.
type tested struct {
	report terraform.Report
	ran    []string
}

// makePlans runs each of the test files once, and returns the results by file.
func makePlans(ctx context.Context, tf *terraform.Copy, plans []judgedPlan) (map[string]tested, error) {
	first := map[string]judgedPlan{}
	for _, p := range plans {
		if !slices.Contains(tf.Roots, p.Root) {
			return nil, scanner.Errorf(scanner.BadInput, "%s: %s is not a folder with Terraform files", plansFile, p.Root)
		}
		first[p.file()] = p
	}
	files := sortedKeys(first)
	results, err := terraform.SideBySide(len(files), func(i int) (tested, error) {
		p := first[files[i]]
		root := tf.In(p.Root)
		tests := terraform.Tests{Files: []string{p.Test}}
		report, err := root.Test(ctx, append(tests.Commands(root.FS())[0], "-verbose")...)
		return tested{report, root.Ran}, err
	})
	if err != nil {
		return nil, err
	}
	made := map[string]tested{}
	for i, file := range files {
		made[file] = results[i]
	}
	return made, nil
}

// plan returns the plan of the run.
func (p judgedPlan) plan(report terraform.Report) (Plan, error) {
	run := terraform.Run{File: p.Test, Name: p.Run}
	if !slices.Contains(report.Results, terraform.Result{Run: run, Status: "pass"}) {
		return Plan{}, scanner.Errorf(scanner.BadInput, "%s/%s: its plan cannot be judged, because the run did not pass", p.Root, run)
	}
	made, err := FromTest(report.Plans[run], report.Terraform)
	if err != nil {
		return Plan{}, scanner.Errorf(scanner.BadOutput, "%s/%s: %w", p.Root, run, err)
	}
	return made, nil
}

// judge judges plans by features with the tool.
type judge struct {
	job  scanner.Job
	tool scanner.Tool
	dir  string // of its own, for what the tool reads and writes
}

// judge returns the scenarios that the plan breaks, and the command that was
// run.
func (j judge) judge(ctx context.Context, p Plan, features []feature) (_ []broken, command string, _ error) {
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
		return nil, "", fmt.Errorf("write the input of terraform-compliance: %w", err)
	}
	cmd := scanner.Command{
		Path: j.tool.Path, Dir: j.dir, Exits: []int{0, 1},
		// Never --no-failure, with which nothing fails, nor --quit-early, with which
		// only the first of several resources is reported.
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
			return nil, "", scanner.Errorf(scanner.BadInput, "terraform-compliance says %s", terraform.Sentence([]byte(said)))
		}
		return nil, "", scanner.Errorf(scanner.BadOutput, "terraform-compliance wrote no result%s", scanner.LastWords(out))
	}
	if err != nil {
		return nil, "", err
	}
	failed, err := parse(out, result, features)
	return failed, j.job.Typed(cmd), err
}
