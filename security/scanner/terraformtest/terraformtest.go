package scanner

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tftest"
)

// TerraformTest tests every Terraform root with terraform test, after the
// format and what the providers themselves check.
type TerraformTest struct{}

// Name implements Scanner.
func (TerraformTest) Name() string { return "terraform-test" }

// Subject implements Scanner.
func (TerraformTest) Subject() string {
	return "Terraform: what its own tests demand, with providers mocked"
}

// Scan implements Scanner.
func (g TerraformTest) Scan(ctx context.Context, job Job) (Outcome, error) {
	tf, err := newTerraform(ctx, job)
	if err != nil {
		return Outcome{}, err
	}
	if err := tf.strayTest(); err != nil {
		return Outcome{}, err
	}
	findings, err := g.format(ctx, tf)
	if err != nil {
		return Outcome{}, err
	}
	roots, err := sideBySide(len(tf.roots), func(i int) (testedRoot, error) { return g.root(ctx, tf.in(tf.roots[i])) })
	if err != nil {
		return Outcome{}, err
	}
	runs, assertions, commands := 0, 0, tf.prepared
	for _, root := range roots {
		runs, assertions = runs+len(root.held.Runs), assertions+root.held.Assertions
		commands, findings = append(commands, root.ran...), append(findings, root.failed...)
	}
	return Outcome{
		Tool: tf.tool.Name, Version: tf.tool.Version,
		Examined: Examined{Count: runs, Unit: "runs"},
		Commands: commands, Findings: findings,
		Notes: append(tf.notes(), fmt.Sprintf("the runs hold %d assertions in %d roots", assertions, len(roots))),
	}, nil
}

// strayTest returns an error for a test file that would never be run.
func (tf *terraform) strayTest() error {
	for _, file := range tf.job.Tree.Matching("*.tftest.hcl", "*.tftest.json") {
		folder := path.Dir(file)
		if path.Base(folder) != "tests" || !slices.Contains(tf.roots, path.Dir(folder)) || path.Ext(file) != ".hcl" {
			return Errorf(TooFewExamined, "%s is never run; name it ROOT/tests/NAME.tftest.hcl, where ROOT holds Terraform files", file)
		}
	}
	return nil
}

// testedRoot is what came of testing a root.
type testedRoot struct {
	held   tftest.Held
	failed []finding.Finding
	ran    []string
}

// root tests one root: all that its files hold must have run.
func (g TerraformTest) root(ctx context.Context, root *terraformRoot) (testedRoot, error) {
	held, err := tftest.Read(root.fsys())
	if errors.Is(err, tftest.ErrNoTests) {
		return testedRoot{}, Errorf(NothingExamined, "%s: %w", root.name, err)
	}
	if err != nil {
		return testedRoot{}, Errorf(BadInput, "%s: %w", root.name, err)
	}
	if err := root.validate(ctx); err != nil {
		return testedRoot{}, err
	}
	tested := testedRoot{held: held}
	var results []tftest.Result
	for _, args := range held.Commands(root.fsys()) {
		report, err := root.test(ctx, args...)
		if err != nil {
			return testedRoot{}, err
		}
		failed, err := g.failed(root.name, report)
		if err != nil {
			return testedRoot{}, err
		}
		results, tested.failed = append(results, report.Results...), append(tested.failed, failed...)
	}
	if failures := held.Compare(results); len(failures) > 0 {
		return testedRoot{}, Errorf(TooFewExamined, "%s/%w", root.name, failures[0])
	}
	tested.ran = root.ran
	return tested, nil
}

// failed makes a finding of each assertion that does not hold.
func (g TerraformTest) failed(root string, report tftest.Report) ([]finding.Finding, error) {
	var findings []finding.Finding
	told := map[tftest.Run]bool{}
	for _, d := range report.Diagnostics {
		told[d.Run] = true
		findings = append(findings, finding.Finding{
			Rule: d.Run.Name, Severity: finding.High,
			Message: fmt.Sprintf("%s: %s", d.Summary, strings.Join(strings.Fields(d.Detail), " ")),
			Help:    "Make the configuration do what the test demands, or say in the test why it need not.",
			File:    path.Join(root, d.File), Line: d.Line,
			Witnesses: []finding.Witness{{Gate: g.Name(), Rule: d.Run.Name}},
		})
	}
	for _, r := range report.Results {
		if r.Status != "pass" && !told[r.Run] {
			return nil, Errorf(BadOutput, "%s/%s: it ended with %s, and terraform test does not say why", root, r.Run, r.Status)
		}
	}
	return findings, nil
}

// format makes a finding of each file that terraform fmt would change.
func (g TerraformTest) format(ctx context.Context, tf *terraform) ([]finding.Finding, error) {
	const rule, wrong, broken = "terraform-fmt", 3, 2
	top := tf.in(".")
	out, err := top.run(ctx, []int{0, wrong, broken}, "fmt", "-check", "-recursive", "-no-color")
	tf.prepared = append(tf.prepared, top.ran...)
	if err != nil {
		return nil, err
	}
	if out.Exit == broken {
		return nil, Errorf(BadInput, "terraform fmt says %s", sentence(out.Stderr))
	}
	var findings []finding.Finding
	for line := range strings.Lines(string(out.Stdout)) {
		file := filepath.ToSlash(strings.TrimSpace(line))
		findings = append(findings, finding.Finding{
			Rule: rule, Severity: finding.Low, File: file,
			Message:   "It is not formatted as terraform fmt does it.",
			Help:      "Run: terraform fmt -recursive",
			Witnesses: []finding.Witness{{Gate: g.Name(), Rule: rule}},
		})
	}
	if (len(findings) > 0) != (out.Exit == wrong) {
		return nil, Errorf(BadOutput, "terraform fmt ended with code %d and names %d files", out.Exit, len(findings))
	}
	return findings, nil
}
