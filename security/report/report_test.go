package report

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// write writes the files of a run.
func write(dir string, r gate.Report) ([]string, error) {
	reports, err := Stage(dir, r)
	if err != nil {
		return nil, err
	}
	return reports.Publish()
}

func TestEveryRenderingIsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	written, err := write(dir, sample())
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
	if _, err := write(dir, sample()); err != nil {
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

// If a file cannot be written or named, no other is left either: one that is may say
// green.
func TestAllReportsOrNone(t *testing.T) {
	for _, rendering := range renderings {
		for _, name := range []string{rendering.name, staged(rendering.name)} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				inTheWay := filepath.Join(dir, name, "file")
				if err := errors.Join(os.Mkdir(filepath.Dir(inTheWay), 0o755), os.WriteFile(inTheWay, nil, 0o600)); err != nil {
					t.Fatal(err)
				}
				if written, err := write(dir, sample()); err == nil || !strings.Contains(err.Error(), rendering.name) {
					t.Errorf("wrote %q, error %v; want one that names %s", written, err, rendering.name)
				}
				left, err := os.ReadDir(dir)
				if err != nil || len(left) != 1 || left[0].Name() != name {
					t.Errorf("left is %v, error %v", left, err)
				}
			})
		}
	}
}

// A disk may become full in any file. The limit on the size of a file stands for it:
// it stops the writing in the middle of a file.
func TestReportsOnAFullDisk(t *testing.T) {
	var sizes []int
	for _, rendering := range renderings {
		sizes = append(sizes, len(rendered(t, rendering.render, sample())))
	}
	for i, rendering := range renderings {
		t.Run(rendering.name, func(t *testing.T) {
			dir := t.TempDir()
			limitFiles(t, uint64(sizes[i]-1))
			_, err := write(dir, sample())
			if left, e := os.ReadDir(dir); err == nil || e != nil || len(left) > 0 {
				t.Errorf("left is %v, errors %v and %v", left, err, e)
			}
		})
	}
}

// limitFiles limits the size of the files that this process writes.
func limitFiles(t *testing.T, most uint64) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Error(err)
		}
		signal.Reset(syscall.SIGXFSZ)
	})
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
