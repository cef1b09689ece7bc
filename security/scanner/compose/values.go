package compose

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/password"
)

var remote = regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]*://|^[a-z0-9._-]+@[a-z0-9.-]+:|^(github|gitlab|bitbucket)\.(com|org)/|\.git(#.*)?$`)

func foreignBuild(f file, s service) []*yaml.Node {
	build := s.get("build")
	found := where([]*yaml.Node{get(build, "dockerfile_inline")}, func(*yaml.Node) bool { return true })
	contexts := []*yaml.Node{get(build, "context"), get(build, "dockerfile")}
	if build != nil && build.Kind == yaml.ScalarNode {
		contexts = append(contexts, build)
	}
	for _, p := range pairs(get(build, "additional_contexts")) {
		image, _ := expanded(p.text)
		if from, ok := strings.CutPrefix(image, "docker-image://"); ok && digest.MatchString(from) || strings.HasPrefix(image, "service:") {
			continue
		}
		if remote.MatchString(image) || f.foreign(image) {
			found = append(found, p.node)
		}
	}
	return append(found, where(contexts, func(n *yaml.Node) bool { return remote.MatchString(said(n)) || f.foreign(said(n)) })...)
}

func privilegedBuild(_ file, s service) []*yaml.Node {
	build := s.get("build")
	found := append(where([]*yaml.Node{get(build, "privileged")}, is), items(get(build, "entitlements"))...)
	return append(found, where([]*yaml.Node{get(build, "network")}, func(n *yaml.Node) bool { return said(n) == "host" })...)
}

// programs are the settings with the arguments of programs.
func programs(s service) []*yaml.Node {
	all := []*yaml.Node{s.get("command"), s.get("entrypoint"), s.get("healthcheck", "test")}
	for _, hook := range []string{"post_start", "pre_stop"} {
		for _, one := range items(s.get(hook)) {
			all = append(all, get(one, "command"))
		}
	}
	return all
}

// settings are the environment of a service, its build, and its hooks.
func settings(s service) []pair {
	all := append(pairs(s.get("environment")), pairs(s.get("build", "args"))...)
	for _, hook := range []string{"post_start", "pre_stop"} {
		for _, one := range items(s.get(hook)) {
			all = append(all, pairs(get(one, "environment"))...)
		}
	}
	return all
}

// line returns the arguments of a program as one text.
func line(program *yaml.Node) string { return strings.Join(texts(program), " ") }

func passwords(_ file, s service) []*yaml.Node {
	var found []*yaml.Node
	for _, p := range settings(s) {
		text, known := expanded(p.text)
		if known && password.InSetting(p.key, text) || password.InText(text) {
			found = append(found, p.node)
		}
	}
	for _, program := range programs(s) {
		if password.InText(line(program)) {
			found = append(found, program)
		}
	}
	return found
}

var (
	trusted    = regexp.MustCompile(`(?i)^POSTGRES(QL)?_HOST_AUTH_METHOD$`)
	trustFlag  = regexp.MustCompile(`(?i)(--auth(-host|-local)?[= ]|-A ?)trust\b`)
	emptyLogin = regexp.MustCompile(`(?i)ALLOW_(EMPTY|ANONYMOUS)|^(DISABLE|NO)_AUTH(ENTICATION)?$`)
)

func trust(_ file, s service) []*yaml.Node {
	var found []*yaml.Node
	for _, p := range settings(s) {
		text, _ := expanded(p.text)
		switch {
		case trusted.MatchString(p.key) && strings.EqualFold(text, "trust"), trustFlag.MatchString(text),
			emptyLogin.MatchString(p.key) && on.MatchString(text):
			found = append(found, p.node)
		}
	}
	return append(found, where(programs(s), func(n *yaml.Node) bool { return trustFlag.MatchString(line(n)) })...)
}

