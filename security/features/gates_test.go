package features_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
)

// Files and folders of a scenario.
const (
	policyFile  = "policy.yaml"
	waiversFile = "waivers.yaml"
	reportsDir  = "reports"
)

// patience is how long a run may take; it is far more than it needs.
const patience = time.Minute

// run is a finished run of the gates.
type run struct {
	code           int
	stdout, stderr string
}

func (w *world) registerGates(sc *godog.ScenarioContext) {
	sc.Step(`^the gates run$`, func(ctx context.Context) error { return w.theGatesRun(ctx, "--profile=local") })
	sc.Step(`^the gates run under the profile (\S+)$`, func(ctx context.Context, name string) error {
		return w.theGatesRun(ctx, "--profile="+name)
	})
	sc.Step(`^only the gate (\S+) runs$`, func(ctx context.Context, name string) error { return w.theGatesRun(ctx, "--only="+name) })
	sc.Step(`^the exit code is (\d+)$`, func(code int) error { return w.itEnds(code, "") })
	sc.Step(`^the exit code is (\d+), and the error says "([^"]*)"$`, w.itEnds)
	sc.Step(`^the gate (\S+) ends (?:as|with) (passed|waived|findings)$`, func(name, status string) error {
		return w.theGateEnds(name, gate.Status(status), "")
	})
	sc.Step(`^the gate (\S+) ends with the error: (.+)$`, func(name, kind string) error {
		return w.theGateEnds(name, gate.Errored, scanner.Kind(kind))
	})
	sc.Step(`^its evidence names the tool, its version, the command and how much was examined$`, w.itHasEvidence)
	sc.Step(`^every other gate of the project is skipped, because the repository has nothing for it$`, w.othersAreSkipped)
	sc.Step(`^there is a finding in "([^"]*)", line (\d+)$`, func(file string, line int) error { return w.aFindingIs(file, line, "") })
	sc.Step(`^there is a finding in "([^"]*)", line (\d+), waived because of "([^"]*)"$`, w.aFindingIs)
	sc.Step(`^there is a finding in "([^"]*)", in the commit that added it$`, w.aFindingIsInItsFirstCommit)
	sc.Step(`^the verdict says "([^"]*)"$`, func(words string) error {
		return w.said(words, func(v gate.Verdict) []string { return v.Reasons })
	})
	sc.Step(`^a warning says "([^"]*)"$`, func(words string) error {
		return w.said(words, func(v gate.Verdict) []string { return v.Warnings })
	})
	sc.Step(`^the last line is "([^"]*)"$`, func(line string) error {
		if !strings.HasSuffix(w.run.stderr, "\n"+line+"\n") && w.run.stderr != line+"\n" {
			return fmt.Errorf("it wrote:\n%s", w.run.stderr)
		}
		return nil
	})
	sc.Step(`^what was not seen comes before the first gate$`, w.unseenComesFirst)
	sc.Step(`^the terminal names what the machine needs$`, func() error {
		if !strings.Contains(w.run.stderr, "  git: found\n") || !strings.Contains(w.run.stderr, "  Terraform 1.") {
			return fmt.Errorf("it wrote:\n%s", w.run.stderr)
		}
		return nil
	})
	sc.Step(`^neither the reports nor the terminal show the access key$`, w.theKeyIsNowhere)
	sc.Step(`^every report names "([^"]*)"$`, w.everyReportNames)
}

// theGatesRun runs the program on the project of the scenario.
func (w *world) theGatesRun(ctx context.Context, args ...string) error {
	temporary := w.path("tmp")
	if err := errors.Join(os.MkdirAll(temporary, 0o700), w.write(policyFile, w.project.policy(w.names))); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.gates, append([]string{
		"run", "--project=" + w.project.dir, "--policy=" + w.path(policyFile), "--waivers=" + w.path(waiversFile),
		"--pins=" + w.tools.Pins, "--reports=" + w.path(reportsDir),
	}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, &stdout, &stderr
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TMPDIR=" + temporary, "RATES_TOOLS=" + w.tools.Cache, "RATES_TOOL_RECORDS=" + w.tools.Records,
		"GORACE=atexit_sleep_ms=10", // else it sleeps for a second
	}
	err := cmd.Run()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		return fmt.Errorf("run the gates: %w", errors.Join(err, ctx.Err()))
	}
	w.run = run{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	return nil
}

func (w *world) itEnds(code int, message string) error {
	if w.run.code != code || !strings.Contains(w.run.stderr, message) {
		return fmt.Errorf("the exit code is %d; it wrote:\n%s%s", w.run.code, w.run.stdout, w.run.stderr)
	}
	return nil
}

func (w *world) theGateEnds(name string, status gate.Status, kind scanner.Kind) error {
	r, err := w.resultOf(name)
	if err != nil {
		return err
	}
	if r.Status != status || r.Kind != kind {
		return fmt.Errorf("%s ended as %s %s: %s", name, r.Status, r.Kind, r.Reason)
	}
	return nil
}

func (w *world) resultOf(name string) (gate.Result, error) {
	r, err := w.report()
	if err != nil {
		return gate.Result{}, err
	}
	i := slices.IndexFunc(r.Gates, func(one gate.Result) bool { return one.Gate == name })
	if i < 0 {
		return gate.Result{}, fmt.Errorf("the report has no gate %s", name)
	}
	return r.Gates[i], nil
}

func (w *world) itHasEvidence() error {
	r, err := w.resultOf(w.project.gate)
	if err != nil {
		return err
	}
	o := r.Outcome
	if o == nil || o.Tool == "" || o.Version == "" || len(o.Commands) == 0 || o.Examined.Count < 1 || o.Examined.Unit == "" {
		return fmt.Errorf("the evidence is %+v", o)
	}
	return nil
}

func (w *world) othersAreSkipped() error {
	r, err := w.report()
	if err != nil {
		return err
	}
	if len(r.Gates) != len(w.names) {
		return fmt.Errorf("the report has %d gates of %d", len(r.Gates), len(w.names))
	}
	for _, one := range r.Gates {
		if one.Gate != w.project.gate && one.Gate != gate.PolicyGate && (one.Status != gate.Skipped || !strings.HasPrefix(one.Reason, "the repository holds no ")) {
			return fmt.Errorf("%s ended as %s: %s", one.Gate, one.Status, one.Reason)
		}
	}
	return nil
}

func (w *world) aFindingIs(name string, line int, reason string) error {
	r, err := w.report()
	if err != nil {
		return err
	}
	var others []string
	for _, f := range r.Findings {
		waived := ""
		if f.Waiver != nil {
			waived = f.Waiver.Reason
		}
		if f.File == name && f.Line == line && waived == reason {
			return nil
		}
		others = append(others, f.Place()+", waived because of "+waived)
	}
	return fmt.Errorf("there is none; the findings are %q", others)
}

func (w *world) aFindingIsInItsFirstCommit(ctx context.Context, name string) error {
	first, err := w.project.git(ctx, "log", "--diff-filter=A", "--format=%H", "HEAD", "--", name)
	if err != nil {
		return err
	}
	r, err := w.report()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool {
		return f.File == name && strings.Contains(f.Resource, strings.TrimSpace(first))
	}) {
		return fmt.Errorf("there is none of %s; the findings are %+v", first, r.Findings)
	}
	return nil
}
