package terraformcompliance

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/strictyaml"
	"example.com/rates/security/toolbox"
	"example.com/rates/security/tree"
)

// Each feature of terraform/compliance passes on the real plans, and each of its
// scenarios fails on the canary next to it. If everything is missing, all fail.
//
// It runs the real tools for each feature and plan, so it does not run with the
// other tests.
func TestThePolicyFailsOnItsCanaries(t *testing.T) {
	if os.Getenv("REQUIRE_TOOLS") != "1" {
		t.Skip("SKIP: the policy of the infrastructure was not tested; run: REQUIRE_TOOLS=1 go test ./security/scanner/terraformcompliance -run TestThePolicy")
	}
	job := policyJob(t)
	plans, features, err := readPolicy(job.Tree)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := job.Tool(t.Context(), "terraform-compliance")
	if err != nil {
		t.Fatal(err)
	}
	tf, err := terraform.NewCopy(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tf.Close) // after the parallel tests
	made, err := makePlans(t.Context(), tf, plans)
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, p := range plans {
		of := p.of(features)
		untried := slices.DeleteFunc(slices.Clone(of), func(f feature) bool { return tried[f.path] })
		for _, f := range untried {
			tried[f.path] = true
		}
		t.Run(strings.ReplaceAll(p.file()+"/"+p.Run, "/", "-"), func(t *testing.T) {
			t.Parallel()
			judge := func(t *testing.T) judge {
				t.Helper()
				return judge{job: job, tool: tool, dir: t.TempDir()}
			}
			judged, err := p.judge(t.Context(), made, judge(t), of)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range judged.broken {
				t.Errorf("the plan breaks %s: %q: %s", b.feature.path, b.scenario.name, b.messages)
			}
			for _, f := range untried {
				t.Run(f.folder+"-"+path.Base(f.path), func(t *testing.T) {
					t.Parallel()
					allFail(t, judge(t), canaryOf(t, f, judged.plan), []feature{f})
				})
			}
			if len(untried) == 0 {
				return
			}
			t.Run("nothing is left", func(t *testing.T) {
				t.Parallel()
				allFail(t, judge(t), nothingOf(judged.plan), withoutBans(of))
			})
		})
	}
}

// policyJob returns a job over this repository, with the installed tools.
func policyJob(t *testing.T) scanner.Job {
	t.Helper()
	repository := filepath.Join("..", "..", "..")
	copied, err := tree.Copy(t.Context(), repository, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	box, err := toolbox.New(filepath.Join(repository, "security", "tools"))
	if err != nil {
		t.Fatal(err)
	}
	return scanner.Job{Tree: copied, Scratch: t.TempDir(), Tool: box.Find, Run: scanner.Run}
}

// canaryOf returns the plan that the feature must refuse.
func canaryOf(t *testing.T, f feature, made Plan) Plan {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", f.canary()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	var c policyCanary
	if err := strictyaml.Load(file, &c); err != nil {
		t.Fatal(err)
	}
	changed, err := c.apply(made)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// allFail fails the test for each scenario that a plan does not break.
func allFail(t *testing.T, judge judge, p Plan, features []feature) {
	t.Helper()
	failed, _, err := judge.judge(t.Context(), p, features)
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]int{}
	for _, f := range features {
		for _, s := range f.scenarios {
			left[f.path+": "+s.name]++
		}
	}
	for _, b := range failed {
		left[b.feature.path+": "+b.scenario.name]--
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name] > 0 {
			t.Errorf("%q did not fail (%d of its rows)", name, left[name])
		}
	}
}

// nothingOf is the plan with one resource that no scenario is about.
func nothingOf(p Plan) Plan {
	p.Resources = []Resource{{
		Address: "terraform_data.nothing", Mode: "managed", Type: "terraform_data", Name: "nothing", Provider: "terraform.io/builtin/terraform",
		Change: Change{Actions: []string{"create"}, After: map[string]any{"id": "x"}, AfterUnknown: map[string]any{}},
	}}
	return p
}

// withoutBans leaves out features that ban something: they hold for an empty plan.
func withoutBans(features []feature) []feature {
	return slices.DeleteFunc(slices.Clone(features), func(f feature) bool {
		return strings.Contains(string(f.text), "Given I have any resource defined")
	})
}
