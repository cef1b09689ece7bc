package login_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/rates/service/login"
)

var discard = slog.New(slog.DiscardHandler)

func getenv(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// managed are the variables of a container app whose identity endpoint is at url.
func managed(url string) map[string]string {
	return map[string]string{"AZURE_CLIENT_ID": "the-client", "IDENTITY_ENDPOINT": url, "IDENTITY_HEADER": "the-header"}
}

// localURL is a database on this machine, for which a token needs no TLS.
const localURL = "postgres://rates_service@127.0.0.1/rates?sslmode=disable"

// password asks a source for the password of a connection.
func password(ctx context.Context, t testing.TB, source login.Source, url string) (string, error) {
	t.Helper()
	conn := parse(t, url)
	err := source.Set(ctx, conn)
	return conn.Password, err
}

func azure(t testing.TB, values map[string]string) login.Source {
	t.Helper()
	withoutVariables(t)
	source, err := login.Azure(getenv(values), discard)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// A container app asks its endpoint for a token of its own identity, without a
// proxy.
func TestManagedIdentity(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := r.Method + " " + r.URL.Query().Encode() + " " + r.Header.Get("X-IDENTITY-HEADER")
		const want = "GET api-version=2019-08-01&client_id=the-client&resource=https%3A%2F%2Fossrdbms-aad.database.windows.net&x=y the-header"
		if got != want {
			t.Errorf("the request is\n%s, want\n%s", got, want)
		}
		fmt.Fprintf(w, `{"access_token":"a.b.c","expires_on":"%d","resource":"r","token_type":"Bearer"}`, time.Now().Add(time.Hour).Unix())
	}))
	defer endpoint.Close()
	got, err := password(t.Context(), t, azure(t, managed(endpoint.URL+"/msi/token?x=y")), localURL)
	if err != nil || got != "a.b.c" {
		t.Errorf("the password is %q, %v", got, err)
	}
}

// A pod exchanges the token of its service account, which is read each time.
func TestWorkloadIdentity(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want, _ := os.ReadFile(file) // an error is an assertion that differs
		if r.URL.Path != "/the-tenant/oauth2/v2.0/token" || r.PostFormValue("client_assertion") != strings.TrimSpace(string(want)) ||
			r.PostFormValue("scope") != "https://ossrdbms-aad.database.windows.net/.default" || r.PostFormValue("client_id") != "the-client" ||
			r.PostFormValue("grant_type") != "client_credentials" ||
			r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
			t.Errorf("the request is %s %v", r.URL, r.PostForm)
		}
		fmt.Fprintf(w, `{"access_token":"for.%s","expires_in":1}`, r.PostFormValue("client_assertion"))
	}))
	defer endpoint.Close()
	values := map[string]string{
		"AZURE_CLIENT_ID": "the-client", "AZURE_TENANT_ID": "the-tenant", "AZURE_AUTHORITY_HOST": endpoint.URL + "/",
		"AZURE_FEDERATED_TOKEN_FILE": file,
	}
	for _, assertion := range []string{"one", "two"} {
		write(t, file, assertion+"\n")
		if got, err := password(t.Context(), t, azure(t, values), localURL); err != nil || got != "for."+assertion {
			t.Errorf("the password is %q, %v", got, err)
		}
	}
	_ = os.Remove(file) // it was just written
	if _, err := password(t.Context(), t, azure(t, values), localURL); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without the file: %v", err)
	}
}

// Each variable that is missing or wrong is named.
func TestAzureSettings(t *testing.T) {
	pod := map[string]string{"AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t", "AZURE_FEDERATED_TOKEN_FILE": "f"}
	for _, c := range []struct {
		base          map[string]string
		name, value   string
		want          string
		isFineWithout bool
	}{
		{base: managed("http://localhost:1/"), name: "AZURE_CLIENT_ID", want: "AZURE_CLIENT_ID"},
		{base: managed("http://localhost:1/"), name: "IDENTITY_HEADER", want: "IDENTITY_HEADER"},
		{base: managed("http://localhost:1/"), name: "IDENTITY_ENDPOINT", want: "IDENTITY_ENDPOINT, which Container Apps sets"},
		{base: managed("http://localhost:1/"), name: "IDENTITY_ENDPOINT", value: "localhost:1/msi", want: `IDENTITY_ENDPOINT is "localhost:1/msi"`},
		{base: managed("http://localhost:1/"), name: "IDENTITY_ENDPOINT", value: "ftp://h/", want: "IDENTITY_ENDPOINT"},
		{base: pod, name: "AZURE_TENANT_ID", want: "AZURE_TENANT_ID"},
		{base: pod, name: "AZURE_AUTHORITY_HOST", value: "http://login.example.com/", want: "AZURE_AUTHORITY_HOST"},
		{base: pod, name: "AZURE_AUTHORITY_HOST"},
	} {
		values := maps.Clone(c.base)
		values[c.name] = c.value
		_, err := login.Azure(getenv(values), discard)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%q: %v, want %q", c.name, c.value, err, c.want)
		}
		if _, ok := errors.AsType[login.SettingsError](err); ok != (c.want != "") {
			t.Errorf("%s=%q: %T", c.name, c.value, err)
		}
	}
}

