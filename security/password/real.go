package password

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// reference matches what stands for a value that is somewhere else: a variable of
// a shell, a template, a verb of a format, a name in brackets.
var reference = regexp.MustCompile(strings.Join([]string{
	`\$\{\{[^}]*\}\}`, `\$\{[A-Za-z_][\w.\[\]"]*(?::?[?+][^}]*)?\}`, `\$\([^)]*\)?`, `\$\$?(?:[A-Z_][A-Z0-9_]*|[a-z_][a-z0-9_]*|\d)\b`,
	`\{\{[^}]*\}\}`, `#\{[^}]*\}`, `\{[A-Za-z_][\w.]*\}`, `\{\d*\}`, `<[A-Za-z][A-Za-z _.-]*>`, `@[A-Z_]+@`, `%[A-Z][A-Z_]+%`,
	`%(?:\[\d+\])?[svqdLI](?:[^0-9A-Fa-f]|$)`, `^\[[A-Za-z _-]+\]$`,
}, "|"))

// fallback matches a variable with the value that it has if it is not set.
var fallback = regexp.MustCompile(`\$\{[A-Za-z_]\w*:?[-=]([^{}]*)\}`)

// real reports whether a value is a password that is written out, rather than a
// placeholder. user is the user it belongs to, if known.
//
// A placeholder has one of these forms: a reference, a path of a file, or the
// same sign repeated. In tests, documents and comments it may also consist of words
// that say so, be the name of the user, or be very short: elsewhere such a password
// would work, and anybody would guess it. In other code it may be the word for a
// password, as in the text that explains an option.
func (k kind) real(value, user string) bool {
	for fallback.MatchString(value) {
		value = fallback.ReplaceAllString(value, "$1")
	}
	value = strings.Trim(value, `"'`+"`")
	if concatenated(value) || onDisk(value) || nothing(value) {
		return false
	}
	rest := reference.ReplaceAllString(value, "")
	const glue = 3 // such as a dash between two references
	if rest != value && len(rest) <= glue || repeated(rest) {
		return false
	}
	if rest != value {
		value = strings.Trim(rest, "-_:/.")
	}
	if k.code && slices.Contains(called, strings.ToLower(value)) {
		return false
	}
	return !k.shown || !guessed(value, user)
}

// concatenated reports whether code puts the value together: '" + name + "'.
func concatenated(value string) bool {
	value = strings.TrimSpace(value)
	return strings.HasPrefix(value, "+") && strings.HasSuffix(value, "+")
}

var (
	file   = regexp.MustCompile(`^(?:/|\./|\.\./|~/)[a-z0-9._/-]+$|^file:|^[A-Za-z]:\\`)
	values = []string{"", "null", "nil", "none", "true", "false", "undefined", "~", "no", "yes", "off", "on", "required", "optional", "string", "|", ">", "|-", ">-"}
)

// onDisk reports whether a value names a file that holds the password.
func onDisk(value string) bool { return file.MatchString(value) && strings.Count(value, "/") > 1 }

// nothing reports whether a value says that there is none.
func nothing(value string) bool {
	return slices.Contains(values, strings.ToLower(value)) || strings.HasPrefix(value, "*") && strings.Trim(value[1:], "abcdefghijklmnopqrstuvwxyz_-") == "" && len(value) > 1
}

// repeated reports whether a value is a sign that masks a password, again and
// again.
func repeated(value string) bool {
	return value == "" || strings.ContainsAny(value[:1], "*xX.#_?-•") && strings.Trim(value, value[:1]) == "" || strings.Trim(value, "…•") == ""
}

// called are the words for a password.
var called = []string{"pass", "password", "passwd", "pw", "pwd", "secret"}

// said are the words of which a made-up password consists. hunter2 and open
// sesame are the best known that there are.
var said = []string{
	"admin", "akia", "api", "bad", "but", "by", "change", "changeit", "changeme", "client", "correct", "db", "demo", "dummy", "example", "fake", "false", "first", "foo",
	"good", "guest", "hunter2", "here", "hidden", "key", "letmein", "loader", "long", "made", "manager", "me", "mine", "my", "new", "not", "of", "old", "one", "open", "other", "owner", "pass",
	"passwd", "password", "placeholder", "postgres", "pw", "pwd", "rates", "reader", "real", "redacted", "replace", "right", "same", "second", "secret", "selftest", "service", "sesame", "short", "some", "test",
	"the", "this", "to", "token", "two", "up", "user", "value", "wrong", "your",
}

// guessed reports whether anybody would guess the value.
func guessed(value, user string) bool {
	const few = 5
	lower := strings.ToLower(value)
	if len(value) <= few || user != "" && lower == strings.ToLower(user) {
		return true
	}
	parts := strings.FieldsFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return !slices.ContainsFunc(parts, func(part string) bool { return len(part) > 1 && !slices.Contains(said, part) })
}

// random reports whether a value looks like a token: letters and digits, of many
// kinds.
func random(value string) bool {
	signs := map[rune]bool{}
	letters, digits := false, false
	for _, r := range value {
		signs[r] = true
		letters, digits = letters || unicode.IsLetter(r), digits || unicode.IsDigit(r)
	}
	const many = 8
	return letters && digits && len(signs) >= many
}
