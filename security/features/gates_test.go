package steps_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cucumber/godog"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/report"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/toolbox"
)

// Files and folders of a scenario about gates.
const (
	policyFile  = "policy.yaml"
	waiversFile = "waivers.yaml"
	reportsDir  = "reports"
)

func (w *world) registerGates(sc *godog.ScenarioContext) {
	sc.Step(`^the gates run$`, func() error { return w.theGatesRun("--profile=local") })
	sc.Step(`^the gates run under the profile (\S+)$`, func(name string) error { return w.theGatesRun("--profile=" + name) })
	sc.Step(`^the gates run, but only "([^"]*)"$`, func(names string) error { return w.theGatesRun("--only=" + names) })
	sc.Step(`^they end with exit code (\d+)$`, func(code int) error { return w.itEnds(code, nil, nil) })
	sc.Step(`^they end with exit code (\d+), saying "([^"]*)"$`, func(code int, words string) error {
		return w.itEnds(code, nil, &godog.DocString{Content: words})
	})
	sc.Step(`^the gate (\S+) ends (?:as|with) (passed|waived|findings)$`, func(name, status string) error {
		return w.theGateEnds(name, gate.Status(status), "")
	})
	sc.Step(`^the gate (\S+) ends as an error: (.+)$`, func(name, kind string) error {
		return w.theGateEnds(name, gate.Errored, scanner.Kind(kind))
	})
	sc.Step(`^its evidence names the tool, its version, the command and how much was examined$`, w.itHasEvidence)
	sc.Step(`^every other gate is skipped, because the repository holds nothing for it$`, w.othersAreSkipped)
	sc.Step(`^a finding is in "([^"]*)", line (\d+)$`, func(file string, line int) error { return w.aFindingIs(file, line, "") })
	sc.Step(`^a finding is in "([^"]*)", line (\d+), waived because of "([^"]*)"$`, w.aFindingIs)
	sc.Step(`^a finding is in "([^"]*)", in the first commit$`, w.aFindingIsInTheFirstCommit)
	sc.Step(`^the verdict says "([^"]*)"$`, func(words string) error {
		return w.said(words, func(v gate.Verdict) []string { return v.Reasons })
	})
	sc.Step(`^a warning says "([^"]*)"$`, func(words string) error {
		return w.said(words, func(v gate.Verdict) []string { return v.Warnings })
	})
	sc.Step(`^nothing that was written holds the access key$`, w.theKeyIsNowhere)
	sc.Step(`^every report names "([^"]*)"$`, w.everyReportNames)
}

// accessKey makes up an AWS access key id that is well-formed.
func accessKey() string { return "AKIA" + rand.Text()[:16] }

// gatesProgram returns what builds the program of the gates when it is first
// needed.
func gatesProgram(t *testing.T) func() (program, error) {
	t.Helper()
	dir := t.TempDir()
	return sync.OnceValues(func() (program, error) { return buildInto(dir, "./security/cmd/gates") })
}

// installedTools returns what installs the tools that the scenarios need, where
// everybody's tools are kept.
func installedTools() func() (toolbox.Box, error) {
	return sync.OnceValues(func() (toolbox.Box, error) {
		cache, err := toolbox.DefaultCache()
		if err != nil {
			return toolbox.Box{}, err
		}
		pins, err := filepath.Abs(pinsDir)
		if err != nil {
			return toolbox.Box{}, err
		}
		box := toolbox.Box{Pins: pins, Cache: cache}
		_, _, err = box.Install(context.Background(), "gitleaks")
		return box, err
	})
}

