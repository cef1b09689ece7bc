package password

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// key is the end of a name of a password.
const key = `(?:password|passwd|passphrase|sslpassword|pwd|pass|redis(?:cli)?_auth)`

var (
	inURL      = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://([^\s/?#:@"'` + "`" + `<>|]*):([^\s"'` + "`" + `\\]+?)@(?:[\w.\[$%{<*&-]|$|["'` + "`" + `/ ])`)
	userInURL  = regexp.MustCompile(`(?i)\bhttps?://([a-z0-9_.~%+=-]{16,})@[\w.\[]`)
	queryInURL = regexp.MustCompile(`(?i)://[^\s"']*[?&](?:access_?token|auth_?token|token|auth|api_?key|sig)=([^\s&"'` + "`" + `#]{8,})`)
	// A name and its value without spaces: in a connection string, a URL, a shell.
	tight = regexp.MustCompile(`(?i)(?:^|[\s"'` + "`" + `;?&,({\[|])([\w.-]*` + key + `)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.|'')*'|[^\s"'` + "`" + `;&,\\]+)`)
	// A name and a string.
	quoted = regexp.MustCompile(`(?i)([\w.-]*` + key + `(?:_wo)?)["']?\]?\s*(?::=|=>|=|:)\s*(?:!!?\w+\s+)?("(?:[^"\\]|\\.)+"|'(?:[^'\\]|\\.|'')+'|` + "`[^`]+`" + `)`)
	// A name and a word, which are all of a line.
	plain = regexp.MustCompile(`(?i)^\s*(?:#+\s*|//\s*|;\s*)?(?:- |export |set |setx |env |arg |\|\s*)*["']?([\w.-]*` + key + `(?:_wo)?)["']?\s*(?::|=|:=|\s)\s*([^\s"'` + "`" + `{\[][^\s"'` + "`" + `]*)\s*,?\s*(?:#.*)?$`)
	// A name and a word in a row of a table.
	row        = regexp.MustCompile(`(?i)\|\s*["'` + "`" + `]?([\w.-]*` + key + `)["'` + "`" + `]?\s*\|\s*([^\s|]+)\s*\|`)
	inSQL      = regexp.MustCompile(`(?i)\b(?:password|identified\s+(?:with\s+\S+\s+)?(?:by|as))\s+(?:=\s*)?(?:e|u&)?(?:'((?:[^']|'')+)'|\$(?:\w*)\$([^$]+)\$\w*\$)`)
	inPassfile = regexp.MustCompile(`(?:^|[\s"'` + "`" + `])([\w.*/-]+):(\d{4,5}|\*):([\w*.-]+):([\w*.@$-]+):((?:[^\s"'` + "`" + `:\\]|\\[:\\])+)(?:$|[\s"'` + "`" + `\\])`)
	inCommand  = []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b(?:docker|podman|helm|oras|crane|nerdctl|buildah|skopeo|az|registry|cosign)\b.*?\blogin\b.*?["'\s]-p["',\s=]*([^\s"',|;&)]+)`),
		regexp.MustCompile(`(?i)(?:^|["'\s])--(?:[\w-]*(?:password|token)|pass|passphrase|passwd|requirepass)["',\s=]+([^\s"'` + "`" + `,|;&)-][^\s"'` + "`" + `,|;&)]*)`),
		regexp.MustCompile(`(?i)\bcurl\b.*?["'\s](?:-[a-z]*u|--user|--proxy-user|-U)["',\s=]*[^\s"':]+:([^\s"'|;&)]+)`),
		regexp.MustCompile(`(?i)["'\s]--(?:[\w-]*creds)["',\s=]+[^\s"':]+:([^\s"',|;&)]+)`),
		regexp.MustCompile(`(?i)\b(?:mysql|mysqldump|mysqladmin|mariadb)\b.*?\s-p([^\s"'|;&)]+)`),
		regexp.MustCompile(`(?i)\b(?:echo|printf)\s+(?:-n\s+|'?%s'?\s+)?["']?([^\s"'|]+)["']?\s*\|.*--password-stdin`),
		regexp.MustCompile(`(?i)--password-stdin\b.*<{3}\s*["']?([^\s"'|;&)]+)`),
		regexp.MustCompile(`(?i)\b(?:redis-cli\b.*?\s-a|sshpass\s+-p)\s*["']?([^\s"'|;&)]+)`),
	}
	inNetrc     = regexp.MustCompile(`(?i)\bmachine\s+\S+\s.*\bpassword\s+(\S+)`)
	netrcLine   = regexp.MustCompile(`(?i)^\s*(?:login\s+\S+\s+)?password\s+(\S+)`)
	inNpmrc     = regexp.MustCompile(`(?i)\b_(?:authToken|auth|password)\s*=\s*["']?([^\s"']+)`)
	dockerAuth  = regexp.MustCompile(`"auth"\s*:\s*"([A-Za-z0-9+/=]{8,})"`)
	basicHeader = regexp.MustCompile(`(?i)\bbasic\s+([A-Za-z0-9+/]{8,}={0,2})`)
)

const passfileColons = 4

// line returns the passwords in a line of a file.
func (k kind) line(line string, n int) []Match { return k.within(line).text(line, n) }

// text returns the passwords in a text that is no comment.
func (k kind) text(line string, n int) []Match {
	var found []Match
	add := func(rule string, is bool) {
		if is {
			found = append(found, Match{rule, n})
		}
	}
	add(InURL, k.url(line))
	add(TokenInURL, k.token(line))
	add(InSettings, k.settings(line))
	add(InSQL, slices.ContainsFunc(inSQL.FindAllStringSubmatch(line, -1), func(m []string) bool {
		return k.real(strings.ReplaceAll(m[1]+m[2], "''", "'"), "")
	}))
	add(InPassfile, k.passfileEntry(line))
	add(InCommand, slices.ContainsFunc(inCommand, func(expr *regexp.Regexp) bool { return k.any(expr, line) }))
	add(InLoginFile, k.any(inNetrc, line) || k.any(inNpmrc, line) || k.netrc && k.any(netrcLine, line) || encoded(dockerAuth, line))
	add(InBasicLogin, k.basic(line))
	return found
}

