package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/git"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// work is a repository in which a test works.
type work struct {
	*testing.T
	dir string
}

const goodPolicy = "profiles: {ci: {database_days: 7}}\ngates:\n  a: {threshold: low, timeout: 1m, at_least: 3}\n"

func newWork(t *testing.T) work {
	t.Helper()
	w := work{t, t.TempDir()}
	w.git("init", "--quiet", "--initial-branch=main")
	return w
}

func (w work) git(args ...string) {
	w.Helper()
	args = append([]string{"-c", "user.name=Somebody", "-c", "user.email=somebody@invalid", "-c", "commit.gpgsign=false"}, args...)
	if _, err := git.Run(w.Context(), w.dir, git.Alone(), args...); err != nil {
		w.Fatalf("git %q: %v", args, err)
	}
}

// commit commits files; one with an empty content is removed.
func (w work) commit(files map[string]string) {
	w.Helper()
	for name, content := range files {
		at := filepath.Join(w.dir, name)
		if content == "" {
			if err := os.Remove(at); err != nil {
				w.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o750); err != nil {
			w.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			w.Fatal(err)
		}
	}
	w.git("add", "--all")
	w.git("commit", "--quiet", "--allow-empty", "--message", "change")
}

// scan returns the places of the findings, what was not seen with the notes, and the
// error.
func (w work) scan(rules scanner.Rules) (places, notes string, err error) {
	w.Helper()
	copied, err := tree.Copy(w.Context(), w.dir, w.TempDir())
	if err != nil {
		w.Fatal(err)
	}
	outcome, err := New().Scan(w.Context(), scanner.Job{Tree: copied, Rules: rules})
	return scannertest.Places(outcome.Findings), strings.Join(slices.Concat(outcome.Unseen, outcome.Notes), "\n"), err
}

// must fails the test unless the scan has exactly these findings.
func (w work) must(want string) {
	w.Helper()
	if got, notes, err := w.scan(scanner.Rules{NeedBase: true}); err != nil || got != want {
		w.Errorf("findings %q, notes %q, error %v; want %q", got, notes, err, want)
	}
}

const higher = "weaker-policy critical security/policy.yaml:3 (gates.a.threshold)\n"

// A branch is compared with where it left the main branch, however many commits ago,
// and the main branch with the commit before. The remote main branch counts before the
// local one, which anybody can move.
func TestBase(t *testing.T) {
	weak := map[string]string{"security/policy.yaml": strings.Replace(goodPolicy, "low", "high", 1)}
	w := newWork(t)
	w.commit(map[string]string{"security/policy.yaml": goodPolicy})
	w.must("")
	w.git("checkout", "--quiet", "-b", "change")
	w.commit(weak)
	w.must(higher)
	w.commit(nil)
	w.commit(nil)
	w.must(higher)
	w.git("branch", "--force", "main", "HEAD")
	w.must("") // the main branch has it
	w.git("update-ref", "refs/remotes/origin/main", "HEAD~3")
	w.must(higher)
	w.git("checkout", "--quiet", "--detach")
	w.must(higher)
	w.git("update-ref", "-d", "refs/remotes/origin/main")
	w.git("checkout", "--quiet", "main")
	w.git("reset", "--quiet", "--hard", "HEAD~2")
	w.must(higher)
	// What is not committed counts too.
	w.git("reset", "--quiet", "--hard", "HEAD~1")
	w.commit(nil)
	if err := os.WriteFile(filepath.Join(w.dir, "security/policy.yaml"), []byte(weak["security/policy.yaml"]), 0o600); err != nil {
		t.Fatal(err)
	}
	w.must(higher)
}

// Where the main branch cannot be read, the gate fails or says so, as the profile
// wants.
func TestUnknownBase(t *testing.T) {
	for name, prepare := range map[string]func(w work){
		"no main branch": func(w work) { w.git("branch", "--move", "trunk") },
		"another history": func(w work) {
			w.git("checkout", "--quiet", "--orphan", "other")
			w.commit(map[string]string{"more": "x"})
		},
		"no policy there": func(w work) {
			w.git("checkout", "--quiet", "--orphan", "main2")
			w.git("rm", "--quiet", "--cached", "-r", ".")
			w.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
			w.commit(nil)
			w.git("branch", "--force", "main", "HEAD~1")
		},
		"a policy there that does not parse": func(w work) {
			w.commit(map[string]string{"security/policy.yaml": "gates: ["})
			w.git("checkout", "--quiet", "-b", "change")
			w.commit(map[string]string{"security/policy.yaml": goodPolicy})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWork(t)
			w.commit(map[string]string{"security/policy.yaml": goodPolicy})
			prepare(w)
			_, _, err := w.scan(scanner.Rules{NeedBase: true})
			scannertest.WantKind(t, err, scanner.InputUnavailable)
			if got, notes, err := w.scan(scanner.Rules{}); err != nil || got != "" || !strings.Contains(notes, "nothing was compared with the main branch") {
				t.Errorf("findings %q, notes %q, error %v", got, notes, err)
			}
		})
	}
}

