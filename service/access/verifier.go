package access

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

const (
	// scramRounds is PostgreSQL's own default. More would slow down each login and
	// add nothing: a password of 130 random bits cannot be guessed.
	scramRounds   = 4096
	scramSaltSize = 16
)

// verifier returns what PostgreSQL stores of a password (RFC 5803). Sent in place of
// the password, it keeps that out of the statement and so of the server's log. The
// password must be ASCII.
func verifier(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramRounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive the verifier of a password: %w", err)
	}
	stored := sha256.Sum256(authenticate(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s",
		scramRounds, encode(salt), encode(stored[:]), encode(authenticate(salted, "Server Key"))), nil
}

func authenticate(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}
