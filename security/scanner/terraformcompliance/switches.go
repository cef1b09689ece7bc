package terraformcompliance

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// planned is a plan of a root with the values of the variables that it was made of.
type planned struct {
	plan   Plan
	values map[string]cty.Value
}

// unjudged returns a finding for each part of a root that is in none of its judged
// plans: a resource, a dynamic block, or a state of a switch, which is a variable
// that is true or false, or may be null. The policy says nothing about what is in no
// plan.
func (p places) unjudged(plans []planned) []finding.Finding {
	var found []finding.Finding
	report := func(b terraform.Block, resource, what string) {
		found = append(found, finding.Finding{
			Rule: "plan/unjudged", Severity: finding.High, File: b.File, Line: b.Line, Resource: resource,
			Message: fmt.Sprintf("No plan that the policy judges has %s.", what),
			Help:    "Write a run in a test of the root with which a plan has it, and name the run in " + plansFile + ".",
		})
	}
	resources := map[string]bool{}
	blocks := map[string]bool{} // names of values in resources, as TYPE.NAME NAME
	for _, made := range plans {
		for _, r := range made.plan.Resources {
			b := p.of(r.Address)
			resources[b.File+" "+b.Name()] = true
			filled(r.Change.After, func(name string) { blocks[b.File+" "+b.Name()+" "+name] = true })
		}
	}
	for _, dir := range sortedKeys(p.modules) {
		for _, b := range p.modules[dir] {
			id := b.File + " " + b.Name()
			switch {
			case b.Kind == "resource" && !resources[id]:
				report(b, b.Name(), "the resource "+b.Name())
			case b.Kind == "resource":
				for _, dynamic := range dynamics(b) {
					if !blocks[id+" "+dynamic.Type()] {
						report(dynamic, b.Name(), fmt.Sprintf("a block %s in %s", dynamic.Type(), b.Name()))
					}
				}
			case b.Kind == "variable" && dir == p.root:
				for _, state := range missing(b, plans) {
					report(b, "var."+b.Name(), fmt.Sprintf("the variable %s %s", b.Name(), state))
				}
			}
		}
	}
	return found
}

// filled calls a function with the name of each value that is not null or empty.
func filled(value any, has func(name string)) {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if list, ok := inner.([]any); inner != nil && (!ok || len(list) > 0) {
				has(name)
			}
			filled(inner, has)
		}
	case []any:
		for _, inner := range value {
			filled(inner, has)
		}
	}
}

// dynamics returns the dynamic blocks in a block, at any depth.
func dynamics(b terraform.Block) []terraform.Block {
	var found []terraform.Block
	for _, inner := range terraform.Blocks(b.File, b.Body) {
		if inner.Kind == "dynamic" {
			found = append(found, inner)
		}
		found = append(found, dynamics(inner)...)
	}
	return found
}

// missing returns the states of a switch that no plan has.
func missing(variable terraform.Block, plans []planned) []string {
	standard := variable.Literal("default")
	kind := ""
	if a, ok := variable.Body.Attributes["type"]; ok {
		if traversal := a.Expr.Variables(); len(traversal) == 1 {
			kind = traversal[0].RootName()
		}
	}
	states := map[string]func(v cty.Value) bool{}
	isBool := func(v cty.Value) bool { return v != cty.NilVal && !v.IsNull() && v.IsKnown() && v.Type() == cty.Bool }
	switch {
	case kind == "bool" || isBool(standard):
		states["true"] = func(v cty.Value) bool { return isBool(v) && v.True() }
		states["false"] = func(v cty.Value) bool { return isBool(v) && v.False() }
	case standard != cty.NilVal && standard.IsNull():
		states["null"] = func(v cty.Value) bool { return v == cty.NilVal || v.IsNull() }
		states["with a value"] = func(v cty.Value) bool { return v != cty.NilVal && !v.IsNull() }
	}
	var none []string
	for _, state := range sortedKeys(states) {
		if !slices.ContainsFunc(plans, func(made planned) bool {
			value, ok := made.values[variable.Name()]
			if !ok {
				value = standard
			}
			return states[state](value)
		}) {
			none = append(none, state)
		}
	}
	return none
}

// values returns the values of the variables of the run, as far as they are written
// as such: in the values of all tests, of the environment, of the file and of the
// run, where the last wins.
func (p judgedPlan) values(t tree.Tree) (map[string]cty.Value, error) {
	values := map[string]cty.Value{}
	take := func(body *hclsyntax.Body) {
		for name := range body.Attributes {
			values[name] = terraform.Literal(body, name)
		}
	}
	for _, name := range []string{"tests/terraform.tfvars", terraform.EnvironmentOf(p.Test)} {
		if name = path.Join(p.Root, name); t.Has(name) {
			body, err := terraform.ReadFile(t, name)
			if err != nil {
				return nil, err
			}
			take(body)
		}
	}
	name := path.Join(p.Root, p.Test)
	if !t.Has(name) {
		return values, nil // the run is missing, which its judgement says
	}
	body, err := terraform.ReadFile(t, name)
	if err != nil {
		return nil, err
	}
	blocks := terraform.Blocks(name, body)
	for _, b := range blocks {
		if b.Kind == "variables" {
			take(b.Body)
		}
	}
	for _, b := range blocks {
		if b.Kind != "run" || b.Name() != p.Run {
			continue
		}
		for _, inner := range terraform.Blocks(name, b.Body) {
			if inner.Kind == "variables" {
				take(inner.Body)
			}
		}
	}
	return values, nil
}

// place returns where a scenario is broken: the resources that the tool names, else
// the first of the type that the scenario is about, else the scenario.
func (b broken) place(p places, named []string) []finding.Finding {
	if len(named) == 0 {
		for _, step := range b.scenario.steps {
			for word := range strings.FieldsSeq(step) {
				if at, ok := p.ofType(word); ok {
					return []finding.Finding{{File: at.File, Line: at.Line}}
				}
			}
		}
		return []finding.Finding{{File: b.feature.path, Line: b.scenario.line}}
	}
	var found []finding.Finding
	for _, address := range named {
		at := p.of(address)
		found = append(found, finding.Finding{File: at.File, Line: at.Line, Resource: address})
	}
	return found
}
