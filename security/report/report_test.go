package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

func TestWriteAllWritesEveryRendering(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	written, err := WriteAll(dir, sample())
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, rendering := range renderings {
		want = append(want, filepath.Join(dir, rendering.name))
	}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
	for i, file := range written {
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rendered(t, renderings[i].render, sample()), string(got)); diff != "" {
			t.Errorf("%s differs from its rendering:\n%s", file, diff)
		}
	}
}

// Only the reports of the last run are removed.
func TestRemove(t *testing.T) {
	dir := t.TempDir()
	if _, err := WriteAll(dir, sample()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds none
		if err := Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if want := []string{filepath.Join(dir, "notes.txt")}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, error %v; want %q", left, err, want)
	}
	if err := Remove(filepath.Join(dir, "absent")); err != nil {
		t.Error(err)
	}
}

func TestWriteAllWritesTheOthersWhenOneFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "report.md"), 0o755); err != nil {
		t.Fatal(err)
	}
	written, err := WriteAll(dir, sample())
	if err == nil || !strings.Contains(err.Error(), "report.md") {
		t.Errorf("the error is %v, want one that names report.md", err)
	}
	if got, want := len(written), len(renderings)-1; got != want {
		t.Errorf("%d files are written, want %d", got, want)
	}
}

func TestEveryRenderingShowsWaivedFindingsAndSkippedGates(t *testing.T) {
	texts := map[string]string{"text": textOf(t, sample(), false)}
	for _, rendering := range renderings {
		texts[rendering.name] = rendered(t, rendering.render, sample())
	}
	for name, text := range texts {
		for _, want := range []string{"DS-0002", "where files must be theirs.", "Grace", "2026-08-20", "tflint", "skipped", "the repository holds no"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", name, want)
			}
		}
	}
}

func TestNoRenderingShowsTheCodeOfASecret(t *testing.T) {
	const secret = "kept-by-mistake"
	r := sample()
	r.Code["0b22"] = gate.Code{First: 4, Lines: []string{secret}}
	texts := map[string]string{"text": textOf(t, r, false)}
	for _, rendering := range renderings[1:] { // the JSON is the report as it is
		texts[rendering.name] = rendered(t, rendering.render, r)
	}
	for name, text := range texts {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows the secret", name)
		}
	}
}

func TestAFindingFailsOnlyTheGatesThatAreRed(t *testing.T) {
	red := gate.Result{Gate: "red", Status: gate.Findings, Rules: gate.Threshold{Severity: finding.Medium}}
	at := func(severity finding.Severity, gates ...string) finding.Finding {
		f := finding.Finding{Severity: severity}
		for _, name := range gates {
			f.Witnesses = append(f.Witnesses, finding.Witness{Gate: name})
		}
		return f
	}
	waived := at(finding.High, "red")
	waived.Waiver = &finding.Waiver{}
	for name, test := range map[string]struct {
		finding finding.Finding
		want    bool
	}{
		"at its threshold":    {at(finding.Medium, "red"), true},
		"of unknown severity": {at(finding.Unknown, "red"), true},
		"below its threshold": {at(finding.Low, "red"), false},
		"seen by another":     {at(finding.High, "green"), false},
		"seen by both":        {at(finding.High, "green", "red"), true},
		"waived":              {waived, false},
	} {
		if got := fails(red, test.finding); got != test.want {
			t.Errorf("%s: fails is %v, want %v", name, got, test.want)
		}
	}
}
