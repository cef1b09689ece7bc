package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"example.com/rates/security/gate"
	"example.com/rates/security/toolbox"
)

// need is something that the gates need of the machine, and no target installs.
type need struct {
	what  string
	gates []string // that cannot run without it; none means all
	do    string   // to have it
	miss  error    // nil if it is there
}

// needsOf returns what the gates need. zapRuns is whether a ZAP was named that runs
// already; run runs a program to see whether it is there.
func needsOf(box toolbox.Box, zapRuns bool, run func(name string, args ...string) error) ([]need, error) {
	terraform, err := box.Pin("terraform")
	if err != nil {
		return nil, err
	}
	zap, err := box.Pin("zap")
	if err != nil {
		return nil, err
	}
	haveZAP := run("docker", "version")
	if zapRuns || haveZAP != nil && run("zap.sh", "-version") == nil {
		haveZAP = nil
	}
	return []need{
		{"git", nil, "install git", run("git", "--version")},
		{"Go", []string{"gosec", "govulncheck", "trivy-image", "zap"}, "install Go in the version of go.mod", run("go", "version")},
		{"Python 3 with venv", []string{"actionlint", "checkov", "hadolint", "shellcheck", "terraform-compliance", "zizmor"}, "install python3 and python3-venv, then run: make tools", run("python3", "-c", "import ensurepip, venv")},
		{"Terraform " + terraform.Version, []string{"terraform-test", "terraform-compliance"}, "put exactly this version on the PATH, then run: make tools", run("terraform", "version")},
		{"Docker, or ZAP " + zap.Version + " with Java 17", []string{"zap"}, "start Docker, or set ZAP_HOME to a release of ZAP, then run: make tools", haveZAP},
	}, nil
}

// sayNeeds says before a run on a developer's machine what it needs, what is missing,
// and which gates cannot run without it.
func sayNeeds(out io.Writer, needs []need, profile gate.Profile) {
	fmt.Fprintln(out, "This machine needs, for all gates:")
	for _, n := range needs {
		if n.miss == nil {
			fmt.Fprintf(out, "  %s: found\n", n.what)
			continue
		}
		var skipped, stopped []string
		for _, name := range n.gates {
			if _, ok := profile.MissingTools[name]; ok {
				skipped = append(skipped, name)
			} else {
				stopped = append(stopped, name)
			}
		}
		var effects []string
		if len(skipped) > 0 {
			effects = append(effects, "skipped: "+strings.Join(skipped, ", "))
		}
		if len(stopped) > 0 {
			effects = append(effects, "cannot run, exit code 3: "+strings.Join(stopped, ", "))
		}
		if len(n.gates) == 0 {
			effects = []string{"no gate can run"}
		}
		fmt.Fprintf(out, "  %s: MISSING; %s; to have it, %s\n", n.what, strings.Join(effects, "; "), n.do)
	}
	fmt.Fprintln(out, "  the network, for the vulnerability databases and the provider of Terraform: not tried; on a closed network give copies, with RATES_GATES_PROFILE=offline")
}

// attempt runs a program for its exit code only.
func attempt(ctx context.Context) func(name string, args ...string) error {
	return func(name string, args ...string) error {
		path, err := exec.LookPath(name)
		if err != nil {
			return err
		}
		if name == "zap.sh" { // it takes long to start; its gate checks its version
			return nil
		}
		if err := exec.CommandContext(ctx, path, args...).Run(); err != nil { // #nosec G204 -- programs that needsOf names, with its arguments
			return errors.Join(fmt.Errorf("%s does not work", name), err)
		}
		return nil
	}
}
