package main

import (
	"errors"
	"strings"
	"testing"

	"example.com/rates/security/gate"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/toolbox"
)

// For each thing that is missing the run names the gates that suffer, how, and what to
// do.
func TestNeeds(t *testing.T) {
	box := toolbox.Box{Pins: "../../tools", Cache: t.TempDir(), Records: t.TempDir()}
	profile := gate.Profile{MissingTools: map[string]string{"zap": "no network"}}
	for absent, want := range map[string]string{
		"":          "git: found\n",
		"git":       "git: MISSING; no gate can run; to have it, install git\n",
		"go":        "Go: MISSING; skipped: zap; cannot run, exit code 3: gosec, govulncheck, trivy-image; to have it, install Go",
		"python3":   "Python 3 with venv: MISSING; cannot run, exit code 3: actionlint, checkov, hadolint, shellcheck, terraform-compliance, zizmor; to have it, install python3",
		"terraform": "Terraform 1.11.4: MISSING; cannot run, exit code 3: terraform-test, terraform-compliance; to have it, put exactly this version on the PATH",
		"docker":    "Docker, or ZAP 2.17.0 with Java 17: MISSING; skipped: zap; to have it, start Docker",
	} {
		needs, err := needsOf(box, false, func(name string, _ ...string) error {
			if name == absent || name == "zap.sh" {
				return errors.New("it is not there")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		sayNeeds(&out, needs, profile)
		missing := 1
		if absent == "" {
			missing = 0
		}
		if !strings.Contains(out.String(), want) || strings.Count(out.String(), "MISSING") != missing || !strings.Contains(out.String(), "RATES_GATES_PROFILE=offline") {
			t.Errorf("without %q:\n%s\nwant %s", absent, &out, want)
		}
	}
}

// Either way of having ZAP is enough.
func TestEitherZAPIsEnough(t *testing.T) {
	box := toolbox.Box{Pins: "../../tools"}
	for _, runs := range []bool{true, false} {
		needs, err := needsOf(box, runs, func(name string, _ ...string) error {
			if name == "docker" || runs && name == "zap.sh" {
				return errors.New("it is not there")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range needs {
			if n.miss != nil {
				t.Errorf("%s is missing: %v", n.what, n.miss)
			}
		}
	}
}

// What is needed is named with gates that exist.
func TestNeedsNameGates(t *testing.T) {
	needs, err := needsOf(toolbox.Box{Pins: "../../tools"}, false, func(string, ...string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	names := " " + strings.Join(all.Names(), " ") + " "
	for _, n := range needs {
		for _, name := range n.gates {
			if !strings.Contains(names, " "+name+" ") {
				t.Errorf("%s is for the gate %s, which there is not", n.what, name)
			}
		}
	}
}
