package postgres

import (
	"crypto/tls"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// With load_balance_hosts=random each connection begins with another host, and a host
// that can do TLS is not tried without it first. Otherwise they are in the order written.
func TestOrderOfHosts(t *testing.T) {
	withoutVariables(t)
	for parameters, orders := range map[string][]string{
		"":                           {"a+ a b+ b c+ c"},
		"load_balance_hosts=disable": {"a+ a b+ b c+ c"},
		"load_balance_hosts=random": {
			"a+ a b+ b c+ c", "a+ a c+ c b+ b", "b+ b a+ a c+ c", "b+ b c+ c a+ a", "c+ c a+ a b+ b", "c+ c b+ b a+ a",
		},
		"load_balance_hosts=random&sslmode=allow":       {"a a+ b b+ c c+", "a a+ c c+ b b+", "b b+ a a+ c c+", "b b+ c c+ a a+", "c c+ a a+ b b+", "c c+ b b+ a a+"},
		"load_balance_hosts=random&sslmode=verify-full": {"a+ b+ c+", "a+ c+ b+", "b+ a+ c+", "b+ c+ a+", "c+ a+ b+", "c+ b+ a+"},
	} {
		got, err := parse("postgres://a,b,c/rates?"+parameters, login.Source{})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for range 60 * len(orders) { // one of them is missed once in 10^23 runs
			cfg := got.pool.ConnConfig.Copy()
			if err := got.prepare(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			var order []string
			for _, host := range hosts(cfg) {
				name := host.Host
				if host.TLSConfig != nil {
					name += "+"
				}
				order = append(order, name)
			}
			found[strings.Join(order, " ")] = true
		}
		if diff := cmp.Diff(orders, slices.Sorted(maps.Keys(found))); diff != "" {
			t.Errorf("%s: orders (-want +got):\n%s", parameters, diff)
		}
	}
}

// The addresses of one host are spread too, such as those of a name that stands for all
// standbys.
func TestOrderOfAddresses(t *testing.T) {
	withoutVariables(t)
	got, err := parse("postgres://db,db/rates?load_balance_hosts=random&hostaddr=192.0.2.1,192.0.2.2", login.Source{})
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]bool{}
	for range 100 {
		addresses, err := got.pool.ConnConfig.LookupFunc(t.Context(), "db")
		if err != nil || len(addresses) != 2 || addresses[0] == addresses[1] {
			t.Fatalf("addresses %q, %v", addresses, err)
		}
		first[addresses[0]] = true
	}
	if len(first) != 2 {
		t.Errorf("all connections begin with %v", slices.Collect(maps.Keys(first)))
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
