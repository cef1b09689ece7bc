package access

import (
	"crypto/rand"
	"log/slog"
	"time"
)

// Credential is a login with its password. It prints and logs without the password.
type Credential struct {
	User       string
	ValidUntil time.Time
	password   string
}

// newCredential returns a credential with a random password of 130 bits, made of
// letters and digits alone.
func newCredential(user string, until time.Time) Credential {
	return Credential{User: user, ValidUntil: until, password: rand.Text()}
}

// String returns the user.
func (c Credential) String() string { return c.User }

// GoString returns the user.
func (c Credential) GoString() string { return c.User }

// LogValue returns the user.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.User) }

// verifier returns what the database stores of the password.
func (c Credential) verifier() (string, error) {
	salt := make([]byte, scramSaltSize)
	_, _ = rand.Read(salt) // it never fails: the program would end instead
	return verifier(c.password, salt)
}
