package compose

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// rule is a requirement on every service.
type rule struct {
	id, requires, help string
	// broken returns the places where a service breaks the rule: a node, or the
	// service itself as a node without a line.
	broken func(f file, s service) []*yaml.Node
	// whole returns the places outside of services; it may be nil.
	whole func(f file) []*yaml.Node
}

// rules returns all rules.
func rules() []rule {
	return []rule{
		{id: "COMPOSE_USER", requires: "The service names a user that is not root", help: "Write user: with a number above 0.", broken: rootUser},
		{id: "COMPOSE_CONFINED", requires: "The service shares no devices or namespaces with the host and is not privileged", help: "Remove the setting, or give the program what it needs in another way.", broken: unconfined, whole: hostNetworks},
		{id: "COMPOSE_CAPABILITIES", requires: "The service drops all capabilities and adds none", help: "Write cap_drop: [ALL], without cap_add.", broken: capabilities},
		{id: "COMPOSE_NEW_PRIVILEGES", requires: "The service cannot gain privileges (no-new-privileges) and keeps the engine's profiles", help: `Write security_opt: ["no-new-privileges:true"], and nothing that is unconfined.`, broken: newPrivileges},
		{id: "COMPOSE_READ_ONLY", requires: "The service has a read-only root file system", help: "Write read_only: true, and tmpfs: for what the program writes.", broken: writable},
		{id: "COMPOSE_ENGINE", requires: "The service has no socket of a container engine, nor a folder of the host that holds one", help: "Remove the mount: who reaches the socket is root on the host, read-only or not.", broken: engine, whole: engineVolumes},
		{id: "COMPOSE_HOST", requires: "The service mounts no folder of the host's system, nor one outside of the repository", help: "Mount a folder of the repository or a volume, or pass the one file as a secret or a config.", broken: host, whole: hostVolumes},
		{id: "COMPOSE_LOCAL_PORTS", requires: "The service publishes ports on the loopback address only", help: `Write the address before the port, "127.0.0.1:3000:3000".`, broken: openPorts},
		{id: "COMPOSE_PINNED", requires: "Images are built here or pinned by their digest", help: "Name the image by its digest, NAME:TAG@sha256:….", broken: unpinned},
		{id: "COMPOSE_DOCKERFILE", requires: "The image is built from a Dockerfile of this repository, which other gates examine", help: "Write the Dockerfile into a file of the repository, and its folder as the context.", broken: foreignBuild},
		{id: "COMPOSE_BUILD", requires: "The build has no privileges", help: "Remove privileged, entitlements and network: host from build.", broken: privilegedBuild},
		{id: "COMPOSE_WHOLE", requires: "The file is whole (no include, extends, volumes_from or provider)", help: "Write the settings here, where they are examined.", broken: elsewhere, whole: included},
		{id: "COMPOSE_LIMITS", requires: "The service has limits of memory and processes", help: "Write mem_limit: and pids_limit:.", broken: unlimited},
		{id: "COMPOSE_PASSWORD", requires: "No password is written here, not even as a default", help: "Take it from a secret (NAME_FILE: /run/secrets/…), or from the environment without a default, ${NAME:?}.", broken: passwords},
		{id: "COMPOSE_TRUST", requires: "The database asks everyone for a password", help: "Remove the setting, and give the password as a secret.", broken: trust},
		{id: "COMPOSE_TLS", requires: "TLS is on, and certificates are verified, for what is not a service of this file", help: "Remove the setting, or write the one that verifies, such as sslmode=verify-full.", broken: withoutTLS},
	}
}

// itself is the place of what a service lacks.
func itself() []*yaml.Node { return []*yaml.Node{{}} }

// where returns the nodes for which a condition holds.
func where(nodes []*yaml.Node, holds func(n *yaml.Node) bool) []*yaml.Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n *yaml.Node) bool { return n == nil || !holds(n) })
}

func rootUser(_ file, s service) []*yaml.Node {
	user, _, _ := strings.Cut(said(s.get("user")), ":")
	if strings.Trim(user, "0") == "" || user == "root" {
		return itself()
	}
	return where(items(s.get("group_add")), func(n *yaml.Node) bool { return slices.Contains([]string{"0", "root", "docker"}, said(n)) })
}

