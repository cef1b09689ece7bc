package terraformcompliance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Plan is a plan that creates everything, like all plans of tests. It is made from
// the output of terraform test -verbose -json, and becomes the JSON that
// terraform show -json would print, so that a tool can judge a plan that needed no
// cloud account.
//
// It has no references between values, which terraform test does not print. With
// a mocked provider every id is known, so values can be compared instead.
type Plan struct {
	Format    string // version of the JSON format
	Terraform string // version
	Resources []Resource
	Outputs   map[string]Change
}

// Resource is one that the plan creates, changes or reads.
type Resource struct {
	Address  string `json:"address"`
	Mode     string `json:"mode"` // managed or data
	Type     string `json:"type"`
	Name     string `json:"name"`
	Index    any    `json:"index,omitempty"` // key or number of one of several
	Provider string `json:"provider_name"`
	Change   Change `json:"change"`
}

// Change is the change of a resource or an output. Numbers are json.Number.
type Change struct {
	Actions         []string `json:"actions"`
	Before          any      `json:"before"`
	After           any      `json:"after"`
	AfterUnknown    any      `json:"after_unknown"`
	BeforeSensitive any      `json:"before_sensitive"`
	AfterSensitive  any      `json:"after_sensitive"`
}

// planMessage is the message of terraform test about a plan.
type planMessage struct {
	Format    string            `json:"plan_format_version"`
	Resources []Resource        `json:"resource_changes"`
	Outputs   map[string]Change `json:"output_changes"`
}

// FromTest reads the message test_plan of terraform test. terraform is the
// version of the program that wrote it.
func FromTest(message json.RawMessage, terraform string) (Plan, error) {
	var t planMessage
	decoder := json.NewDecoder(bytes.NewReader(message))
	decoder.UseNumber()
	if err := decoder.Decode(&t); err != nil {
		return Plan{}, fmt.Errorf("read the plan of terraform test: %w", err)
	}
	if decoder.More() {
		return Plan{}, errors.New("more follows after the plan of terraform test")
	}
	if !strings.HasPrefix(t.Format, "1.") {
		return Plan{}, fmt.Errorf("the plan of terraform test has the format %q; 1.x is supported", t.Format)
	}
	if terraform == "" {
		return Plan{}, errors.New("the version of terraform is missing")
	}
	if len(t.Resources) == 0 {
		return Plan{}, errors.New("the plan of terraform test has no resources")
	}
	seen := map[string]bool{}
	for i, r := range t.Resources {
		if err := r.check(); err != nil {
			return Plan{}, fmt.Errorf("resource %d of the plan of terraform test: %w", i+1, err)
		}
		if seen[r.Address] {
			return Plan{}, fmt.Errorf("the plan of terraform test has %s twice", r.Address)
		}
		seen[r.Address] = true
	}
	return Plan{Format: t.Format, Terraform: terraform, Resources: t.Resources, Outputs: t.Outputs}, nil
}

func (r Resource) check() error {
	for _, part := range [][2]string{{"address", r.Address}, {"mode", r.Mode}, {"type", r.Type}, {"name", r.Name}, {"provider_name", r.Provider}} {
		if part[1] == "" {
			return fmt.Errorf("%s: it has no %s", r.Address, part[0])
		}
	}
	if len(r.Change.Actions) == 0 {
		return fmt.Errorf("%s: it has no actions", r.Address)
	}
	if _, ok := r.Change.After.(map[string]any); !ok && !slices.Contains(r.Change.Actions, "delete") {
		return fmt.Errorf("%s: it has no values", r.Address)
	}
	return nil
}

// JSON returns the plan in one line, as terraform show -json prints it.
func (p Plan) JSON() ([]byte, error) {
	type object = map[string]any
	planned, configured := []object{}, []object{}
	declared, providers := map[string]bool{}, object{}
	for _, r := range p.Resources {
		if r.Change.After != nil {
			planned = append(planned, r.object(object{"schema_version": 0, "values": r.Change.After, "sensitive_values": r.Change.AfterSensitive}))
		}
		provider := r.Provider[strings.LastIndex(r.Provider, "/")+1:]
		providers[provider] = object{"name": provider, "full_name": r.Provider}
		if address := r.declaration(); !declared[address] {
			declared[address] = true
			configured = append(configured, object{
				"address": address, "mode": r.Mode, "type": r.Type, "name": r.Name, "provider_config_key": provider, "schema_version": 0,
			})
		}
	}
	plannedOutputs, outputs := object{}, object{}
	for _, name := range slices.Sorted(maps.Keys(p.Outputs)) {
		sensitive := p.Outputs[name].AfterSensitive == true
		plannedOutputs[name] = object{"sensitive": sensitive, "value": p.Outputs[name].After}
		outputs[name] = object{"sensitive": sensitive}
	}
	return json.Marshal(object{
		"format_version": p.Format, "terraform_version": p.Terraform,
		"planned_values":   object{"outputs": plannedOutputs, "root_module": object{"resources": planned}},
		"resource_changes": p.Resources, "output_changes": p.Outputs,
		"configuration": object{"provider_config": providers, "root_module": object{"resources": configured, "outputs": outputs}},
	})
}

// object returns the names of the resource, and more.
func (r Resource) object(more map[string]any) map[string]any {
	all := map[string]any{"address": r.Address, "mode": r.Mode, "type": r.Type, "name": r.Name, "provider_name": r.Provider}
	if r.Index != nil {
		all["index"] = r.Index
	}
	maps.Copy(all, more)
	return all
}

// declaration returns the address of the block that declares the resource.
func (r Resource) declaration() string {
	block := r.Type + "." + r.Name
	if at := strings.LastIndex(r.Address, block+"["); r.Index != nil && at >= 0 {
		return r.Address[:at+len(block)]
	}
	return r.Address
}
