package terraformcompliance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// policyCanary is the changes to a plan in the NAME.canary.yaml next to a
// NAME.feature, with which every scenario of the feature must fail.
type policyCanary struct {
	Set    map[string]map[string]any `yaml:"set"`    // by address and path
	Add    []string                  `yaml:"add"`    // addresses of resources without values
	Remove []string                  `yaml:"remove"` // addresses
}

// apply returns the plan with the changes of the canary.
func (c policyCanary) apply(made Plan) (Plan, error) {
	text, err := json.Marshal(made.Resources)
	if err != nil {
		return Plan{}, err
	}
	changed := made
	changed.Resources = nil
	if err := json.Unmarshal(text, &changed.Resources); err != nil { // a copy
		return Plan{}, err
	}
	at := func(address string) int {
		return slices.IndexFunc(changed.Resources, func(r Resource) bool { return r.Address == address })
	}
	for address, values := range c.Set {
		i := at(address)
		if i < 0 {
			return Plan{}, fmt.Errorf("the plan has no %s to change", address)
		}
		for path, value := range values {
			if err := set(changed.Resources[i].Change.After, strings.Split(path, "."), value); err != nil {
				return Plan{}, fmt.Errorf("%s: %s: %w", address, path, err)
			}
		}
	}
	for _, address := range c.Remove {
		i := at(address)
		if i < 0 {
			return Plan{}, fmt.Errorf("the plan has no %s to remove", address)
		}
		changed.Resources = slices.Delete(changed.Resources, i, i+1)
	}
	for _, address := range c.Add {
		kind, name, _ := strings.Cut(address, ".")
		changed.Resources = append(changed.Resources, Resource{
			Address: address, Mode: "managed", Type: kind, Name: name, Provider: changed.Resources[0].Provider,
			Change: Change{Actions: []string{"create"}, After: map[string]any{"id": address}, AfterUnknown: map[string]any{}},
		})
	}
	return changed, nil
}

// set changes an existing value. A step of the path is a key, the number of
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
		return fmt.Errorf("there is nothing at %s", step)
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
