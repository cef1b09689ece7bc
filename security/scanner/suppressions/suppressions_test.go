package suppressions_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// scan runs the gate as made for all the others.
func scan(ctx context.Context, job scanner.Job) (scanner.Outcome, error) {
	gates, err := scanner.Select(all.Gates(nil), []string{"suppressions"})
	if err != nil {
		return scanner.Outcome{}, err
	}
	return gates[0].Scan(ctx, job)
}

// scanFile runs the gate on a tree with one file.
func scanFile(t *testing.T, name, content string) ([]finding.Finding, error) {
	t.Helper()
	at := tree.Tree{Dir: t.TempDir(), Files: []string{name}}
	err := os.MkdirAll(filepath.Dir(at.Path(name)), 0o750)
	if err == nil {
		err = os.WriteFile(at.Path(name), []byte(content), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := scan(t.Context(), scanner.Job{Tree: at})
	return outcome.Findings, err
}

func TestSuppressionsFinds(t *testing.T) {
	outcome, err := scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "suppressions/defect")})
	if err != nil {
		t.Fatal(err)
	}
	want := `inline-suppression high .github/workflows/triage.yml:10
inline-suppression high Dockerfile:1
inline-suppression high main.go:7
inline-suppression high main.go:11
inline-suppression high main.tf:2
inline-suppression high main.tf:4
inline-suppression high settings.ini:1
blinding-configuration high terraform/.trivyignore
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (scanner.Examined{Count: 7, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestSuppressionsPasses(t *testing.T) {
	outcome, err := scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "suppressions/clean")})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 || outcome.Version == "" {
		t.Errorf("examined %d of version %q with findings\n%s", outcome.Examined.Count, outcome.Version, scannertest.Places(outcome.Findings))
	}
}

func TestSuppressionsRefusesUnreadableFiles(t *testing.T) {
	_, err := scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "")})
	scannertest.WantKind(t, err, scanner.NothingExamined)
	_, err = scan(t.Context(), scanner.Job{Tree: tree.Tree{Dir: t.TempDir(), Files: []string{"gone.tf"}}})
	scannertest.WantKind(t, err, scanner.InputUnavailable)
	_, err = scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "suppressions/broken")})
	scannertest.WantKind(t, err, scanner.BadInput)
}

func TestSettingsAreRecognisedInEveryFolder(t *testing.T) {
	for name, tool := range map[string]string{
		".trivyignore": "trivy", ".trivyignore.yaml": "trivy", "deep/down/trivy.yaml": "trivy",
		".checkov.yml": "checkov", "terraform/app/.tflint.hcl": "tflint", ".tfsec/config.yml": "tfsec",
		".gitleaks.toml": "gitleaks", ".gitleaksignore": "gitleaks", ".hadolint.yaml": "hadolint",
		".github/zizmor.yml": "zizmor", ".github/actionlint.yaml": "actionlint", ".shellcheckrc": "shellcheck",
		"security/tools/tfsec/go.mod": "", "trivy.go": "", "docs/actionlint.md": "",
	} {
		got := ""
		found, err := scanFile(t, name, "package a\n")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 && found[0].Rule == "blinding-configuration" {
			got, _, _ = strings.Cut(found[0].Message, " ")
		}
		if got != tool {
			t.Errorf("%s configures %q, want %q", name, got, tool)
		}
	}
}

func TestMarksAreFoundWhereToolsObeyThem(t *testing.T) {
	const leak = "gitleaks" + ":" + "allow"
	for _, test := range []struct {
		name, file, content string
		lines               []int
	}{
		{"a rule without a reason", "a.go", "package a\n// #nosec G304\n", []int{2}},
		{"a reason without a rule", "a.go", "package a\n// #nosec -- it is fine\n", []int{2}},
		{"a rule and a reason", "a.go", "package a\n// #nosec G304 G703 -- it is fine\n", nil},
		{"in a block of comments", "a.go", "package a\n/*\n  #nosec\n*/\n", []int{3}},
		{"as a directive", "a.go", "package a\n//gosec:disable\n", []int{2}},
		{"all linters", "a.go", "package a\n//nolint\n", []int{2}},
		{"gosec among others", "a.go", "package a\n//nolint:errcheck,gosec\n", []int{2}},
		{"gosec with a reason", "a.go", "package a\n//nolint:gosec // sizes are not negative\n", nil},
		{"another linter", "a.go", "package a\n//nolint:errcheck\n", nil},
		{"in a string", "a.go", "package a\nconst a = `\n// #nosec\n`\n", nil},
		{"in a file that does not parse", "a.go", "package\nfunc {\n// #nosec\n", []int{3}},
		{"of a secret, in any file", "notes.txt", "one\nkey " + leak + "\n", []int{2}},
		{"of a secret, in a string", "a.go", "package a\nconst a = \"" + leak + "\"\n", []int{2}},
		{"after a line of more than a megabyte", "a.tf", strings.Repeat("x", 1<<20+1) + "\n# tfsec:ignore:*\n", []int{2}},
		{"of scripts", "a.yml", "# shellcheck disable=SC2086\n", []int{1}},
		{"of scripts, after another directive", "a.yml", "# shellcheck source=/dev/null shell=sh disable=SC2086\n", []int{1}},
		{"a directive that hides nothing", "a.yml", "# shellcheck shell=sh\n", nil},
		{"of another tool's kind of file", "a.md", "tfsec:ignore:*\n", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines []int
			found, err := scanFile(t, test.file, test.content)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				lines = append(lines, f.Line)
			}
			if diff := cmp.Diff(test.lines, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// A file among the canaries belongs to a canary of a gate, or is a finding.
func TestStrayCanaries(t *testing.T) {
	at := scannertest.Tree(t, "suppressions/clean")
	at.Planted = []string{"security/canaries/gosec/defect/a.go", "security/canaries/suppressions/defect/a.go", "security/canaries/mine/defect/a.go"}
	outcome, err := scan(t.Context(), scanner.Job{Tree: at})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("undeclared-canary high security/canaries/mine/defect/a.go\n", scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	found, err := scanFile(t, "security/canaries/gosec/extra/a.go", "package a\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("undeclared-canary high security/canaries/gosec/extra/a.go\n", scannertest.Places(found)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// The evidence says what no gate examines.
func TestNotesOnWhatIsLeftOut(t *testing.T) {
	at := scannertest.Tree(t, "suppressions/clean")
	at.Planted, at.Ignored = []string{"security/canaries/gosec/defect/a.go"}, []string{"a", "b", "c", "d", "e", "f"}
	outcome, err := scan(t.Context(), scanner.Job{Tree: at})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{"notes": outcome.Notes, "unseen": outcome.Unseen}
	want := map[string][]string{
		"notes":  {"files of canaries, which only the self-test examines: 1"},
		"unseen": {"files that a .gitignore ignores, which no gate examines: 6, such as a, b, c, d, e"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}