// within adjusts the kind for a line: a comment does not run, so it only shows.
func (k kind) within(line string) kind {
	text := strings.TrimSpace(line)
	for _, mark := range []string{"#", "//", "--", ";", "/*", "* ", "<!--"} {
		k.shown = k.shown || strings.HasPrefix(text, mark)
	}
	return k
}

// any reports whether the last group of an expression is a password.
func (k kind) any(expr *regexp.Regexp, line string) bool {
	return slices.ContainsFunc(expr.FindAllStringSubmatch(line, -1), func(m []string) bool {
		return k.real(m[len(m)-1], "")
	})
}

func (k kind) url(line string) bool {
	return slices.ContainsFunc(inURL.FindAllStringSubmatch(line, -1), func(m []string) bool {
		user, secret := decoded(m[1]), decoded(m[2])
		host, _, _ := strings.Cut(secret, "/")
		if port.MatchString(host) && host != secret { // https://host:8080/…@…
			return false
		}
		return k.real(secret, user)
	})
}

var port = regexp.MustCompile(`^\d{1,5}$`)

// decoded returns a part of a URL without percent signs, if it can be decoded.
func decoded(part string) string {
	if plain, err := url.PathUnescape(part); err == nil {
		return plain
	}
	return part
}

// token reports whether a URL has a token instead of a user or in its query.
func (k kind) token(line string) bool {
	for _, expr := range []*regexp.Regexp{userInURL, queryInURL} {
		for _, m := range expr.FindAllStringSubmatch(line, -1) {
			if value := decoded(m[1]); k.real(value, "") && random(value) {
				return true
			}
		}
	}
	return false
}

func (k kind) settings(line string) bool {
	for _, m := range tight.FindAllStringSubmatchIndex(line, -1) {
		name, value := line[m[2]:m[3]], line[m[4]:m[5]]
		if k.code && !inString(line, m[2]) && !strings.HasPrefix(strings.TrimSpace(line), name) {
			continue
		}
		if isPassword(name) && (!k.typed || !expression(value, line, m[2])) && k.real(unquoted(value), "") {
			return true
		}
	}
	for _, m := range quoted.FindAllStringSubmatch(line, -1) {
		if isPassword(m[1]) && !variable.MatchString(m[0]) && k.real(unquoted(m[2]), "") {
			return true
		}
	}
	m := plain.FindStringSubmatch(line)
	if m == nil && k.prose {
		m = row.FindStringSubmatch(line)
	}
	if m == nil || k.code || k.typed || !isPassword(m[1]) {
		return false
	}
	return k.real(m[2], "") && (!k.prose || !sentence(m[2]))
}

// variable matches the way in which psql quotes a variable: PASSWORD :'name'.
var variable = regexp.MustCompile(`\s:'\w+'$`)

// expression reports whether a value in Terraform stands outside of a string.
func expression(value, line string, at int) bool {
	return !strings.ContainsAny(value[:1], `"'`) && !inString(line, at)
}

// isPassword leaves out words that end like a name of a password, and the
// variable of shells that holds the current folder.
func isPassword(name string) bool {
	before, short := strings.CutSuffix(strings.ToLower(name), "pass")
	if !short || before == "" {
		return name != "PWD" && name != "OLDPWD"
	}
	return strings.HasSuffix(name, "Pass") || strings.ContainsAny(before[len(before)-1:], "_.-")
}

// inString reports whether a place in a line of code is within a string.
func inString(line string, at int) bool {
	for _, quote := range []string{`"`, "'", "`"} {
		if strings.Count(line[:at], quote)%2 == 1 {
			return true
		}
	}
	return false
}

// unquoted returns the text of a string.
func unquoted(value string) string {
	if len(value) > 1 && strings.ContainsAny(value[:1], "\"'`") {
		return value[1 : len(value)-1]
	}
	return value
}

// sentence reports whether a value in a document is a word of a sentence.
func sentence(value string) bool { return strings.Trim(value, "abcdefghijklmnopqrstuvwxyz.,") == "" }

func (k kind) passfileEntry(line string) bool {
	if k.passfile && strings.HasPrefix(strings.TrimSpace(line), "#") {
		return false
	}
	const whole = 5
	fields := strings.SplitN(strings.TrimSpace(line), ":", whole)
	if k.passfile && len(fields) == whole {
		return k.real(fields[whole-1], fields[whole-2])
	}
	return slices.ContainsFunc(inPassfile.FindAllStringSubmatch(line, -1), func(m []string) bool { return k.real(m[5], m[4]) })
}

// encoded reports whether the group of an expression is a user and a password in
// Base64.
func encoded(expr *regexp.Regexp, line string) bool {
	return slices.ContainsFunc(expr.FindAllStringSubmatch(line, -1), func(m []string) bool { return login(m[1]) != "" })
}

func (k kind) basic(line string) bool {
	return slices.ContainsFunc(basicHeader.FindAllStringSubmatch(line, -1), func(m []string) bool {
		user, secret, _ := strings.Cut(login(m[1]), ":")
		return secret != "" && k.real(secret, user)
	})
}

// login returns USER:PASSWORD of its encoding in Base64, or "".
func login(text string) string {
	plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	user, secret, ok := strings.Cut(string(plain), ":")
	if err != nil || !ok || user == "" || secret == "" || strings.ContainsFunc(string(plain), func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return string(plain)
}
