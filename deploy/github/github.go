package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
)

// api is GitHub's API for one repository. Paths are relative to it.
type api interface {
	// get returns an empty object if there is nothing at the path.
	get(ctx context.Context, path string) (object, error)
	list(ctx context.Context, path string) ([]object, error)
	send(ctx context.Context, method, path string, body any) error
}

type object = map[string]any

// wanted is what the folder .github says.
type wanted struct {
	Settings []struct {
		Name, Method, Path string
		Values             object
	}
	// Environments lists the branches and tags that each lets in.
	Environments map[string][]policy
	rulesets     []object
}

type policy struct {
	Name string `json:"name"`
	Type string `json:"type"` // branch or tag
}

func read(folder fs.FS) (wanted, error) {
	var w wanted
	if err := readJSON(folder, "settings.json", &w); err != nil {
		return w, err
	}
	files, err := fs.Glob(folder, "rulesets/*.json")
	if err != nil {
		return w, err
	}
	for _, file := range files {
		var ruleset object
		if err := readJSON(folder, file, &ruleset); err != nil {
			return w, err
		}
		w.rulesets = append(w.rulesets, ruleset)
	}
	return w, nil
}

func readJSON(folder fs.FS, name string, into any) error {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// difference is something on GitHub that is not as wanted. Without a method only a
// person can change it.
type difference struct {
	name, method, path string
	body               any
}

// compare returns the differences, in the order in which they can be set.
func compare(ctx context.Context, w wanted, on api) ([]difference, error) {
	var all []difference
	for _, s := range w.Settings {
		there, err := on.get(ctx, s.Path)
		if err != nil {
			return nil, err
		}
		if !contains(there, s.Values) {
			all = append(all, difference{s.Name, s.Method, s.Path, s.Values})
		}
	}
	rulesets, err := compareRulesets(ctx, w.rulesets, on)
	if err != nil {
		return nil, err
	}
	environments, err := compareEnvironments(ctx, w.Environments, on)
	return slices.Concat(all, rulesets, environments), err
}

func compareRulesets(ctx context.Context, rulesets []object, on api) ([]difference, error) {
	listed, err := on.list(ctx, "/rulesets")
	if err != nil {
		return nil, err
	}
	var all []difference
	for _, ruleset := range rulesets {
		d := difference{fmt.Sprint("ruleset ", ruleset["name"]), "POST", "/rulesets", ruleset}
		at := slices.IndexFunc(listed, func(o object) bool { return o["name"] == ruleset["name"] })
		if at >= 0 {
			d.method, d.path = "PUT", fmt.Sprintf("/rulesets/%v", listed[at]["id"])
			there, err := on.get(ctx, d.path)
			if err != nil {
				return nil, err
			}
			if contains(byType(there), byType(ruleset)) {
				continue
			}
		}
		all = append(all, d)
	}
	return all, nil
}

// byType returns a ruleset with its rules as an object: GitHub has them in another
// order, and adds parameters with their defaults.
func byType(ruleset object) object {
	rules := object{}
	list, _ := ruleset["rules"].([]any)
	for _, one := range list {
		if rule, ok := one.(object); ok {
			parameters, _ := rule["parameters"].(object)
			rules[fmt.Sprint(rule["type"])] = parameters
		}
	}
	found := maps.Clone(ruleset)
	found["rules"] = rules
	return found
}

func compareEnvironments(ctx context.Context, environments map[string][]policy, on api) ([]difference, error) {
	var all []difference
	for _, name := range slices.Sorted(maps.Keys(environments)) {
		at := path.Join("/environments", name)
		there, err := on.get(ctx, at)
		if err != nil {
			return nil, err
		}
		limited := object{"deployment_branch_policy": object{"protected_branches": false, "custom_branch_policies": true}}
		if !contains(there, limited) {
			all = append(all, difference{"environment " + name, "PUT", at, limited})
		}
		got, err := on.get(ctx, at+"/deployment-branch-policies")
		if err != nil {
			return nil, err
		}
		var policies struct {
			There []policy `json:"branch_policies"`
		}
		if err := convert(got, &policies); err != nil {
			return nil, err
		}
		for _, p := range environments[name] {
			if !slices.Contains(policies.There, p) {
				all = append(all, difference{fmt.Sprintf("environment %s: %s %s", name, p.Type, p.Name), "POST", at + "/deployment-branch-policies", p})
			}
		}
		for _, p := range policies.There {
			if !slices.Contains(environments[name], p) {
				all = append(all, difference{name: fmt.Sprintf("environment %s also lets in %s %s; remove it in the settings", name, p.Type, p.Name)})
			}
		}
	}
	return all, nil
}

func convert(from, into any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// contains reports whether all that is wanted is there. What there has besides is
// left alone, except in lists, whose order does not matter.
func contains(there, wanted any) bool {
	switch w := wanted.(type) {
	case object:
		t, ok := there.(object)
		for key, value := range w {
			if !ok || !contains(t[key], value) {
				return false
			}
		}
		return ok
	case []any:
		t, ok := there.([]any)
		for _, value := range w {
			if !ok || !slices.ContainsFunc(t, func(one any) bool { return contains(one, value) }) {
				return false
			}
		}
		return ok && len(t) == len(w)
	default:
		return reflect.DeepEqual(there, wanted)
	}
}
