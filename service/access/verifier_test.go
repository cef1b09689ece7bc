package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// The example of RFC 7677, section 3, authenticates with the verifier.
func TestVerifier(t *testing.T) {
	const (
		salt    = "W22ZaJ0SNY7soEsUEjb6gQ=="
		message = "n=user,r=rOprNGfwEbeRWgbNEkqO," +
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
			"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
		proof     = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
		signature = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
	)
	got, err := verifier("pencil", decode(t, salt))
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(got, "SCRAM-SHA-256$4096:"+salt+"$")
	keys := strings.Split(rest, ":")
	if !ok || len(keys) != 2 {
		t.Fatalf("the verifier is %s", got)
	}
	stored, server := decode(t, keys[0]), decode(t, keys[1])
	client := authenticate(stored, message)
	subtle.XORBytes(client, client, decode(t, proof))
	if sum := sha256.Sum256(client); string(sum[:]) != string(stored) {
		t.Error("the client's proof does not fit the stored key")
	}
	if got := base64.StdEncoding.EncodeToString(authenticate(server, message)); got != signature {
		t.Errorf("the server signs %s, want %s", got, signature)
	}
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A credential never shows its password, in whatever way it is printed.
func TestCredentialHidesItsPassword(t *testing.T) {
	c := Credential{User: "u", password: "hunter2"}
	for _, text := range []string{
		fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c), fmt.Sprintf("%v %+v", &c, []Credential{c}), c.LogValue().String(),
	} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("it prints %s", text)
		}
	}
}

// Passwords and salts are never the same twice, and a password needs no quoting
// anywhere.
func TestCredentialsAreRandom(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		c := Credential{User: "u", password: "same"}
		v, err := c.verifier()
		if err != nil {
			t.Fatal(err)
		}
		password := newCredential("u", c.ValidUntil).password
		if seen[v] || seen[password] || len(password) != 26 || strings.Trim(password, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Fatalf("password %s, verifier %s", password, v)
		}
		seen[v], seen[password] = true, true
	}
}
