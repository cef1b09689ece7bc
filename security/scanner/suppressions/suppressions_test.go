package suppressions

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

func TestSuppressionsFinds(t *testing.T) {
	outcome, err := Suppressions{}.Scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "suppressions/defect")})
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

func TestSuppressionsPassesWhatIsRight(t *testing.T) {
	outcome, err := Suppressions{}.Scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "suppressions/clean")})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 || outcome.Version == "" {
		t.Errorf("examined %d of version %q with findings\n%s", outcome.Examined.Count, outcome.Version, scannertest.Places(outcome.Findings))
	}
}

func TestSuppressionsRefusesWhatItCannotRead(t *testing.T) {
	_, err := Suppressions{}.Scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "")})
	scannertest.WantKind(t, err, scanner.NothingExamined)
	_, err = Suppressions{}.Scan(t.Context(), scanner.Job{Tree: tree.Tree{Dir: t.TempDir(), Files: []string{"gone.tf"}}})
	scannertest.WantKind(t, err, scanner.InputUnavailable)
	_, err = Suppressions{}.Scan(t.Context(), scanner.Job{Tree: scannertest.Tree(t, "suppressions/broken")})
	scannertest.WantKind(t, err, scanner.BadInput)
}

func TestConfigurationsThatBlindAreKnownAnywhere(t *testing.T) {
	for name, tool := range map[string]string{
		".trivyignore": "trivy", ".trivyignore.yaml": "trivy", "deep/down/trivy.yaml": "trivy",
		".checkov.yml": "checkov", "terraform/app/.tflint.hcl": "tflint", ".tfsec/config.yml": "tfsec",
		".gitleaks.toml": "gitleaks", ".gitleaksignore": "gitleaks", ".hadolint.yaml": "hadolint",
		".github/zizmor.yml": "zizmor", ".github/actionlint.yaml": "actionlint", ".shellcheckrc": "shellcheck",
		"security/tools/tfsec/go.mod": "", "trivy.go": "", "docs/actionlint.md": "",
	} {
		if got := configures(name); got != tool {
			t.Errorf("%s configures %q, want %q", name, got, tool)
		}
	}
}

func TestMarkersAreKnownWhereToolsObeyThem(t *testing.T) {
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
		{"after a line of two megabytes", "a.tf", strings.Repeat("x", 2<<20) + "\n# tfsec:ignore:*\n", []int{2}},
		{"of scripts", "a.yml", "# shellcheck disable=SC2086\n", []int{1}},
		{"of scripts, after another directive", "a.yml", "# shellcheck source=/dev/null shell=sh disable=SC2086\n", []int{1}},
		{"a directive that hides nothing", "a.yml", "# shellcheck shell=sh\n", nil},
		{"of another tool's kind of file", "a.md", "tfsec:ignore:*\n", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines []int
			found, err := markers(test.file, []byte(test.content))
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range found {
				lines = append(lines, m.line)
			}
			if diff := cmp.Diff(test.lines, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzMarkers(f *testing.F) {
	f.Add("a.go", []byte("package a\n// #nosec\n"))
	f.Add("a.tf", []byte("# tfsec:ignore:*\n"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		lines := strings.Count(string(content), "\n") + 1
		found, err := markers(name, content)
		if err != nil {
			return
		}
		for _, m := range found {
			if m.line < 1 || m.line > lines || m.text == "" {
				t.Errorf("%q on line %d of %d", m.text, m.line, lines)
			}
		}
	})
}