// The policy that is used counts, wherever it is, and so do the pins.
func TestPolicyElsewhere(t *testing.T) {
	w := newWork(t)
	w.commit(map[string]string{"security/policy.yaml": goodPolicy, "security/tools/a/host.txt": "example.com/a 1.2.3\n"})
	w.commit(map[string]string{"lax.yaml": strings.Replace(goodPolicy, "low", "high", 1)})
	got, _, err := w.scan(scanner.Rules{Policy: filepath.Join(w.dir, "lax.yaml"), Pins: filepath.Join(w.dir, "security/tools"), NeedBase: true})
	if err != nil || got != higher {
		t.Errorf("findings %q, error %v", got, err)
	}
	got, _, err = w.scan(scanner.Rules{Policy: filepath.Join(w.dir, "security/policy.yaml"), Pins: t.TempDir(), NeedBase: true})
	if err != nil || got != "weaker-policy critical security/tools/a/host.txt\n" {
		t.Errorf("findings %q, error %v", got, err)
	}
}

// A gate may need what a fork has removed, but not what there never was.
func TestNeeds(t *testing.T) {
	policy := func(needs string) map[string]string {
		return map[string]string{"security/policy.yaml": strings.Replace(goodPolicy, "at_least: 3", "at_least: 3, needs: ["+needs+"]", 1)}
	}
	const never = "weaker-policy critical security/policy.yaml:3 (gates.a.needs)\n"
	for needs, want := range map[string]string{
		"main.tf": "", "'*.tf'": "", "terraform": "", "terraform/app": "", "removed.sh, never": "", "old/removed.sh": "", "old": "",
		"no-such-file": never, "never/here": never, "'*.bicep'": never, "terraform/ap": never, "'main.t'": never,
	} {
		w := newWork(t)
		w.commit(map[string]string{"terraform/app/main.tf": "x", "old/removed.sh": "x"})
		w.commit(map[string]string{"old/removed.sh": ""})
		w.commit(policy(needs))
		w.commit(nil)
		if got, _, err := w.scan(scanner.Rules{NeedBase: true}); err != nil || got != want {
			t.Errorf("%s: findings %q, error %v; want %q", needs, got, err, want)
		}
	}
}

