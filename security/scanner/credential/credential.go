// Package credential recognises settings that hold a password or another secret.
package credential

import (
	"net/url"
	"regexp"
	"strings"
)

var name = regexp.MustCompile(`(?i)(^|[_.-])(PG)?(PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|SECRET_?KEY(_BASE)?|PRIVATE_?KEY|ACCOUNT_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|CREDENTIALS?)([_-]?\d+)?$`)

// Named reports whether a setting is called like a secret. One that names a file
// with a secret is not.
func Named(setting string) bool {
	return name.MatchString(setting) && setting != "PWD" && setting != "OLDPWD"
}

var switches = regexp.MustCompile(`(?i)^(|true|false|yes|no|on|off|none|null)$`)

// Value reports whether a text can be a secret, and is not empty, a switch, or the
// path of a file.
func Value(text string) bool {
	text = strings.TrimSpace(text)
	return !switches.MatchString(text) && !strings.HasPrefix(text, "/run/") && !strings.HasPrefix(text, "/var/run/secrets/")
}

var (
	inURL  = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#'"@]*:([^\s/?#'"]+)@`)
	inText = regexp.MustCompile(`(?i)(?:^|[\s;?&"'-])(?:[a-z_]*password|passwd|pwd|requirepass|secret|token)(?:\s*=\s*|\s+)['"]?([^\s;&'"]+)`)
)

// Within returns the password in a URL, a connection string or the arguments of a
// program, "" if there is none.
func Within(text string) string {
	if found := inURL.FindStringSubmatch(text); found != nil {
		if plain, err := url.PathUnescape(found[1]); err == nil && Value(plain) {
			return plain
		}
	}
	if found := inText.FindStringSubmatch(text); found != nil && Value(found[1]) && !strings.HasPrefix(found[1], "-") {
		return found[1]
	}
	return ""
}
