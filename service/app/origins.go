package app

import (
	"fmt"
	"net/url"
	"strings"
)

// parseOrigins returns the origins that a setting lists. name is that of the setting.
func parseOrigins(name, list string) ([]string, error) {
	origins := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for _, origin := range origins {
		switch {
		case origin == "*" && len(origins) > 1:
			return nil, fmt.Errorf("%s is %q; expected * alone, which is all origins, or a list without it", name, list)
		case origin == "*":
		case origin == "null":
			return nil, fmt.Errorf("%s has %q, which pages send whose origin nobody can check; name origins, for example https://charts.example.com", name, origin)
		case !isOrigin(origin):
			return nil, fmt.Errorf("%s has %q; expected *, or origins as browsers send them: "+
				"http or https, host and port in lower case, without the usual port and without a path, for example https://charts.example.com", name, origin)
		}
	}
	return origins, nil
}

// isOrigin reports whether s is an origin in the form that browsers send.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, "*%") || s != u.Scheme+"://"+u.Host {
		return false
	}
	for _, r := range u.Host {
		if r > '~' || 'A' <= r && r <= 'Z' {
			return false
		}
	}
	switch u.Scheme + ":" + u.Port() {
	case "http:80", "https:443":
		return false
	}
	return (u.Scheme == "http" || u.Scheme == "https") && !strings.HasSuffix(u.Host, ":")
}
