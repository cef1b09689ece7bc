package compose

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// mounts returns the folders and files of the host that a service gets, each with
// its place.
func mounts(s service) map[*yaml.Node]string {
	found := map[*yaml.Node]string{}
	for _, volume := range items(s.get("volumes")) {
		source := said(get(volume, "source"))
		if volume.Kind == yaml.ScalarNode {
			source, _, _ = strings.Cut(said(volume), ":")
			if strings.Contains(volume.Value, "${HOME") || strings.HasPrefix(volume.Value, "$HOME") {
				source = "~" + strings.TrimPrefix(source, "/root") // the home of whoever starts it
			}
		}
		if kind := said(get(volume, "type")); kind == "" || kind == "bind" {
			found[volume] = source
		}
	}
	return found
}

var (
	engineSocket = regexp.MustCompile(`(docker|podman|containerd|crio|buildkitd?|cri-dockerd)(-raw)?\.sock|docker_engine`)
	// engineFolders hold the sockets of engines, or folders with them.
	engineFolders = regexp.MustCompile(`^(/|/run|/var|/var/run|(/var)?/run/(docker|podman|containerd|crio|buildkit|user(/[^/]+)?(/docker|/podman)?)|~(/\.docker(/run)?|/\.colima.*|/\.rd)?)$`)
	// system are folders of the host's system, with all below them.
	system = regexp.MustCompile(`^(/|/(bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var)(/.*)?|~(/.*)?)$`)
	// harmless are files of the host that a program may read.
	harmless = regexp.MustCompile(`^/etc/(localtime|timezone)$|^/usr/share/zoneinfo(/.*)?$|^/dev/(null|zero|urandom)$`)
)

// cleaned returns a path of the host in its shortest form.
func cleaned(source string) string {
	if source == "" || !strings.ContainsAny(source[:1], "/.~") {
		return source // a volume
	}
	return path.Clean(source)
}

func engine(_ file, s service) []*yaml.Node {
	var found []*yaml.Node
	for at, source := range mounts(s) {
		whole := strings.Join(texts(at), " ")
		if engineSocket.MatchString(whole) || engineFolders.MatchString(cleaned(source)) {
			found = append(found, at)
		}
	}
	return append(found, where([]*yaml.Node{s.get("use_api_socket")}, is)...)
}

func texts(n *yaml.Node) []string {
	var all []string
	for _, one := range scalars(n) {
		all = append(all, said(one))
	}
	return all
}

func host(f file, s service) []*yaml.Node {
	var found []*yaml.Node
	for at, source := range mounts(s) {
		if f.foreign(source) {
			found = append(found, at)
		}
	}
	slices.SortFunc(found, func(a, b *yaml.Node) int { return a.Line - b.Line })
	return found
}

// foreign reports whether a path of the host is not below the repository.
func (f file) foreign(source string) bool {
	source = cleaned(source)
	if strings.HasPrefix(source, ".") {
		below := path.Join(path.Dir(f.name), source)
		return below == ".." || strings.HasPrefix(below, "../")
	}
	return system.MatchString(source) && !harmless.MatchString(source)
}

// bound returns the folder of the host that a top-level volume stands for.
func bound(n *yaml.Node) string {
	options := get(n, "driver_opts")
	if device := said(get(options, "device")); strings.HasPrefix(device, "/") && !strings.HasPrefix(device, "/dev/") {
		return device
	}
	return ""
}

func engineVolumes(f file) []*yaml.Node {
	return topLevel(f, "volumes", func(n *yaml.Node) bool { return engineFolders.MatchString(cleaned(bound(n))) })
}

func hostVolumes(f file) []*yaml.Node {
	found := topLevel(f, "volumes", func(n *yaml.Node) bool { return f.foreign(bound(n)) })
	for _, section := range []string{"secrets", "configs"} {
		found = append(found, topLevel(f, section, func(n *yaml.Node) bool {
			return system.MatchString(cleaned(said(get(n, "file")))) && !harmless.MatchString(cleaned(said(get(n, "file"))))
		})...)
	}
	return found
}
