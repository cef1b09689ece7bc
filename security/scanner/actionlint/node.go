package actionlint

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// get returns the value of a key, or nil.
func get(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return resolved(node.Content[i+1])
		}
	}
	return nil
}

// resolved follows an alias.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func values(node *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	if node != nil && node.Kind == yaml.MappingNode {
		for i := 1; i < len(node.Content); i += 2 {
			all = append(all, resolved(node.Content[i]))
		}
	}
	return all
}

func items(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	all := slices.Clone(node.Content)
	for i := range all {
		all[i] = resolved(all[i])
	}
	return all
}

// runsOn reports whether a workflow runs on an event. on is its name, a list of
// names, or an object by name.
func runsOn(on *yaml.Node, event string) bool {
	if on == nil {
		return false
	}
	if on.Kind == yaml.MappingNode {
		return get(on, event) != nil
	}
	return on.Value == event || slices.ContainsFunc(on.Content, func(one *yaml.Node) bool { return one.Value == event })
}
