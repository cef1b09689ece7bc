package compose

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// get follows keys through mappings, aliases and merged mappings. It returns nil if
// there is nothing.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		n = value(n, key)
	}
	return resolved(n)
}

func resolved(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func value(n *yaml.Node, key string) *yaml.Node {
	n = resolved(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var merged *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case key:
			return resolved(n.Content[i+1])
		case "<<":
			for _, from := range items(n.Content[i+1]) {
				if merged == nil {
					merged = value(from, key)
				}
			}
		}
	}
	return merged
}

// items returns the elements of a list, or what is not a list as the only one.
func items(n *yaml.Node) []*yaml.Node {
	n = resolved(n)
	switch {
	case n == nil, n.Tag == "!!null":
		return nil
	case n.Kind == yaml.SequenceNode:
		all := make([]*yaml.Node, len(n.Content))
		for i, item := range n.Content {
			all[i] = resolved(item)
		}
		return all
	default:
		return []*yaml.Node{n}
	}
}

// pair is a setting with its value.
type pair struct {
	key  string
	node *yaml.Node // of the value; of the whole entry in a list
	text string
}

// pairs returns settings, which Compose reads from a mapping or a list of
// KEY=VALUE. A key alone takes its value from the environment, and is left out.
func pairs(n *yaml.Node) []pair {
	n = resolved(n)
	if n == nil {
		return nil
	}
	var all []pair
	if n.Kind == yaml.SequenceNode {
		for _, item := range items(n) {
			if key, val, ok := strings.Cut(item.Value, "="); ok {
				all = append(all, pair{key, item, val})
			}
		}
		return all
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i].Value, resolved(n.Content[i+1])
		switch {
		case key == "<<":
			for _, from := range items(val) {
				all = append(all, pairs(from)...)
			}
		case val.Tag != "!!null":
			all = append(all, pair{key, val, val.Value})
		}
	}
	return all
}

// scalars returns all texts below a node.
func scalars(n *yaml.Node) []*yaml.Node {
	n = resolved(n)
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []*yaml.Node{n}
	}
	var all []*yaml.Node
	for _, inner := range n.Content {
		all = append(all, scalars(inner)...)
	}
	return all
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^${}]*))?\}|\$([A-Za-z_]\w*)`)

// expanded replaces variables by their defaults, and those without one by nothing.
// known is false if there are such.
func expanded(text string) (_ string, known bool) {
	const dollar = "\x00"
	text, known = strings.ReplaceAll(text, "$$", dollar), true
	for before := ""; before != text; {
		before = text
		text = variable.ReplaceAllStringFunc(text, func(found string) string {
			part := variable.FindStringSubmatch(found)
			if strings.HasSuffix(part[2], "-") || strings.HasSuffix(part[2], "+") {
				return part[3]
			}
			known = false
			return ""
		})
	}
	return strings.ReplaceAll(text, dollar, "$"), known
}

// said returns a text with the defaults of its variables.
func said(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	text, _ := expanded(n.Value)
	return text
}

// is reports whether a setting is on.
func is(n *yaml.Node) bool {
	switch strings.ToLower(said(n)) {
	case "true", "yes", "on", "y", "1":
		return true
	}
	return false
}
