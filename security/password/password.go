// Package password finds passwords that are written out: in URLs and connection
// strings, in statements of SQL, in commands, and in the files of programs that
// log in.
package password

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// Match is a password in a text.
type Match struct {
	Rule string
	Line int // from 1
}

// The rules.
const (
	InURL        = "password-in-url"
	TokenInURL   = "token-in-url"           // #nosec G101 -- the name of a rule
	InSettings   = "password-in-settings"   // a key and its value, connection strings among them
	InSQL        = "password-in-sql"        // PASSWORD '…' and IDENTIFIED BY '…'
	InPassfile   = "password-in-passfile"   // HOST:PORT:DATABASE:USER:PASSWORD, as in .pgpass
	InCommand    = "password-in-command"    // an option of docker login, curl and others
	InLoginFile  = "password-in-login-file" // .netrc, .npmrc, the settings of Docker
	InBasicLogin = "password-in-basic-login"
)

// words are parts of all lines that can hold a password, in lower case.
var words = []string{"://", "pass", "pwd", "auth", "identified by", "docker", "podman", "curl", "mysql", "redis-cli", "creds", "sshpass", "basic ", "login"}

// longest is how much of a line is examined at once, in bytes. A line of a minified
// file may be its whole content.
const longest = 8 << 10

// Find returns the passwords in the text of a file, one for each rule and line.
func Find(name string, text []byte) []Match {
	k := kindOf(name)
	var found []Match
	for i, line := range lines(text) {
		lower := bytes.ToLower(line)
		has := func(word string) bool { return bytes.Contains(lower, []byte(word)) }
		if !k.passfile && bytes.Count(line, []byte(":")) < passfileColons && !slices.ContainsFunc(words, has) {
			continue
		}
		for _, piece := range pieces(string(line)) {
			found = append(found, k.line(piece, i+1)...)
		}
	}
	slices.SortFunc(found, func(a, b Match) int { return strings.Compare(a.Rule, b.Rule) })
	slices.SortStableFunc(found, func(a, b Match) int { return a.Line - b.Line })
	return slices.Compact(found)
}

// lines splits a text. A line that ends with a backslash has the next ones in it,
// which follow as empty lines.
func lines(text []byte) [][]byte {
	all := bytes.Split(text, []byte("\n"))
	for i := len(all) - 2; i >= 0; i-- {
		line := bytes.TrimRight(all[i], "\r")
		if before, ok := bytes.CutSuffix(line, []byte(`\`)); ok && len(all[i+1]) < longest {
			all[i] = slices.Concat(before, []byte(" "), all[i+1])
			all[i+1] = nil
		}
	}
	return all
}

// pieces cuts a long line into overlapping pieces.
func pieces(line string) []string {
	const overlap = 1 << 10
	var all []string
	for len(line) > longest {
		all = append(all, line[:longest])
		line = line[longest-overlap:]
	}
	return append(all, line)
}

// kind is what the name of a file says about the passwords in it.
type kind struct {
	passfile bool // every line is an entry of a passfile
	netrc    bool
	code     bool // of a program: a value that is no string is an expression
	shown    bool // a test, a canary or a document, which shows how a connection string looks
	prose    bool // a document, in which a name before a colon may begin a sentence
	typed    bool // Terraform: a value that is no string is an expression
}

// kindOf returns the kind of a file by its name.
func kindOf(name string) kind {
	base, ext := strings.ToLower(path.Base(name)), strings.ToLower(path.Ext(name))
	is := func(list ...string) bool { return slices.Contains(list, ext) }
	ends := func(list ...string) bool {
		return slices.ContainsFunc(list, func(end string) bool { return strings.HasSuffix(base, end) })
	}
	return kind{
		passfile: strings.Contains(base, "pgpass"),
		netrc:    base == ".netrc" || base == "_netrc",
		code:     is(".go", ".py", ".js", ".mjs", ".ts", ".tsx", ".jsx", ".java", ".kt", ".rb", ".cs", ".rs", ".php", ".c", ".cpp", ".h", ".swift", ".scala"),
		typed:    is(".tf", ".tofu", ".hcl", ".bicep"),
		prose:    is(".md", ".rst", ".adoc", ".feature"),
		shown: is(".md", ".rst", ".adoc", ".feature") || strings.Contains("/"+name, "/testdata/") || strings.HasPrefix(name, "security/canaries/") ||
			ends("_test.go", ".tftest.hcl", ".canary.yaml", ".example", ".sample", ".template"),
	}
}

// Kind returns what of a name decides about its passwords: of two files of one
// kind, the same text has the same passwords.
func Kind(name string) any { return kindOf(name) }
