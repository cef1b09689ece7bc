//go:build linux

package azure

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// state is what Terraform keeps of a root.
type state struct {
	Resources []struct {
		Module, Mode, Type, Name string
		Instances                []struct {
			Key          any `json:"index_key"`
			Attributes   map[string]any
			Dependencies []string
		}
	}
}

func (s stack) state(t *testing.T) state {
	t.Helper()
	var all state
	check(t, json.Unmarshal([]byte(s.must(t, "state", "pull")), &all))
	return all
}

// complete fails if a planned resource was not created, or if a lock is lifted beside
// what it blocks.
func (w *world) complete(t *testing.T, s stack) {
	t.Helper()
	all := s.state(t)
	documents := w.cloud.Documents()
	count := 0
	for _, r := range all.Resources {
		for _, instance := range r.Instances {
			id, _ := instance.Attributes["id"].(string)
			// Some ids of Terraform have two parts: a diagnostic setting, what it is of and
			// its name; a role, its own id and its scope.
			of, rest, _ := strings.Cut(strings.ToLower(id), "|")
			id = of
			if r.Type == "azurerm_monitor_diagnostic_setting" {
				id = of + "/providers/microsoft.insights/diagnosticsettings/" + rest
			}
			if r.Mode != "managed" {
				continue
			}
			count++
			if !slices.Contains(documents, id) {
				t.Errorf("%s.%s: %s was not created", r.Type, r.Name, id)
			}
		}
	}
	for _, missing := range liftedBeside(all) {
		t.Error(missing)
	}
	t.Logf("%s: %d resources, each one created", s.data, count)
}

// liftedBeside returns what a lock blocks and does not depend on: destroying it may come
// before the lock is lifted.
func liftedBeside(all state) []string {
	var found []string
	for _, lock := range all.Resources {
		if lock.Type != "azurerm_management_lock" {
			continue
		}
		for _, instance := range lock.Instances {
			scope, _ := instance.Attributes["scope"].(string)
			for _, r := range all.Resources {
				for _, other := range r.Instances {
					id, _ := other.Attributes["id"].(string)
					id, _, _ = strings.Cut(id, "|")
					if r.Mode == "managed" && r.Type != lock.Type && below(strings.ToLower(id), strings.ToLower(scope)) &&
						!slices.Contains(instance.Dependencies, r.Type+"."+r.Name) {
						found = append(found, lock.Type+"."+lock.Name+" blocks "+r.Type+"."+r.Name+" and is not lifted before it goes")
					}
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
