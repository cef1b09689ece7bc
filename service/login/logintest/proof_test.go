package logintest

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/embedded"
	"example.com/rates/internal/testkit"
)

func TestMain(m *testing.M) {
	embedded.Isolate()
	os.Exit(m.Run())
}

func startServer(t *testing.T) *Server {
	t.Helper()
	s, err := Start(t.Context())
	switch {
	case errors.Is(err, ErrNoLDAP) && os.Getenv(RequireVariable) != "1", err != nil && os.Getenv(dbtest.RequireVariable) != "1":
		t.Skip("SKIPPED: ", err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The server accepts a token only if everything about it is right: what the
// scenarios of logins prove is proved against this.
func TestServerVerifiesTokens(t *testing.T) {
	s := startServer(t)
	now := time.Now()
	rightHeader := map[string]string{"alg": "RS256"}
	right := claims{"iss": issuer, "aud": Audience, "oid": "oid-service", "exp": now.Add(time.Hour).Unix(), "nbf": now.Unix() - 1}
	with := func(claim string, value any) claims {
		c := maps.Clone(right)
		c[claim] = value
		return c
	}
	sign := func(header map[string]string, c claims) string {
		token, err := s.entra.sign(header, c)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := sign(rightHeader, right)
	tokens := map[string]string{
		"right":            good,
		"right, and long":  sign(rightHeader, with("groups", strings.Repeat("g", 40_000))),
		"expired":          sign(rightHeader, with("exp", now.Unix()-1)),
		"not yet valid":    sign(rightHeader, with("nbf", now.Unix()+60)),
		"wrong audience":   sign(rightHeader, with("aud", "https://vault.azure.net")),
		"wrong issuer":     sign(rightHeader, with("iss", "https://sts.windows.net/other/")),
		"another identity": sign(rightHeader, with("oid", "oid-migrate")),
		"no identity":      sign(rightHeader, with("oid", "")),
		"wrong algorithm":  sign(map[string]string{"alg": "none"}, right),
		"wrong signature":  good[:len(good)-8] + "AAAAAAAA",
		"unsigned":         good[:strings.LastIndex(good, ".")+1],
		"a word":           "hunter2",
		"nothing":          "",
	}
	// The server reads its file again a moment after it was told to.
	testkit.Eventually(t, "the server asks for tokens", func() bool { return logIn(t, s, "hunter2") != nil })
	for name, token := range tokens {
		if err := logIn(t, s, token); (err == nil) != strings.HasPrefix(name, "right") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func logIn(t *testing.T, s *Server, token string) error {
	t.Helper()
	cfg, err := pgx.ParseConfig(s.As("rates_service"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Password = token
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		return err
	}
	return conn.Close(t.Context())
}
