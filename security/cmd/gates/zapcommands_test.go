package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/toolbox"
)

// A service elsewhere is asked only if its host was named twice.
func TestTarget(t *testing.T) {
	for name, test := range map[string]struct {
		flags zapFlags
		want  string // the target, "" if it is refused
	}{
		"this machine":          {zapFlags{ZAPTarget: "http://127.0.0.1:3000"}, "http://127.0.0.1:3000"},
		"IPv6 of this machine":  {zapFlags{ZAPTarget: "http://[::1]:3000/"}, "http://[::1]:3000"},
		"allowed":               {zapFlags{ZAPTarget: "https://rates.example.com/", AllowTarget: "rates.example.com"}, "https://rates.example.com"},
		"not allowed":           {zapFlags{ZAPTarget: "https://rates.example.com"}, ""},
		"another is allowed":    {zapFlags{ZAPTarget: "https://rates.example.com", AllowTarget: "example.com"}, ""},
		"a name of our machine": {zapFlags{ZAPTarget: "http://localhost.example.com"}, ""},
		"a user before it":      {zapFlags{ZAPTarget: "https://127.0.0.1@rates.example.com", AllowTarget: "127.0.0.1"}, ""},
		"a path":                {zapFlags{ZAPTarget: "http://127.0.0.1/rates"}, ""},
		"a query":               {zapFlags{ZAPTarget: "http://127.0.0.1?a=b"}, ""},
		"no host":               {zapFlags{ZAPTarget: "127.0.0.1:3000"}, ""},
		"a file":                {zapFlags{ZAPTarget: "file:///etc/passwd"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.flags.settings()
			if (err != nil) != (test.want == "") || err == nil && got.Target != test.want {
				t.Errorf("target %q, error %v; want %q", got.Target, err, test.want)
			}
		})
	}
}

// The environment says where ZAP is and what it does; the key is in no output.
func TestZAPSettings(t *testing.T) {
	t.Setenv("ZAP_KEY", "hunter2")
	got, err := zapFlags{ZAPURL: "http://127.0.0.1:8080", ZAPMode: "active"}.settings()
	if want := (scanner.ZAP{URL: "http://127.0.0.1:8080", Key: "hunter2", Active: true}); got != want || err != nil {
		t.Errorf("settings %+v, error %v", got, err)
	}
	if got, err = (zapFlags{Active: true}).settings(); !got.Active || err != nil {
		t.Errorf("settings %+v, error %v", got, err)
	}
	t.Setenv("RATES_ZAP_TARGET", "https://rates.example.com")
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"run", "--project=../../..", "--only=zap", "--reports=" + t.TempDir()}, cli.Streams{Out: &out, Err: &errs})
	if code != gate.ExitUsage || !strings.Contains(errs.String(), "--allow-target rates.example.com") || strings.Contains(out.String()+errs.String(), "hunter2") {
		t.Errorf("exit code %d: %s%s", code, &out, &errs)
	}
}

// A ZAP that runs already needs no tool, but must be of the pinned version.
func TestRunningZAPIsTheTool(t *testing.T) {
	box := toolbox.Box{Pins: "../../tools", Cache: t.TempDir(), Records: t.TempDir()}
	tool, err := zapFlags{ZAPURL: "http://127.0.0.1:8080"}.tools(box)(t.Context(), "zap")
	if want := (scanner.Tool{Name: "zap", Version: "2.17.0"}); err != nil || !cmp.Equal(tool, want) {
		t.Errorf("tool %+v, error %v", tool, err)
	}
	for _, name := range []string{"zap", "gosec"} {
		if _, err := (zapFlags{}).tools(box)(t.Context(), name); scanner.AsError(err).Kind != scanner.ToolMissing {
			t.Errorf("%s without an installation: %v", name, err)
		}
	}
}

// Where a change is judged and before a deploy, no gate may be left out; a deploy
// needs the active scan.
func TestProfilesThatLeaveNothingOut(t *testing.T) {
	file, err := os.Open("../../policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	policy, err := gate.ParsePolicy(file, all.Names())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ci", "release"} {
		profile, ok := policy.Profiles[name]
		if !ok || len(profile.Skip) > 0 || len(profile.MissingTools) > 0 {
			t.Errorf("the profile %s leaves out %v %v", name, profile.Skip, profile.MissingTools)
		}
	}
	rules := policy.Gates["zap"]
	if !policy.Profiles["release"].ActiveScan || len(rules.ActiveRules) == 0 || rules.Threshold.String() != "low" {
		t.Errorf("a release does not need the active scan: %+v", rules)
	}
}