// theGatesRun runs the program of the gates on the project of the scenario.
func (w *world) theGatesRun(args ...string) error {
	program, err := w.gates()
	if err != nil {
		return err
	}
	box, err := w.project.tools()
	if err != nil {
		return err
	}
	if err := w.write(policyFile, []byte(w.project.policy())); err != nil {
		return err
	}
	if err := os.MkdirAll(w.path(temporaryDir), 0o700); err != nil {
		return err
	}
	w.command, err = program.start(launch{
		dir: w.dir,
		args: append([]string{
			"run", "--project=" + w.project.dir, "--policy=" + w.path(policyFile), "--waivers=" + w.path(waiversFile),
			"--pins=" + box.Pins, "--reports=" + w.path(reportsDir),
		}, args...),
		env: map[string]string{"RATES_TOOLS": box.Cache, "TMPDIR": w.path(temporaryDir)},
	})
	if err != nil {
		return err
	}
	proc := w.command
	w.atEnd(func(context.Context) error {
		_ = proc.cmd.Process.Kill() // it has ended, unless a step failed before
		<-proc.ended
		return nil
	})
	return proc.wait()
}

// result reads the report of the run.
func (w *world) result() (gate.Report, error) {
	file, err := os.Open(filepath.Join(w.path(reportsDir), "report.json"))
	if err != nil {
		return gate.Report{}, fmt.Errorf("%w; it wrote:\n%s", err, w.command.stderr.String())
	}
	defer file.Close()
	return report.ReadJSON(file)
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
	r, err := w.result()
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
	r, err := w.result()
	if err != nil {
		return err
	}
	if len(r.Gates) != len(all.Names()) {
		return fmt.Errorf("the report has %d gates of %d", len(r.Gates), len(all.Names()))
	}
	for _, one := range r.Gates {
		if one.Gate != w.project.gate && (one.Status != gate.Skipped || !strings.HasPrefix(one.Reason, "the repository holds no ")) {
			return fmt.Errorf("%s ended as %s: %s", one.Gate, one.Status, one.Reason)
		}
	}
	return nil
}

func (w *world) aFindingIs(name string, line int, reason string) error {
	r, err := w.result()
	if err != nil {
		return err
	}
	var others []string
	for _, f := range r.Findings {
		if f.File == name && f.Line == line && waivedFor(f) == reason {
			return nil
		}
		others = append(others, f.Place()+", waived because of "+waivedFor(f))
	}
	return fmt.Errorf("there is none; the findings are %q", others)
}

func (w *world) aFindingIsInTheFirstCommit(ctx context.Context, name string) error {
	first, err := w.project.git(ctx, "rev-list", "--max-parents=0", "HEAD")
	if err != nil {
		return err
	}
	r, err := w.result()
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

func waivedFor(f finding.Finding) string {
	if f.Waiver == nil {
		return ""
	}
	return f.Waiver.Reason
}

func (w *world) said(words string, in func(gate.Verdict) []string) error {
	r, err := w.result()
	if err != nil {
		return err
	}
	if !strings.Contains(strings.Join(in(r.Verdict), "\n"), words) {
		return fmt.Errorf("the verdict is %+v", r.Verdict)
	}
	if out := strings.Join(strings.Fields(w.command.stdout.String()), " "); !strings.Contains(out, words) {
		return fmt.Errorf("the report has it, but the terminal shows only:\n%s", out)
	}
	return nil
}

// reports returns what each report holds, by its name, and what was printed.
func (w *world) reports() (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(w.path(reportsDir), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[entry.Name()] = string(content)
		return err
	})
	if err == nil && len(all) == 0 {
		err = errors.New("there is no report")
	}
	all["the terminal"] = w.command.stdout.String() + w.command.stderr.String()
	return all, err
}

func (w *world) theKeyIsNowhere() error {
	all, err := w.reports()
	if err != nil {
		return err
	}
	for name, content := range all {
		if strings.Contains(content, w.project.key) {
			return fmt.Errorf("%s shows it", name)
		}
	}
	return nil
}

func (w *world) everyReportNames(words string) error {
	all, err := w.reports()
	if err != nil {
		return err
	}
	for name, content := range all {
		if !strings.Contains(content, words) {
			return fmt.Errorf("%s does not:\n%s", name, tail(content))
		}
	}
	return nil
}
