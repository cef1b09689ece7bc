// Package compose examines Compose files by rules of our own; no tool has any.
package compose

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Files returns the Compose files of a tree: by their names, in any folder, and
// other YAML files by their services.
func Files(t tree.Tree) []string {
	var files []string
	for _, name := range t.Matching("*.yaml", "*.yml") {
		named := slices.ContainsFunc([]string{"compose", "docker-compose", "podman-compose"}, func(stem string) bool {
			rest, ok := strings.CutPrefix(path.Base(name), stem)
			return ok && (rest[0] == '.' || rest[0] == '-' || rest[0] == '_')
		})
		if !named {
			content, err := os.ReadFile(t.Path(name))
			named = err == nil && hasServices(content)
		}
		if named {
			files = append(files, name)
		}
	}
	return files
}

// hasServices reports whether a text is a Compose file by its contents: a service
// has an image or is built.
func hasServices(content []byte) bool {
	var root yaml.Node
	if !bytes.Contains(content, []byte("services:")) || yaml.Unmarshal(content, &root) != nil || len(root.Content) == 0 {
		return false
	}
	services := get(root.Content[0], "services")
	if services == nil || services.Kind != yaml.MappingNode {
		return false
	}
	for i := 1; i < len(services.Content); i += 2 {
		if get(services.Content[i], "image") != nil || get(services.Content[i], "build") != nil {
			return true
		}
	}
	return false
}

// Check returns the findings in a Compose file, by line.
func Check(name string, content []byte) ([]finding.Finding, error) {
	root, err := parse(content)
	if err != nil {
		return nil, err
	}
	f := file{name: name, root: root, hosts: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "": true}}
	services := get(root, "services")
	if services != nil && services.Kind != yaml.MappingNode {
		return nil, errors.New("services is not a mapping")
	}
	if services == nil && get(root, "include") == nil && get(root, "volumes") == nil && get(root, "networks") == nil {
		return nil, errors.New("it has no services")
	}
	var all []service
	for i := 0; services != nil && i+1 < len(services.Content); i += 2 {
		s := service{services.Content[i].Value, services.Content[i], resolved(services.Content[i+1])}
		if s.node.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("line %d: the service %s is not a mapping", s.key.Line, s.name)
		}
		all = append(all, s)
		f.addHosts(s)
	}
	f.examine(all)
	slices.SortStableFunc(f.findings, func(a, b finding.Finding) int { return cmp.Compare(a.Line, b.Line) })
	return f.findings, nil
}

// parse reads the only document of a file. Compose joins several, so a reader of
// one would miss the others.
func parse(content []byte) (*yaml.Node, error) {
	documents := yaml.NewDecoder(bytes.NewReader(content))
	var root, second yaml.Node
	if err := documents.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	if err := documents.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds more than one YAML document; make it one")
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is not a mapping")
	}
	left := 100_000
	if !countable(root.Content[0], &left) {
		return nil, errors.New("its aliases stand for more than can be read")
	}
	return root.Content[0], nil
}

// countable reports whether a node, with all that aliases stand for, has at most
// *left nodes. One with an alias that holds itself has more.
func countable(n *yaml.Node, left *int) bool {
	n = resolved(n)
	*left--
	return *left >= 0 && !slices.ContainsFunc(n.Content, func(inner *yaml.Node) bool { return !countable(inner, left) })
}

// service is one of a Compose file.
type service struct {
	name string
	key  *yaml.Node
	node *yaml.Node
}

// get follows keys from the service.
func (s service) get(keys ...string) *yaml.Node { return get(s.node, keys...) }

// file is a Compose file that is examined.
type file struct {
	name     string
	root     *yaml.Node
	hosts    map[string]bool // names of this machine and of the services
	findings []finding.Finding
}

func (f *file) addHosts(s service) {
	f.hosts[s.name] = true
	for _, n := range []*yaml.Node{s.get("container_name"), s.get("hostname")} {
		f.hosts[said(n)] = true
	}
	for _, network := range items(s.get("networks")) {
		for i := 1; network.Kind == yaml.MappingNode && i < len(network.Content); i += 2 {
			for _, alias := range items(get(network.Content[i], "aliases")) {
				f.hosts[said(alias)] = true
			}
		}
	}
}

// examine applies all rules.
func (f *file) examine(services []service) {
	for _, r := range rules() {
		for _, s := range services {
			lines := map[int]bool{}
			for _, at := range r.broken(*f, s) {
				line := cmp.Or(at.Line, s.key.Line)
				if !lines[line] {
					lines[line] = true
					f.found(r, line, s.name)
				}
			}
		}
		if r.whole != nil {
			for _, at := range r.whole(*f) {
				f.found(r, at.Line, "")
			}
		}
	}
}

func (f *file) found(r rule, line int, service string) {
	f.findings = append(f.findings, finding.Finding{
		Rule: r.id, Severity: finding.High, Message: r.requires + " (not met)", Help: r.help,
		File: f.name, Line: line, Resource: service,
	})
}