// What an endpoint says is told, but never a part of a token.
func TestEndpointAnswers(t *testing.T) {
	const secret = "eyJ.secret.sig"
	later := time.Now().Add(time.Hour).Unix()
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{200, fmt.Sprintf(`{"access_token":%q,"expires_on":%d}`, secret, later), ""},
		{200, fmt.Sprintf(`{"access_token":%q,"expires_on":null,"expires_in":"3600"}`, secret), ""},
		{200, fmt.Sprintf(`{"access_token":%q}`, secret), "neither expires_on nor expires_in"},
		{200, fmt.Sprintf(`{"access_token":%q,"expires_on":"1"}`, secret), "ended at 1970-01-01T00:00:01Z; check the clock"},
		{200, fmt.Sprintf(`{"access_token":%q,"expires_on":"tomorrow"}`, secret), "not the JSON of a token"},
		{200, fmt.Sprintf(`{"access_token":%q,"expires_in":99999999999999}`, secret), "not the JSON of a token"},
		{200, fmt.Sprintf(`{"access_token":%q,"expires_on":"%d`, secret, later), "not the JSON of a token"},
		{200, `{"access_token":"eyJ.secret.sig\u0000x","expires_in":60}`, "characters that no token has"},
		{200, `{"expires_in":60}`, "no access_token"},
		{200, `<html>`, "not the JSON of a token"},
		{302, "", "answers 302"},
		{400, `{"error":"invalid_request","error_description":"Identity not found"}`, `answers 400: "Identity not found"`},
		{400, `{"statusCode":400,"message":"No User Assigned Identity"}`, `answers 400: "No User Assigned Identity"`},
		{429, `{"error":"slow_down"}`, `answers 429: "slow_down"`},
		{500, `{"error":{"code":"x"}}`, "answers 500"},
		{503, `upstream ` + secret, "answers 503"},
	} {
		endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://"+r.Host+"/elsewhere")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body)) // an error shows as another answer
		}))
		got, err := password(t.Context(), t, azure(t, managed(endpoint.URL)), localURL)
		endpoint.Close()
		switch {
		case c.want == "":
			if err != nil || got != secret {
				t.Errorf("%d %s: %q, %v", c.status, c.body, got, err)
			}
		case err == nil || !strings.Contains(err.Error(), c.want):
			t.Errorf("%d %s: %v, want %q", c.status, c.body, err, c.want)
		case strings.Contains(err.Error(), "secret"):
			t.Errorf("%d %s: a part of the token is in %v", c.status, c.body, err)
		}
	}
}

// A token is only for a server whose name TLS verifies, or on this machine.
func TestTokenIsNotForStrangers(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"access_token":"t","expires_in":60}`)
	}))
	defer endpoint.Close()
	source := azure(t, managed(endpoint.URL))
	for url, safe := range map[string]bool{
		"postgres://a@db.example.com/d?sslmode=verify-full":                            true,
		"postgres://a@db.example.com,other.example.com/d?sslmode=verify-full":          true,
		"postgres://a@10.0.0.1/d?sslmode=verify-full":                                  true,
		"postgres://a@db.example.com/d?sslmode=verify-ca":                              false,
		"postgres://a@db.example.com/d?sslmode=require":                                false,
		"postgres://a@db.example.com/d?sslmode=prefer":                                 false,
		"postgres://a@db.example.com/d?sslmode=allow":                                  false,
		"postgres://a@db.example.com/d":                                                false,
		"postgres://a@db.example.com/d?sslmode=disable":                                false,
		"postgres://a@10.0.0.1/d?sslmode=disable":                                      false,
		"postgres://a@localhost.example.com/d?sslmode=disable":                         false,
		"postgres://a@localhost,db.example.com/d?sslmode=disable":                      false,
		"postgres://a@localhost/d?sslmode=disable":                                     true,
		"postgres://a@127.0.0.1/d":                                                     true,
		"postgres://a@127.9.9.9/d?sslmode=disable":                                     true,
		"postgres://a@[::1]/d?sslmode=require":                                         true,
		"host=/var/run/postgresql user=a dbname=d":                                     true,
		"postgres://a@db.example.com:5432/d?sslmode=verify-full&sslnegotiation=direct": true,
	} {
		got, err := password(t.Context(), t, source, url)
		_, refused := errors.AsType[login.SettingsError](err)
		if safe != (err == nil) || safe == refused || safe != (got == "t") {
			t.Errorf("%s: the token is sent: %t, %v", url, got == "t", err)
		}
	}
	// hostaddr says that localhost is elsewhere.
	conn := parse(t, "postgres://a@localhost/d?sslmode=disable")
	conn.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1", "10.0.0.1"}, nil }
	if err := source.Set(t.Context(), conn); err == nil {
		t.Error("a token was sent to another address of localhost")
	}
}

// A password besides the token is refused, wherever it is.
func TestPasswordBesidesTheToken(t *testing.T) {
	source := azure(t, managed("http://127.0.0.1:1"))
	passfile := filepath.Join(t.TempDir(), "passfile")
	write(t, passfile, "*:*:*:*:hunter2\n")
	for url, variable := range map[string]string{
		"postgres://a:hunter2@127.0.0.1/d":                "",
		"postgres://a@127.0.0.1/d?passfile=" + passfile:   "",
		"postgres://a@127.0.0.1/d?application_name=other": "hunter2",
	} {
		t.Setenv("PGPASSWORD", variable)
		_, err := password(t.Context(), t, source, url)
		if _, ok := errors.AsType[login.SettingsError](err); !ok || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