func unconfined(_ file, s service) []*yaml.Node {
	var found []*yaml.Node
	for _, key := range []string{"cgroup", "ipc", "network_mode", "pid", "userns_mode", "uts"} {
		found = append(found, where([]*yaml.Node{s.get(key)}, func(n *yaml.Node) bool {
			return said(n) == "host" || strings.HasPrefix(said(n), "container:")
		})...)
	}
	found = append(found, where([]*yaml.Node{s.get("privileged")}, is)...)
	for _, hook := range []string{"post_start", "pre_stop"} {
		for _, one := range items(s.get(hook)) {
			found = append(found, where([]*yaml.Node{get(one, "privileged")}, is)...)
		}
	}
	return slices.Concat(found, items(s.get("devices")), items(s.get("device_cgroup_rules")))
}

// hostNetworks finds a network that is the host's.
func hostNetworks(f file) []*yaml.Node {
	return topLevel(f, "networks", func(n *yaml.Node) bool { return said(get(n, "driver")) == "host" || said(get(n, "name")) == "host" })
}

// topLevel returns the entries of a top-level section for which a condition holds.
func topLevel(f file, section string, holds func(n *yaml.Node) bool) []*yaml.Node {
	all := get(f.root, section)
	var found []*yaml.Node
	for i := 0; all != nil && i+1 < len(all.Content); i += 2 {
		if holds(all.Content[i+1]) {
			found = append(found, all.Content[i])
		}
	}
	return found
}

func capabilities(_ file, s service) []*yaml.Node {
	if !slices.ContainsFunc(items(s.get("cap_drop")), func(n *yaml.Node) bool { return strings.EqualFold(said(n), "ALL") }) {
		return itself()
	}
	return items(s.get("cap_add"))
}

var (
	kept = regexp.MustCompile(`^no-new-privileges([:=]true)?$`)
	lost = regexp.MustCompile(`unconfined|^label[:=]disable|^no-new-privileges[:=]false`)
)

func newPrivileges(_ file, s service) []*yaml.Node {
	options := items(s.get("security_opt"))
	if !slices.ContainsFunc(options, func(n *yaml.Node) bool { return kept.MatchString(said(n)) }) {
		return itself()
	}
	return where(options, func(n *yaml.Node) bool { return lost.MatchString(said(n)) })
}

func writable(_ file, s service) []*yaml.Node {
	if !is(s.get("read_only")) {
		return itself()
	}
	return nil
}

var loopback = regexp.MustCompile(`^(127\.\d+\.\d+\.\d+|\[?::1\]?)(:|$)`)

func openPorts(_ file, s service) []*yaml.Node {
	return where(items(s.get("ports")), func(n *yaml.Node) bool {
		if n.Kind == yaml.MappingNode {
			return !loopback.MatchString(said(get(n, "host_ip")))
		}
		return !loopback.MatchString(said(n))
	})
}

var digest = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)

func unpinned(_ file, s service) []*yaml.Node {
	var found []*yaml.Node
	if s.get("build") == nil && !digest.MatchString(said(s.get("image"))) {
		found = itself()
	}
	for _, volume := range items(s.get("volumes")) {
		if source := get(volume, "source"); said(get(volume, "type")) == "image" && !digest.MatchString(said(source)) {
			found = append(found, source)
		}
	}
	return found
}

func elsewhere(_ file, s service) []*yaml.Node {
	return where([]*yaml.Node{s.get("extends"), s.get("volumes_from"), s.get("provider")}, func(*yaml.Node) bool { return true })
}

func included(f file) []*yaml.Node { return items(get(f.root, "include")) }

func unlimited(_ file, s service) []*yaml.Node {
	limits := s.get("deploy", "resources", "limits")
	if s.get("mem_limit") == nil && get(limits, "memory") == nil || s.get("pids_limit") == nil && get(limits, "pids") == nil {
		return itself()
	}
	return nil
}