var (
	on  = regexp.MustCompile(`(?i)^(true|yes|on|y|1|enabled?)$`)
	off = regexp.MustCompile(`(?i)^(|false|no|off|n|0|none|disabled?)$`)

	verify     = regexp.MustCompile(`(?i)(TLS|SSL|CERT|HTTPS?).*(VERIFY|VALIDAT|CHECK|REJECT_UNAUTHORIZED|STRICT)|VERIFY.*(TLS|SSL|CERT)|^PYTHONHTTPSVERIFY$`)
	unverified = regexp.MustCompile(`(?i)(SKIP|NO|DISABLE|IGNORE)_?(TLS|SSL|CERT|HTTPS)?_?(VERIFY|VERIFICATION|VALIDATION|ERRORS|TLS|SSL)$|INSECURE(_SKIP_VERIFY)?$|(DISABLE|NO)_(TLS|SSL)$`)
	encrypted  = regexp.MustCompile(`(?i)(^|_)(TLS|SSL)(_?(MODE|ENABLED?|REQUIRED?|CERTDIR))?$`)

	plainFlag   = regexp.MustCompile(`(?i)--?(tls-?verify|tls|ssl|ssl-?verify|verify-?tls)=(false|0|no|off)\b|--(insecure(-skip-(tls-)?verify)?|no-tls|skip-(tls|ssl)(-verify)?|tls-skip-verify|no-check-certificate|insecure-registry)\b|(\s|^)-c\s*ssl=off\b|tcp://[^\s/]*:2375\b`)
	plainOption = regexp.MustCompile(`(?i)(?:^|[?&;\s])(sslmode=(disable|allow|prefer)|ssl=(false|0)|usessl=false|tls=(false|skip-verify)|encrypt=(false|no)|trustservercertificate=true|sslmode=none)(\W|$)`)
	plainMode   = regexp.MustCompile(`(?i)^(disable|allow|prefer)$`)
	hostOption  = regexp.MustCompile(`(?i)(?:^|[\s;?&])(?:host|server|hostaddr)\s*=\s*(?:tcp:)?([^\s;&]+)`)
)

// withoutTLS finds settings that switch off TLS or the verification of
// certificates, unless they are for a service of this file.
func withoutTLS(f file, s service) []*yaml.Node {
	all := settings(s)
	target := ""
	for _, p := range all {
		if p.key == "PGHOST" {
			target, _ = expanded(p.text)
		}
	}
	var found []*yaml.Node
	for _, p := range all {
		text, _ := expanded(p.text)
		plain := false
		switch {
		case p.key == "PGSSLMODE":
			plain = plainMode.MatchString(text) && !f.has(target)
		case unverified.MatchString(p.key):
			plain = on.MatchString(text)
		case verify.MatchString(p.key), encrypted.MatchString(p.key):
			plain = off.MatchString(text) || plainMode.MatchString(text)
		}
		if plain || f.plain(text) {
			found = append(found, p.node)
		}
	}
	return append(found, where(programs(s), func(n *yaml.Node) bool { return f.plain(line(n)) })...)
}

// plain reports whether a text connects without TLS to a host that is not a service
// of the file.
func (f file) plain(text string) bool {
	return plainFlag.MatchString(text) || plainOption.MatchString(text) && !f.has(hostIn(text))
}

// has reports whether all hosts of a list are this machine or services of the file.
func (f file) has(hosts string) bool {
	return !slices.ContainsFunc(strings.Split(hosts, ","), func(host string) bool {
		name, _, _ := strings.Cut(host, ":")
		return !f.hosts[host] && !f.hosts[name] && !port.MatchString(host) // as in server=db,1433
	})
}

var port = regexp.MustCompile(`^[0-9]+$`)

// hostIn returns the host of a URL or a connection string, or its hosts with commas
// between them.
func hostIn(text string) string {
	for word := range strings.FieldsSeq(text) {
		if u, err := url.Parse(word); err == nil && u.Host != "" {
			return u.Hostname()
		}
	}
	if found := hostOption.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
