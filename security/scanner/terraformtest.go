package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/terraform/tftest"
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
	findings, err := g.format(ctx, tf)
	if err != nil {
		return Outcome{}, err
	}
	runs, assertions := 0, 0
	for _, root := range tf.roots {
		held, failed, err := g.root(ctx, tf, root)
		if err != nil {
			return Outcome{}, err
		}
		runs, assertions, findings = runs+len(held.Runs), assertions+held.Assertions, append(findings, failed...)
	}
	return Outcome{
		Tool: tf.tool.Name, Version: tf.tool.Version,
		Examined: Examined{Count: runs, Unit: "runs"},
		Commands: tf.ran, Findings: findings,
		Notes: append(tf.notes(), fmt.Sprintf("the runs hold %d assertions in %d roots", assertions, len(tf.roots))),
	}, nil
}

// root tests one root: all that its files hold must have run.
func (g TerraformTest) root(ctx context.Context, tf *terraform, root string) (tftest.Held, []finding.Finding, error) {
	files := os.DirFS(filepath.Join(tf.dir, filepath.FromSlash(root)))
	held, err := tftest.Read(files)
	if errors.Is(err, tftest.ErrNoTests) {
		return held, nil, Errorf(NothingExamined, "%s: %w", root, err)
	}
	if err != nil {
		return held, nil, Errorf(BadInput, "%s: %w", root, err)
	}
	if err := tf.validate(ctx, root); err != nil {
		return held, nil, err
	}
	var ran []tftest.Result
	var findings []finding.Finding
	for _, args := range held.Commands(files) {
		report, err := tf.test(ctx, root, args...)
		if err != nil {
			return held, nil, err
		}
		ran = append(ran, report.Results...)
		failed, err := g.failed(root, report)
		if err != nil {
			return held, nil, err
		}
		findings = append(findings, failed...)
	}
	if failures := held.Compare(ran); len(failures) > 0 {
		return held, nil, Errorf(TooFewExamined, "%s/%w", root, failures[0])
	}
	return held, findings, nil
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
	out, err := tf.run(ctx, ".", []int{0, wrong, broken}, "fmt", "-check", "-recursive", "-no-color")
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
