package postgres

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	neturl "net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// honour does what the parameters of libpq ask for that pgx does not know.
func (p *parameters) honour() error {
	p.nameApplication()
	for _, honour := range []func() error{p.setAddresses, p.setOrder, p.setKeepAlive, p.limitTLS} {
		if err := honour(); err != nil {
			return err
		}
	}
	return nil
}

// take returns a parameter and keeps it from the server.
func (p *parameters) take(name string) string {
	value := p.conn.RuntimeParams[name]
	delete(p.conn.RuntimeParams, name)
	return value
}

func (p *parameters) nameApplication() {
	if name := p.take("fallback_application_name"); name != "" && p.conn.RuntimeParams["application_name"] == "" {
		p.conn.RuntimeParams["application_name"] = name
	}
}

// setAddresses connects to hostaddr instead of what a host's name resolves to.
// The name stays the one that TLS verifies.
func (p *parameters) setAddresses() error {
	list := p.take("hostaddr")
	if list == "" {
		return nil
	}
	addresses := strings.Split(list, ",")
	for _, address := range addresses {
		if address != "" && net.ParseIP(address) == nil {
			return badParameter("hostaddr", "it must be numeric addresses, one for each host")
		}
	}
	// Each host is there once, or twice: with TLS and without.
	hosts := hosts(p.conn)
	if len(hosts)%len(addresses) != 0 {
		return badParameter("hostaddr", "it must be numeric addresses, one for each host")
	}
	known := map[string][]string{}
	for i, address := range addresses {
		if host := hosts[i*len(hosts)/len(addresses)].Host; address != "" {
			known[host] = append(known[host], address)
		}
	}
	resolve := p.conn.LookupFunc
	p.conn.LookupFunc = func(ctx context.Context, host string) ([]string, error) {
		if addresses := known[host]; addresses != nil {
			return addresses, nil
		}
		return resolve(ctx, host)
	}
	return nil
}

// setOrder spreads connections over the hosts, and over the addresses of each.
func (p *parameters) setOrder() error {
	const name = "load_balance_hosts"
	switch p.take(name) {
	case "", "disable":
		return nil
	case "random":
	default:
		return badParameter(name, "it must be disable or random")
	}
	p.random = true
	resolve := p.conn.LookupFunc
	p.conn.LookupFunc = func(ctx context.Context, host string) ([]string, error) {
		found, err := resolve(ctx, host)
		addresses := slices.Clone(found)
		rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] }) // #nosec G404 -- it spreads connections, and is no secret
		return addresses, err
	}
	return nil
}

// shuffle puts the hosts in another order. A host stays together with itself, with TLS
// and without, or one that can do TLS would be spoken to without.
func shuffle(conn *pgx.ConnConfig) {
	var each [][]*pgconn.FallbackConfig
	for _, host := range hosts(conn) {
		if last := len(each) - 1; last >= 0 && each[last][0].Host == host.Host && each[last][0].Port == host.Port {
			each[last] = append(each[last], host)
			continue
		}
		each = append(each, []*pgconn.FallbackConfig{host})
	}
	rand.Shuffle(len(each), func(i, j int) { each[i], each[j] = each[j], each[i] }) // #nosec G404 -- it spreads connections, and is no secret
	all := slices.Concat(each...)
	conn.Host, conn.Port, conn.TLSConfig, conn.Fallbacks = all[0].Host, all[0].Port, all[0].TLSConfig, all[1:]
}

// parseConn is pgx.ParseConfig for a string that may have hostaddr and no host:
// then the addresses are the hosts, rather than the folder of sockets for which
// pgx sets up no TLS.
func parseConn(url string) (*pgx.ConnConfig, error) {
	conn, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, parseError(err)
	}
	list := conn.RuntimeParams["hostaddr"]
	named := !strings.HasPrefix(conn.Host, "/") && (conn.Host != "localhost" || strings.Contains(url, "localhost"))
	if list == "" || named {
		return conn, nil
	}
	if conn, err = pgx.ParseConfig(withHost(url, list)); err != nil {
		return nil, parseError(err)
	}
	return conn, nil
}

// withHost returns the connection string with another host.
func withHost(url, host string) string {
	prefix := scheme.FindString(url)
	if prefix == "" {
		return url + " host='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(host) + "'"
	}
	rest := url[len(prefix):]
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		rest = rest[i:]
	}
	separator := "?"
	if strings.Contains(rest, "?") {
		separator = "&"
	}
	return url + separator + "host=" + neturl.QueryEscape(host)
}

// setKeepAlive sets how TCP notices that the server's machine has gone.
func (p *parameters) setKeepAlive() error {
	numbers := map[string]int{}
	for _, name := range []string{"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"} {
		value := p.take(name)
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return badParameter(name, "it must be a whole number")
		}
		numbers[name] = n
	}
	if len(numbers) == 0 {
		return nil
	}
	dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable:   true,
		Idle:     time.Duration(numbers["keepalives_idle"]) * time.Second,
		Interval: time.Duration(numbers["keepalives_interval"]) * time.Second,
		Count:    numbers["keepalives_count"],
	}}
	if on, given := numbers["keepalives"]; given && on == 0 {
		dialer = &net.Dialer{KeepAlive: -1}
	}
	p.conn.DialFunc = dialer.DialContext
	return nil
}

var versionsOfTLS = map[string]uint16{
	"": 0, "tlsv1": tls.VersionTLS10, "tlsv1.1": tls.VersionTLS11, "tlsv1.2": tls.VersionTLS12, "tlsv1.3": tls.VersionTLS13,
}

// limitTLS sets the versions of TLS that are accepted. Those that Go refuses stay
// refused.
func (p *parameters) limitTLS() error {
	const lowest, highest = "ssl_min_protocol_version", "ssl_max_protocol_version"
	low, knowsLow := versionsOfTLS[strings.ToLower(p.take(lowest))]
	high, knowsHigh := versionsOfTLS[strings.ToLower(p.take(highest))]
	switch {
	case !knowsLow:
		return badParameter(lowest, "it must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3")
	case !knowsHigh:
		return badParameter(highest, "it must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3")
	}
	low = max(low, tls.VersionTLS12)
	if high != 0 && high < low {
		return badParameter(highest, "it must be TLSv1.2 or later, and not before "+lowest)
	}
	for _, host := range hosts(p.conn) {
		if host.TLSConfig != nil {
			host.TLSConfig.MinVersion, host.TLSConfig.MaxVersion = low, high
		}
	}
	return nil
}

// hosts returns all that a connection may be made to, in order.
func hosts(conn *pgx.ConnConfig) []*pgconn.FallbackConfig {
	first := &pgconn.FallbackConfig{Host: conn.Host, Port: conn.Port, TLSConfig: conn.TLSConfig}
	return append([]*pgconn.FallbackConfig{first}, conn.Fallbacks...)
}