// What else weakens the gates is found; a change that does not is not.
func TestOtherRules(t *testing.T) {
	const goMod = "module pin\n\ngo 1.26.0\n\ntool example.com/a/cmd\n\nrequire example.com/a v1.2.3\n\nrequire example.com/b v1.0.0 // indirect\n"
	const sums = "example.com/a v1.2.3 h1:a=\nexample.com/a v1.2.3/go.mod h1:b=\n"
	const zap = "# ZAP\n2.17.0\nghcr.io/zap:2.17.0@sha256:aa\n"
	for name, test := range map[string]struct{ file, before, now, want string }{
		"a newer module":             {"security/tools/a/go.mod", goMod, strings.ReplaceAll(goMod, "v1.2.3", "v1.10.0"), ""},
		"an older module":            {"security/tools/a/go.mod", goMod, strings.ReplaceAll(goMod, "v1.2.3", "v1.2.2"), "is v1.2.2, and was v1.2.3"},
		"an older module it needs":   {"security/tools/a/go.mod", goMod, strings.ReplaceAll(goMod, "v1.0.0", "v0.9.0"), ""},
		"another tool":               {"security/tools/a/go.mod", goMod, strings.ReplaceAll(goMod, "a/cmd", "a/other"), "the tool is not example.com/a/cmd any more"},
		"a replaced module":          {"security/tools/a/go.mod", goMod, goMod + "\nreplace example.com/b => ../b\n", "example.com/b is replaced by ../b"},
		"no valid module":            {"security/tools/a/go.mod", goMod, "modul", "it cannot be read"},
		"a checksum more":            {"security/tools/a/go.sum", sums, sums + "example.com/c v1.0.0 h1:c=\n", ""},
		"another checksum":           {"security/tools/a/go.sum", sums, strings.ReplaceAll(sums, "h1:a=", "h1:x="), "example.com/a v1.2.3 has another checksum"},
		"no pin":                     {"security/tools/a/go.mod", goMod, "", "is pinned here no longer"},
		"other build settings":       {"security/tools/a/build.env", "GOEXPERIMENT=jsonv2\n", "GOEXPERIMENT=jsonv2\nGOFLAGS=-overlay=x\n", "the tool is built with GOFLAGS=-overlay=x"},
		"a comment on them":          {"security/tools/a/build.env", "GOEXPERIMENT=jsonv2\n", "# why\nGOEXPERIMENT=jsonv2\n", ""},
		"a newer package":            {"security/tools/a/requirements.in", "a==1.9\n", "a==1.10\n", ""},
		"an older package":           {"security/tools/a/requirements.in", "a==1.10\n", "a==1.9\n", "the version is 1.9, and was 1.10"},
		"another package":            {"security/tools/a/requirements.in", "a==1.10\n", "b==1.10\n", "it names b in place of a"},
		"another hash":               {"security/tools/a/requirements.txt", "a==1 --hash=sha256:1\n", "a==1 --hash=sha256:2\n", "a 1 has another checksum"},
		"another hash, in a line":    {"security/tools/a/requirements.txt", "a==1 \\\n  --hash=sha256:1\n", "a==1 \\\n  --hash=sha256:1 \\\n  --hash=sha256:2\n", "a 1 has another checksum"},
		"a newer one with its hash":  {"security/tools/a/requirements.txt", "a==1 --hash=sha256:1\n", "a==2 --hash=sha256:2\n", ""},
		"a newer program":            {"security/tools/a/host.txt", "example.com/a 1.2.3\n", "example.com/a 1.3.0\n", ""},
		"another program":            {"security/tools/a/host.txt", "example.com/a 1.2.3\n", "example.org/a 1.2.3\n", "it names example.org/a in place of example.com/a"},
		"an older program":           {"security/tools/a/host.txt", "example.com/a 1.2.3\n", "example.com/a 1.2.2\n", "the version is 1.2.2"},
		"a newer ZAP":                {"security/tools/a/zap.txt", zap, strings.NewReplacer("2.17.0", "2.18.0", "aa", "bb").Replace(zap), ""},
		"another image of ZAP":       {"security/tools/a/zap.txt", zap, strings.ReplaceAll(zap, "aa", "bb"), "it names sha256:bb in place of sha256:aa"},
		"another registry":           {"security/tools/a/zap.txt", zap, strings.NewReplacer("2.17.0", "2.18.0", "ghcr.io", "quay.io").Replace(zap), "it names quay.io/zap:2.18.0 in place of"},
		"names that count as one":    {aliasesFile, "[[X, Y]]\n", "[[X, Y]]\n", "so a waiver of one holds for both"}, // the program's own are others
		"shorter waivers":            {waiverFile, "const MaxDays = 30\n", "const MaxDays = 90\n", ""},
		"waivers with a longer life": {waiverFile, "const (\n\tMaxDays  = 30\n)\n", "const (\n\tMaxDays  = 90\n)\n", "a waiver may hold for 90 days, and could hold for 30"},
		"waivers as long":            {waiverFile, "const (\n\tMaxDays = 90\n)\n", "x", ""},
		"a laxer workflow":           {".github/workflows/a.yml", "env:\n  RATES_GATES_PROFILE: ci\n", "env:\n  RATES_GATES_PROFILE: local\n", "with the profile ci"},
		"no workflow":                {".github/workflows/a.yml", "env:\n  RATES_GATES_PROFILE: ci\n", "", "with the profile ci"},
		"a laxer script":             {"deploy/image.sh", "export RATES_GATES_PROFILE=release RATES_IMAGE=x\n", "export RATES_GATES_PROFILE=ci RATES_IMAGE=x\n", "with the profile release"},
		"once less":                  {"deploy/image.sh", "RATES_GATES_PROFILE=ci a\nRATES_GATES_PROFILE=ci b\n", "RATES_GATES_PROFILE=ci a\n", "with the profile ci"},
		"a stricter script":          {"deploy/image.sh", "RATES_GATES_PROFILE=local make security\n", "RATES_GATES_PROFILE=ci make security\n", ""},
		"documentation":              {"docs/a.md", "RATES_GATES_PROFILE=ci make security\n", "Run the gates.\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWork(t)
			w.commit(map[string]string{"security/policy.yaml": goodPolicy, test.file: test.before})
			w.commit(map[string]string{test.file: test.now})
			copied, err := tree.Copy(t.Context(), w.dir, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			outcome, err := New().Scan(t.Context(), scanner.Job{Tree: copied, Rules: scanner.Rules{NeedBase: true}})
			if name == "shorter waivers" { // a constant in another form is not understood
				scannertest.WantKind(t, err, scanner.InputUnavailable)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var messages []string
			for _, f := range outcome.Findings {
				if f.File != test.file {
					t.Errorf("found in %s: %s", f.File, f.Message)
				}
				messages = append(messages, f.Message)
			}
			if test.want == "" && len(messages) > 0 || test.want != "" && !slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(m, test.want) }) {
				t.Errorf("found %q, want %q", messages, test.want)
			}
		})
	}
}

func FuzzRepinned(f *testing.F) {
	f.Add("go.mod", "module a\n\nrequire b v1.0.0\n", "module a\n\nreplace b => c v1.0.0\n")
	f.Add("go.sum", "a v1 h1:x\n", "a v1 h1:y\n")
	f.Add("requirements.txt", "a==1 --hash=sha256:1\n", "a==1 --hash=sha256:2\n")
	f.Add("zap.txt", "2.17.0\nx:2.17.0@sha256:a\n", "2.18.0\nx:2.18.0@sha256:b\n")
	f.Fuzz(func(t *testing.T, name, before, now string) {
		if found := repinned(name, before, before); len(found) > 0 && !strings.HasPrefix(found[0], "it cannot be read") {
			t.Errorf("the same text differs from itself: %q", found)
		}
		for _, what := range repinned(name, before, now) {
			if what == "" {
				t.Error("a finding says nothing")
			}
		}
	})
}
