package postgres

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/rates/service/login"
)

// hostaddr says where to connect; the name of the host stays what TLS verifies.
func TestHostaddr(t *testing.T) {
	withoutVariables(t)
	for url, want := range map[string]string{
		"postgres://db/rates?hostaddr=192.0.2.1":                              "db:5432 at 192.0.2.1 as db",
		"postgres://db/rates?hostaddr=192.0.2.1&sslmode=verify-full":          "db:5432 at 192.0.2.1 as db",
		"host=db hostaddr=192.0.2.1 dbname=rates":                             "db:5432 at 192.0.2.1 as db",
		"hostaddr=192.0.2.1 port=7 dbname=rates sslmode=require":              "192.0.2.1:7 at 192.0.2.1 as ",
		"postgres:///rates?hostaddr=2001:db8::1&sslmode=verify-full":          "2001:db8::1:5432 at 2001:db8::1 as 2001:db8::1",
		"postgres://rates:a?b@/rates?sslmode=require&hostaddr=192.0.2.1":      "192.0.2.1:5432 at 192.0.2.1 as ",
		"postgres://a,b/rates?hostaddr=192.0.2.1,192.0.2.2":                   "a:5432 at 192.0.2.1 as a, b:5432 at 192.0.2.2 as b",
		"postgres://db,db/rates?hostaddr=192.0.2.1,192.0.2.2&sslmode=require": "db:5432 at 192.0.2.1 192.0.2.2 as db, db:5432 at 192.0.2.1 192.0.2.2 as db",
		"host=/run hostaddr=192.0.2.1 sslmode=require":                        "192.0.2.1:5432 at 192.0.2.1 as ",
	} {
		got, err := parse(url, login.Source{})
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		var places []string
		for _, host := range hosts(got.pool.ConnConfig) {
			if host.TLSConfig == nil {
				continue // the same again without TLS
			}
			addresses, err := got.pool.ConnConfig.LookupFunc(t.Context(), host.Host)
			if err != nil {
				t.Error(err)
			}
			places = append(places, fmt.Sprintf("%s:%d at %s as %s", host.Host, host.Port, strings.Join(addresses, " "), host.TLSConfig.ServerName))
		}
		if found := strings.Join(places, ", "); found != want {
			t.Errorf("%s\nconnects to %s\nwant        %s", url, found, want)
		}
	}
}

// The versions of TLS and the time to connect are those of the string.
func TestLimits(t *testing.T) {
	withoutVariables(t)
	for parameters, want := range map[string]struct {
		low, high uint16
		timeout   time.Duration
	}{
		"":                                 {tls.VersionTLS12, 0, connectTimeout},
		"connect_timeout=0":                {tls.VersionTLS12, 0, connectTimeout},
		"connect_timeout=10":               {tls.VersionTLS12, 0, 10 * time.Second},
		"ssl_min_protocol_version=TLSv1":   {tls.VersionTLS12, 0, connectTimeout},
		"ssl_min_protocol_version=TLSv1.3": {tls.VersionTLS13, 0, connectTimeout},
		"ssl_max_protocol_version=tlsv1.2": {tls.VersionTLS12, tls.VersionTLS12, connectTimeout},
	} {
		got, err := parse("postgres://a,b/rates?"+parameters, login.Source{})
		if err != nil {
			t.Errorf("%s: %v", parameters, err)
			continue
		}
		conn := got.pool.ConnConfig
		if conn.ConnectTimeout != want.timeout {
			t.Errorf("%s: the time to connect is %v, want %v", parameters, conn.ConnectTimeout, want.timeout)
		}
		for _, host := range hosts(conn) {
			if c := host.TLSConfig; c != nil && (c.MinVersion != want.low || c.MaxVersion != want.high) {
				t.Errorf("%s: %s is spoken to with TLS %x to %x, want %x to %x", parameters, host.Host, c.MinVersion, c.MaxVersion, want.low, want.high)
			}
		}
	}
}
