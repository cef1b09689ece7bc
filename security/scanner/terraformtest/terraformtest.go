// Package terraformtest is the gate that tests every Terraform root with
// terraform test, after terraform fmt and terraform validate.
package terraformtest

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "terraform-test", About: "Terraform: its own tests, with mocked providers", Tool: "terraform", Unit: "runs",
		Inputs: terraform.Files, NoInputs: "there is no Terraform file",
		Examine: examine,
	}
}

func examine(ctx context.Context, s *scanner.Scan) error {
	tf, err := terraform.NewCopy(ctx, s.Job)
	if err != nil {
		return err
	}
	defer tf.Close()
	if err := strayTest(s.Job.Tree, tf.Roots); err != nil {
		return err
	}
	unformatted, err := format(ctx, tf)
	if err != nil {
		return err
	}
	s.Found(unformatted...)
	roots, err := terraform.SideBySide(len(tf.Roots), func(i int) (tested, error) { return test(ctx, tf.In(tf.Roots[i])) })
	if err != nil {
		return err
	}
	runs, assertions := 0, 0
	s.Outcome.Commands = tf.Prepared
	for _, root := range roots {
		runs, assertions = runs+len(root.tests.Runs), assertions+root.tests.Assertions
		s.Outcome.Commands = append(s.Outcome.Commands, root.ran...)
		s.Found(root.failed...)
	}
	s.Outcome.Examined.Count = runs
	s.Outcome.Notes = tf.Notes()
	s.Note("the runs hold %d assertions in %d roots", assertions, len(roots))
	return nil
}

// strayTest returns an error for a test file that would never be run.
func strayTest(t tree.Tree, roots []string) error {
	for _, file := range t.Matching("*.tftest.hcl", "*.tftest.json") {
		folder := path.Dir(file)
		if path.Base(folder) != "tests" || !slices.Contains(roots, path.Dir(folder)) || path.Ext(file) != ".hcl" {
			return scanner.Errorf(scanner.TooFewExamined, "%s is never run; name it ROOT/tests/NAME.tftest.hcl, where ROOT holds Terraform files", file)
		}
	}
	return nil
}

// tested is the result of testing a root.
type tested struct {
	tests  terraform.Tests
	failed []finding.Finding
	ran    []string
}

// test tests one root: every run in its files must have run.
func test(ctx context.Context, root *terraform.Root) (tested, error) {
	tests, err := terraform.ReadTests(root.FS())
	if errors.Is(err, terraform.ErrNoTests) {
		return tested{}, scanner.Errorf(scanner.NothingExamined, "%s: %w", root.Name, err)
	}
	if err != nil {
		return tested{}, scanner.Errorf(scanner.BadInput, "%s: %w", root.Name, err)
	}
	if err := root.Validate(ctx); err != nil {
		return tested{}, err
	}
	result := tested{tests: tests}
	var results []terraform.Result
	for _, args := range tests.Commands(root.FS()) {
		report, err := root.Test(ctx, args...)
		if err != nil {
			return tested{}, err
		}
		failed, err := failures(root.Name, report)
		if err != nil {
			return tested{}, err
		}
		results, result.failed = append(results, report.Results...), append(result.failed, failed...)
	}
	if errs := tests.Compare(results); len(errs) > 0 {
		return tested{}, scanner.Errorf(scanner.TooFewExamined, "%s/%w", root.Name, errs[0])
	}
	result.ran = root.Ran
	return result, nil
}

// failures returns a finding for each assertion that does not hold.
func failures(root string, report terraform.Report) ([]finding.Finding, error) {
	var findings []finding.Finding
	explained := map[terraform.Run]bool{}
	for _, d := range report.Diagnostics {
		explained[d.Run] = true
		findings = append(findings, finding.Finding{
			Rule: d.Run.Name, Severity: finding.High,
			Message: fmt.Sprintf("%s: %s", d.Summary, strings.Join(strings.Fields(d.Detail), " ")),
			Help:    "Change the configuration so that the test passes, or change the test and say why.",
			File:    path.Join(root, d.File), Line: d.Line,
		})
	}
	for _, r := range report.Results {
		if r.Status != "pass" && !explained[r.Run] {
			return nil, scanner.Errorf(scanner.BadOutput, "%s/%s: it ended with %s, and terraform test does not say why", root, r.Run, r.Status)
		}
	}
	return findings, nil
}

// format returns a finding for each file that terraform fmt would change.
func format(ctx context.Context, tf *terraform.Copy) ([]finding.Finding, error) {
	const rule, wrong, broken = "terraform-fmt", 3, 2
	top := tf.In(".")
	out, err := top.Run(ctx, []int{0, wrong, broken}, "fmt", "-check", "-recursive", "-no-color")
	tf.Prepared = append(tf.Prepared, top.Ran...)
	if err != nil {
		return nil, err
	}
	if out.Exit == broken {
		return nil, scanner.Errorf(scanner.BadInput, "terraform fmt says %s", terraform.Sentence(out.Stderr))
	}
	var findings []finding.Finding
	for line := range strings.Lines(string(out.Stdout)) {
		findings = append(findings, finding.Finding{
			Rule: rule, Severity: finding.Low, File: filepath.ToSlash(strings.TrimSpace(line)),
			Message: "The file is not formatted as terraform fmt does it.",
			Help:    "Run: terraform fmt -recursive",
		})
	}
	if (len(findings) > 0) != (out.Exit == wrong) {
		return nil, scanner.Errorf(scanner.BadOutput, "terraform fmt ended with code %d and names %d files", out.Exit, len(findings))
	}
	return findings, nil
}
