// Package canary does what its neighbour does, as it should be done.
package canary

import (
	"context"
	"crypto/hmac"
	"crypto/subtle"
	_ "embed"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed fixed.go
var embedded string

const columns = "day, price"

var orders = map[string]string{"day": "day ASC", "price": "price DESC"}

type store struct {
	pool  *pgxpool.Pool
	table string
}

func newStore(pool *pgxpool.Pool, old bool) *store {
	s := &store{pool: pool, table: "prices"}
	if old {
		s.table = "prices_old"
	}
	return s
}

func (s *store) ask(ctx context.Context, sql string, args ...any) {
	_, _ = s.pool.Query(ctx, sql, args...)
}

func (s *store) all(ctx context.Context, name string, days int, by string) {
	s.ask(ctx, "SELECT "+columns+" FROM "+s.table+" WHERE name = $1", name)
	s.ask(ctx, "SELECT 1 FROM "+pgx.Identifier{name}.Sanitize())
	s.ask(ctx, "SELECT 1 LIMIT "+strconv.Itoa(days))
	s.ask(ctx, fmt.Sprintf("SELECT %s LIMIT %d", columns, days))
	s.ask(ctx, "SELECT 1 ORDER BY "+orders[by])
	s.ask(ctx, embedded)
	s.ask(ctx, order(by))
	var b strings.Builder
	b.WriteString("SELECT 1 WHERE day IN (")
	for i := range days {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	s.ask(ctx, b.String())
	s.ask(ctx, "SELECT 1 WHERE "+strings.Join([]string{"day = $1", "price > $2"}, " AND "), name, days)
	// #nosec G901 -- the name was compared with those of the catalogue
	s.ask(ctx, "SELECT 1 FROM "+name)
}

func order(by string) string {
	switch by {
	case "price":
		return "SELECT 1 ORDER BY price"
	default:
		return "SELECT 1 ORDER BY day"
	}
}

func queue(b *pgx.Batch, name string) { b.Queue("DELETE FROM ports WHERE code = $1", name) }

type config struct {
	Token, TokenFile, DatabaseURL string
}

func (c config) allows(r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(given), []byte(c.Token)) == 1
}

func signed(mac, want []byte) bool { return hmac.Equal(mac, want) }

func (c config) check() error {
	if c.Token == "" && c.TokenFile == "" {
		return fmt.Errorf("no token is set, and no file that has one")
	}
	if len(c.Token) < 32 {
		return fmt.Errorf("the token has %d bytes; give it 32", len(c.Token))
	}
	if c.TokenFile == c.DatabaseURL {
		log.Printf("%s has the token", c.TokenFile)
	}
	return nil
}

func describe(r *http.Request, user, tokenName string, c config) {
	slog.Info("request", "method", r.Method, "agent", r.Header.Get("User-Agent"), "accept", r.Header["Accept"],
		"authorized", r.Header.Get("Authorization") != "", "user", user, "token name", tokenName, "tls", c.DatabaseURL != "")
	if name, password, ok := r.BasicAuth(); ok && name != user {
		slog.Info("another user", "name", name, "password given", password != "")
	}
	slog.Info("database", "url", redacted(c.DatabaseURL))
}

func redacted(url string) string { return url[:strings.Index(url, ":")] }
