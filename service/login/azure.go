package login

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// azureDatabase is the resource that Azure's databases for PostgreSQL are to Entra.
const azureDatabase = "https://ossrdbms-aad.database.windows.net"

// Azure returns a source of tokens of Entra: for the managed identity of a container
// app, or the workload identity of a pod in Kubernetes. getenv returns the variables
// that Azure sets there, and AZURE_CLIENT_ID, which names the identity.
func Azure(getenv func(string) string, log *slog.Logger) (Source, error) {
	request, err := azureRequest(getenv)
	if err != nil {
		return Source{}, err
	}
	client := newClient()
	tokens := newTokens(log, func(ctx context.Context) (*token, error) {
		r, err := request(ctx)
		if err != nil {
			return nil, err
		}
		return fetch(client, r)
	})
	return Source{
		Name:   "azure",
		Remedy: "check that AZURE_CLIENT_ID is the identity that the role was made for",
		Set: func(ctx context.Context, conn *pgx.ConnConfig) error {
			return setToken(ctx, conn, tokens.get)
		},
	}, nil
}

// azureRequest returns what makes the request for a token.
func azureRequest(getenv func(string) string) (func(context.Context) (*http.Request, error), error) {
	clientID := getenv("AZURE_CLIENT_ID")
	endpoint, assertion := getenv("IDENTITY_ENDPOINT"), getenv("AZURE_FEDERATED_TOKEN_FILE")
	switch {
	case clientID == "":
		return nil, SettingsError("the source azure needs AZURE_CLIENT_ID, the client id of the identity to log in as")
	case endpoint != "":
		return managedIdentity(endpoint, getenv("IDENTITY_HEADER"), clientID)
	case assertion != "":
		return workloadIdentity(getenv("AZURE_AUTHORITY_HOST"), getenv("AZURE_TENANT_ID"), clientID, assertion)
	default:
		return nil, SettingsError("the source azure needs IDENTITY_ENDPOINT, which Container Apps sets for an app with an identity, " +
			"or AZURE_FEDERATED_TOKEN_FILE, which Kubernetes sets with workload identity")
	}
}

// managedIdentity asks the endpoint of Container Apps, which only this container
// reaches.
func managedIdentity(endpoint, header, clientID string) (func(context.Context) (*http.Request, error), error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, SettingsError(fmt.Sprintf("IDENTITY_ENDPOINT is %q; expected a URL", endpoint))
	}
	if header == "" {
		return nil, SettingsError("IDENTITY_ENDPOINT is set and IDENTITY_HEADER is not; Container Apps sets both")
	}
	query := u.Query()
	query.Set("api-version", "2019-08-01")
	query.Set("resource", azureDatabase)
	query.Set("client_id", clientID)
	u.RawQuery = query.Encode()
	return func(ctx context.Context) (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, fmt.Errorf("make the request for a token: %w", err)
		}
		r.Header.Set("X-IDENTITY-HEADER", header)
		return r, nil
	}, nil
}

// workloadIdentity exchanges the token of a Kubernetes service account, which is
// replaced in its file from time to time.
func workloadIdentity(authority, tenant, clientID, file string) (func(context.Context) (*http.Request, error), error) {
	if authority == "" {
		authority = "https://login.microsoftonline.com/"
	}
	u, err := url.Parse(authority)
	if err != nil || u.Host == "" || u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return nil, SettingsError(fmt.Sprintf("AZURE_AUTHORITY_HOST is %q; expected a URL that begins with https://", authority))
	}
	if tenant == "" {
		return nil, SettingsError("AZURE_FEDERATED_TOKEN_FILE is set and AZURE_TENANT_ID is not; Kubernetes sets both")
	}
	address := u.JoinPath(url.PathEscape(tenant), "oauth2/v2.0/token").String()
	return func(ctx context.Context) (*http.Request, error) {
		assertion, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return nil, fmt.Errorf("read AZURE_FEDERATED_TOKEN_FILE: %w", err)
		}
		form := url.Values{
			"client_id":             {clientID},
			"scope":                 {azureDatabase + "/.default"},
			"grant_type":            {"client_credentials"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"client_assertion":      {strings.TrimSpace(string(assertion))},
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return nil, fmt.Errorf("make the request for a token: %w", err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r, nil
	}, nil
}
