package analysis

import (
	"slices"
	"strings"
	"unicode"
)

// wordsOf splits a name such as dbPassword, DB_PASSWORD or X-Api-Key into words in
// lower case.
func wordsOf(name string) []string {
	var words []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	letters := []rune(name)
	for i, r := range letters {
		switch {
		case !unicode.IsLetter(r):
			end()
			continue
		case unicode.IsUpper(r):
			before := i > 0 && unicode.IsLower(letters[i-1])
			after := i > 0 && i+1 < len(letters) && unicode.IsUpper(letters[i-1]) && unicode.IsLower(letters[i+1])
			if before || after {
				end()
			}
		}
		word.WriteRune(r)
	}
	end()
	return words
}

// secretWords are words, and words in a row, that name what must stay secret.
var secretWords = []string{
	"password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "credential", "credentials", "authorization", "bearer", "jwt",
	"tokens", "passwords", "signatures", "cookies",
	"hmac", "signature", "otp", "totp", "csrf", "xsrf", "cookie", "apikey",
	"api key", "api keys", "access key", "secret key", "private key", "signing key", "auth key", "session key", "master key", "shared key",
	"encryption key", "hmac key", "admin key", "session id", "auth header",
}

// connectionWords name what may hold a password.
var connectionWords = []string{
	"dsn", "conninfo", "connstr", "conn string", "conn str", "connection string", "database url", "db url", "postgres url", "postgresql url", "pg url",
	"database uri", "db uri", "postgres uri", "pg uri", "connection url", "connection uri", "dburl", "pgpass",
}

// about are words at the end of a name that make it one of something else: the
// length of a password is no password.
var about = []string{
	"name", "names", "file", "files", "path", "paths", "folder", "dir", "id", "ids", "type", "kind", "url", "uri", "endpoint", "len", "length", "size", "count", "index",
	"env", "variable", "prefix", "suffix", "label", "field", "flag", "lifetime", "expiry", "expires", "age", "ttl", "until", "days", "time", "at", "policy", "rule",
	"scope", "scopes", "issuer", "audience", "algorithm", "alg", "method", "mode", "version", "header", "error", "err", "source", "provider", "manager",
	"store", "settings", "options", "request", "missing", "set", "position", "pos", "line", "end", "start", "ok", "valid", "required", "pattern", "words", "lines", "user", "owner",
	"message", "msg", "text", "pattern", "rotation", "length", "reader", "writer", "state", "status", "max", "min", "limit",
}

// namesSecret reports whether a name is that of a secret in one of the lists.
func namesSecret(name string, lists ...[]string) bool {
	words := wordsOf(name)
	if len(words) == 0 {
		return false
	}
	joined := " " + strings.Join(words, " ") + " "
	for _, list := range lists {
		for _, entry := range list {
			if !strings.Contains(joined, " "+entry+" ") {
				continue
			}
			// A name that ends in the words themselves, such as databaseURL, is
			// about the secret; tokenURL is not.
			if strings.HasSuffix(joined, " "+entry+" ") || !slices.Contains(about, words[len(words)-1]) {
				return true
			}
		}
	}
	return false
}
