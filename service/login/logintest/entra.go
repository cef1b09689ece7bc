// Package logintest stands in for Entra, the endpoint of a container's identity,
// and a database that accepts their tokens as passwords. Only tests and rehearsals
// import it.
package logintest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// identities are the object ids that the roles of the database were made for, by
// role.
var identities = map[string]string{"rates_service": "oid-service", "rates_migrate": "oid-migrate"}

// Audience is the resource that databases are to Entra.
const Audience = "https://ossrdbms-aad.database.windows.net"

const (
	issuer = "https://sts.windows.net/test/"

	namePrefix = "role="
	nameMiddle = ",server="
)

// Entra issues tokens, and tells a database whether one lets a role in.
type Entra struct {
	key      *rsa.PrivateKey
	ldap     net.Listener
	objectID func(server, role string) string
}

// NewEntra returns an Entra. objectID returns the id of the object that a role of a
// server was made for, "" if there is none; it is called by several goroutines.
func NewEntra(objectID func(server, role string) string) (*Entra, error) {
	const bits = 2048
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("make the key of the tokens: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the database: %w", err)
	}
	e := &Entra{key: key, ldap: listener, objectID: objectID}
	go answerBinds(listener, e.verify)
	return e, nil
}

// Close ends the answers to databases.
func (e *Entra) Close() error { return e.ldap.Close() }

// Token returns a token of an object for databases, and when it ends.
func (e *Entra) Token(objectID string, life time.Duration) (token string, until time.Time, err error) {
	c, until := right(objectID, life)
	token, err = e.sign(map[string]string{"alg": "RS256", "typ": "JWT"}, c)
	return token, until, err
}

// right returns the claims of a token that really ends when it says so.
func right(objectID string, life time.Duration) (claims, time.Time) {
	now := time.Now()
	until := now.Add(life).Truncate(time.Second)
	return claims{"iss": issuer, "aud": Audience, "oid": objectID, "exp": until.Unix(), "nbf": now.Unix(), "jti": rand.Text()}, until
}

// claims are what a token says.
type claims map[string]any

func (e *Entra) sign(header map[string]string, c claims) (string, error) {
	var parts []string
	for _, part := range []any{header, c} {
		text, err := json.Marshal(part)
		if err != nil {
			return "", fmt.Errorf("write a token: %w", err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	text := strings.Join(parts, ".")
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, e.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// verify returns why a token does not let its bearer log in to a server as role.
func (e *Entra) verify(server, role, token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("not a token")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return errors.New("not a signature")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&e.key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return errors.New("wrong signature")
	}
	var header struct{ Alg string }
	var said struct {
		Iss, Aud, Oid string
		Exp, Nbf      float64
	}
	for i, into := range []any{&header, &said} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(text, into) != nil {
			return errors.New("not JSON")
		}
	}
	now := float64(time.Now().UnixMilli()) / 1000
	switch {
	case header.Alg != "RS256":
		return errors.New("wrong algorithm")
	case said.Iss != issuer:
		return errors.New("wrong issuer")
	case said.Aud != Audience:
		return errors.New("wrong audience")
	case now >= said.Exp:
		return errors.New("expired")
	case now < said.Nbf:
		return errors.New("not yet valid")
	case said.Oid == "" || said.Oid != e.objectID(server, role):
		return errors.New("another identity")
	}
	return nil
}

// Endpoint is what a container asks for the tokens of its identity.
type Endpoint struct {
	entra  *Entra
	server *httptest.Server
	role   string // whose identity it has

	mu      sync.Mutex
	life    time.Duration
	away    bool
	changes claims
	issued  []string
	refused int
}

func newEndpoint(e *Entra, role string) *Endpoint {
	endpoint := &Endpoint{entra: e, role: role, life: time.Hour, changes: claims{}}
	endpoint.server = httptest.NewServer(http.HandlerFunc(endpoint.serve))
	return endpoint
}

// Settings returns the variables of a container that has the endpoint.
func (e *Endpoint) Settings() map[string]string {
	return map[string]string{
		"RATES_DATABASE_LOGIN": "azure", "AZURE_CLIENT_ID": "client-" + e.role,
		"IDENTITY_ENDPOINT": e.server.URL + "/msi/token", "IDENTITY_HEADER": "header-" + e.role,
	}
}

// Close ends the endpoint.
func (e *Endpoint) Close() { e.server.Close() }

// SetLife sets how long the tokens from now on live.
func (e *Endpoint) SetLife(life time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.life = life
}

// SetAway says whether the endpoint refuses everybody.
func (e *Endpoint) SetAway(away bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = away
}

// Change makes the tokens from now on say something else, for example under "aud".
func (e *Endpoint) Change(claim string, value any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.changes[claim] = value
}

// Refused returns how often the endpoint handed out nothing.
func (e *Endpoint) Refused() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refused
}

// Issued returns the tokens that were handed out.
func (e *Endpoint) Issued() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.issued...)
}

func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	query := r.URL.Query()
	if e.away || r.Header.Get("X-IDENTITY-HEADER") != "header-"+e.role || query.Get("client_id") != "client-"+e.role ||
		query.Get("resource") != Audience || query.Get("api-version") == "" {
		e.refused++
		http.Error(w, `{"statusCode":503,"message":"the endpoint is away"}`, http.StatusServiceUnavailable)
		return
	}
	token, until, err := e.token()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	e.issued = append(e.issued, token)
	_ = json.NewEncoder(w).Encode(map[string]string{ // the asker sees half an answer
		"access_token": token, "expires_on": fmt.Sprint(until.Unix()), "token_type": "Bearer", "resource": Audience,
	})
}

// token returns a token with the changes of the test.
func (e *Endpoint) token() (string, time.Time, error) {
	c, until := right(identities[e.role], e.life)
	maps.Copy(c, e.changes)
	token, err := e.entra.sign(map[string]string{"alg": "RS256", "typ": "JWT"}, c)
	return token, until, err
}
