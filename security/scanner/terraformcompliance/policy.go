package terraformcompliance

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/strictyaml"
	"example.com/rates/security/tree"
)

// complianceDir holds the features, and plansFile says which plans they are about.
const (
	complianceDir = "terraform/compliance"
	plansFile     = complianceDir + "/plans.yaml"
)

// judgedPlan is a plan and the features that it is judged by.
type judgedPlan struct {
	Root     string   `yaml:"root"`
	Test     string   `yaml:"test"` // file below the root
	Run      string   `yaml:"run"`
	Features []string `yaml:"features"` // folders in complianceDir, or FOLDER/NAME for one feature
}

// readPolicy reads which plans are judged by which features. Each feature must
// judge a plan, and each root must have a judged plan.
func readPolicy(t tree.Tree) ([]judgedPlan, []feature, error) {
	file, err := os.Open(t.Path(plansFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, scanner.Errorf(scanner.NothingExamined, "there is Terraform, and no policy: %s is missing", plansFile)
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	var policy struct {
		Plans []judgedPlan `yaml:"plans"`
	}
	if err := strictyaml.Load(file, &policy); err != nil {
		return nil, nil, scanner.Errorf(scanner.BadInput, "%s: %w", plansFile, err)
	}
	var features []feature
	for _, name := range tree.Below(complianceDir, t.Matching("*.feature")) {
		f, err := readFeature(t, name)
		if err != nil {
			return nil, nil, err
		}
		features = append(features, f)
	}
	if err := covers(policy.Plans, features, terraform.Roots(t)); err != nil {
		return nil, nil, err
	}
	return policy.Plans, features, nil
}

// covers returns an error if a plan, a feature or a root is left out.
func covers(plans []judgedPlan, features []feature, roots []string) error {
	judged := map[string]bool{}
	for _, p := range plans {
		if p.Root == "" || p.Test == "" || p.Run == "" || len(p.Features) == 0 {
			return scanner.Errorf(scanner.BadInput, "%s: each plan must have a root, a test, a run, and folders of features", plansFile)
		}
		judged[p.Root] = true
		for _, name := range p.Features {
			if !slices.ContainsFunc(features, func(f feature) bool { return f.called(name) }) {
				return scanner.Errorf(scanner.BadInput, "%s: there is no folder or feature %s", plansFile, name)
			}
		}
	}
	for _, f := range features {
		if !slices.ContainsFunc(plans, func(p judgedPlan) bool { return slices.ContainsFunc(p.Features, f.called) }) {
			return scanner.Errorf(scanner.TooFewExamined, "%s judges no plan; name its folder in %s", f.path, plansFile)
		}
	}
	for _, root := range roots {
		if !judged[root] {
			return scanner.Errorf(scanner.TooFewExamined, "no plan of %s is judged; name one in %s", root, plansFile)
		}
	}
	return nil
}

// of returns the features that are about the plan.
func (p judgedPlan) of(all []feature) []feature {
	return slices.DeleteFunc(slices.Clone(all), func(f feature) bool { return !slices.ContainsFunc(p.Features, f.called) })
}
