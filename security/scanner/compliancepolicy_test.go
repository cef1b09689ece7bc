package scanner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/rates/security/strictyaml"
	"example.com/rates/security/tree"
	"example.com/rates/terraform/plan"
)

// policyCanary is what a NAME.canary.yaml beside a NAME.feature does to the plan, so
// that every scenario of the feature must fail.
type policyCanary struct {
	Set    map[string]map[string]any `yaml:"set"`    // by address and path
	Add    []string                  `yaml:"add"`    // addresses of resources without values
	Remove []string                  `yaml:"remove"` // addresses
}

// Each feature of terraform/compliance passes on the real plans, and each of
// its scenarios fails on the canary beside it. Where all is missing, all fails.
func TestThePolicySeesWhatItIsAbout(t *testing.T) {
	job := policyJob(t)
	plans, features, err := readPolicy(job.Tree)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := job.Tool(t.Context(), "terraform-compliance")
	if err != nil {
		missing(t, err)
	}
	tf, err := newTerraform(t.Context(), job)
	if err != nil {
		missing(t, err)
	}
	judge := &policyJudge{job: job, tool: tool}
	done := map[string]bool{}
	for i, p := range plans {
		made, err := p.make(t.Context(), tf)
		if err != nil {
			t.Fatal(err)
		}
		of := p.of(features)
		broken, err := judge.hold(t.Context(), fmt.Sprintf("real-%d", i), made, of)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range broken {
			t.Errorf("the plan of %s/%s breaks %s: %q: %s", p.Root, p.Test, b.feature.path, b.scenario.name, b.messages)
		}
		for _, f := range of {
			if !done[f.path] {
				done[f.path] = true
				t.Run(f.folder+"/"+filepath.Base(f.path), func(t *testing.T) { canaryFails(t, judge, made, f) })
			}
		}
		t.Run(fmt.Sprintf("nothing is left of %s/%s", p.Root, p.Test), func(t *testing.T) {
			allFail(t, judge, fmt.Sprintf("empty-%d", i), nothingOf(made), withoutBans(of))
		})
	}
}

// policyJob returns a job over this repository, with the installed tools.
func policyJob(t *testing.T) Job {
	t.Helper()
	repository := filepath.Join("..", "..")
	copied, err := tree.Copy(t.Context(), repository, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	find := func(_ context.Context, name string) (Tool, error) { return installedTool(name) }
	return Job{Tree: copied, Scratch: t.TempDir(), Tool: find, Run: Run}
}

// installedTool finds a tool as make tools installs it. The toolbox proves its
// version; it cannot be used here, because it uses this package.
func installedTool(name string) (Tool, error) {
	cache := os.Getenv("RATES_TOOLS")
	if cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return Tool{}, err
		}
		cache = filepath.Join(dir, "rates", "tools")
	}
	found, err := filepath.Glob(filepath.Join(cache, name+"-[0-9]*", "bin", name))
	if err != nil || len(found) == 0 {
		return Tool{}, Errorf(ToolMissing, "%s is not installed; run: make tools", name)
	}
	return Tool{Name: name, Path: found[len(found)-1], Version: "as installed"}, nil
}

// missing skips the test loudly, or fails it under REQUIRE_TOOLS=1.
func missing(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != ToolMissing || os.Getenv("REQUIRE_TOOLS") == "1" {
		t.Fatal(err)
	}
	t.Skipf("SKIP: the policy of the infrastructure was not tested: %v", err)
}

func canaryFails(t *testing.T, judge *policyJudge, made plan.Plan, f feature) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", strings.TrimSuffix(f.path, ".feature")+".canary.yaml"))
	if err != nil {
		t.Fatalf("a feature without a canary may be unable to fail: %v", err)
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
	allFail(t, judge, strings.NewReplacer("/", "-", ".", "-").Replace(f.path), changed, []feature{f})
}

// allFail fails the test for each scenario that a plan does not break.
func allFail(t *testing.T, judge *policyJudge, name string, p plan.Plan, features []feature) {
	t.Helper()
	failed, err := judge.hold(t.Context(), name, p, features)
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
func nothingOf(p plan.Plan) plan.Plan {
	p.Resources = []plan.Resource{{
		Address: "terraform_data.nothing", Mode: "managed", Type: "terraform_data", Name: "nothing", Provider: "terraform.io/builtin/terraform",
		Change: plan.Change{Actions: []string{"create"}, After: map[string]any{"id": "x"}, AfterUnknown: map[string]any{}},
	}}
	return p
}

// withoutBans leaves out features that ban something: they hold where nothing is.
func withoutBans(features []feature) []feature {
	return slices.DeleteFunc(slices.Clone(features), func(f feature) bool {
		return strings.Contains(string(f.text), "Given I have any resource defined")
	})
}

// apply returns the plan with the changes of the canary.
func (c policyCanary) apply(made plan.Plan) (plan.Plan, error) {
	text, err := json.Marshal(made.Resources)
	if err != nil {
		return plan.Plan{}, err
	}
	changed := made
	changed.Resources = nil
	if err := json.Unmarshal(text, &changed.Resources); err != nil { // a copy
		return plan.Plan{}, err
	}
	at := func(address string) int {
		return slices.IndexFunc(changed.Resources, func(r plan.Resource) bool { return r.Address == address })
	}
	for address, values := range c.Set {
		i := at(address)
		if i < 0 {
			return plan.Plan{}, fmt.Errorf("the plan has no %s to change", address)
		}
		for path, value := range values {
			if err := set(changed.Resources[i].Change.After, strings.Split(path, "."), value); err != nil {
				return plan.Plan{}, fmt.Errorf("%s: %s: %w", address, path, err)
			}
		}
	}
	for _, address := range c.Remove {
		i := at(address)
		if i < 0 {
			return plan.Plan{}, fmt.Errorf("the plan has no %s to remove", address)
		}
		changed.Resources = slices.Delete(changed.Resources, i, i+1)
	}
	for _, address := range c.Add {
		kind, name, _ := strings.Cut(address, ".")
		changed.Resources = append(changed.Resources, plan.Resource{
			Address: address, Mode: "managed", Type: kind, Name: name, Provider: changed.Resources[0].Provider,
			Change: plan.Change{Actions: []string{"create"}, After: map[string]any{"id": address}, AfterUnknown: map[string]any{}},
		})
	}
	return changed, nil
}

// set changes a value that is there. A step of the path is a key, the number of
// an element, or KEY=VALUE of one.
func set(in any, path []string, value any) error {
	step, rest := path[0], path[1:]
	switch in := in.(type) {
	case map[string]any:
		next, ok := in[step]
		if !ok {
			return fmt.Errorf("there is no %s", step)
		}
		if len(rest) > 0 {
			return set(next, rest, value)
		}
		in[step] = value
		return nil
	case []any:
		i := element(in, step)
		if i < 0 || len(rest) == 0 {
			return fmt.Errorf("there is no element %s with more below it", step)
		}
		return set(in[i], rest, value)
	default:
		return fmt.Errorf("nothing lies at %s", step)
	}
}

func element(list []any, step string) int {
	if key, value, ok := strings.Cut(step, "="); ok {
		return slices.IndexFunc(list, func(e any) bool {
			object, ok := e.(map[string]any)
			return ok && object[key] == value
		})
	}
	i, err := strconv.Atoi(step)
	if err != nil || i >= len(list) {
		return -1
	}
	return i
}
