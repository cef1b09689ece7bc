// Package azure stands in for what a deployment to Azure meets: its Resource Manager
// (ARM), Entra, and the storage of states. The tests rehearse the whole deployment
// against it, with the real Terraform, and run the programs and the database behind its
// documents. docs/deploy.md says what that proves.
package azure

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The hosts of the public cloud, which clients know without being told.
const (
	armHost    = "management.azure.com"
	entraHost  = "login.microsoftonline.com"
	blobSuffix = ".blob.core.windows.net"
	// vaultSuffix is of key vaults, which the provider asks itself.
	vaultSuffix = ".vault.azure.net"
)

// Cloud is a subscription of Azure in memory.
type Cloud struct {
	ctx     context.Context // of the operations
	rules   map[string]rule
	effects map[string]effect
	log     func(line string)

	mu         sync.Mutex
	documents  map[string]document // by key
	operations map[string]*operation
	tokens     map[string]bool
	blobs      map[string]*blob
	evidence   evidence
}

// effect is what a change of a document starts or ends, besides being kept.
type effect struct {
	put    func(ctx context.Context, d document) error
	remove func(d document) error
}

// New returns an empty subscription. Its operations end with ctx, and log gets what a
// person wants to see.
func New(ctx context.Context, log func(line string)) *Cloud {
	return &Cloud{
		ctx: ctx, log: log, rules: newRules(), effects: map[string]effect{}, documents: map[string]document{}, operations: map[string]*operation{},
		tokens: map[string]bool{}, blobs: map[string]*blob{}, evidence: newEvidence(),
	}
}

// Knows reports whether an address, as in HOST:PORT, is one that a deployment may ask.
func (c *Cloud) Knows(address string) bool {
	host, https := strings.CutSuffix(strings.ToLower(address), ":443")
	if https && (host == armHost || host == entraHost || strings.HasSuffix(host, vaultSuffix) || strings.HasSuffix(host, blobSuffix)) {
		return true
	}
	c.fault("asked for %s, which no deployment needs", address)
	return false
}

// ServeHTTP answers for every host that the Cloud knows.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	switch {
	case r.Host == entraHost:
		c.serveToken(w, r)
	case strings.HasSuffix(r.Host, vaultSuffix): // as from outside of its network
		refuse(w, http.StatusForbidden, "Forbidden", "Public network access is disabled.")
	case !c.knowsToken(r.Header.Get("Authorization")):
		c.fault("%s %s came without a token", r.Method, r.URL.Path)
		refuse(w, http.StatusUnauthorized, "AuthenticationFailed", "There is no valid token.")
	case strings.HasSuffix(r.Host, blobSuffix):
		c.serveBlob(w, r, body)
	case strings.HasPrefix(r.URL.Path, operationsPath):
		c.serveOperation(w, r)
	default:
		c.serveARM(w, r, body)
	}
}

// serveToken answers a workflow that signs in with its own token.
func (c *Cloud) serveToken(w http.ResponseWriter, r *http.Request) {
	tenant, ok := strings.CutSuffix(strings.Trim(r.URL.Path, "/"), "/oauth2/v2.0/token")
	if !ok {
		c.fault("asked Entra for %s", r.URL.Path)
		refuse(w, http.StatusNotFound, "NotFound", "There is nothing here.")
		return
	}
	token := unsigned(map[string]any{"tid": tenant, "oid": uuid("administrator"), "appid": uuid("client"), "jti": rand.Text()})
	c.mu.Lock()
	c.tokens[token] = true
	c.mu.Unlock()
	reply(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": int(time.Hour / time.Second), "access_token": token})
}

func (c *Cloud) knowsToken(header string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tokens[strings.TrimPrefix(header, "Bearer ")]
}

// Documents returns the ids of what exists, sorted.
func (c *Cloud) Documents() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.documents))
}

// get returns a copy of a document, nil if there is none.
func (c *Cloud) get(id string) document {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.documents[strings.ToLower(id)]; d != nil {
		return d.clone()
	}
	return nil
}

// each calls f for all documents of a kind until it returns true. The lock is held.
func (c *Cloud) each(kind string, f func(document) bool) {
	for _, key := range slices.Sorted(maps.Keys(c.documents)) {
		if parse(key).kind == kind && f(c.documents[key]) {
			return
		}
	}
}

func reply(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it came from JSON
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client sees half an answer
}

// refuse answers as ARM does.
func refuse(w http.ResponseWriter, status int, code, format string, args ...any) {
	reply(w, status, failure(code, fmt.Sprintf(format, args...)))
}

func failure(code, message string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": message}}
}
