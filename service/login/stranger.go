package login

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// setToken makes a token the password of a connection. The server reads it in
// clear, so it is only for servers that are known.
func setToken(ctx context.Context, conn *pgx.ConnConfig, get func(context.Context) (string, error)) error {
	if conn.Password != "" {
		return SettingsError("there is a password besides the token; remove it from the connection string, PGPASSWORD, " +
			"the service file and the passfile")
	}
	if err := checkServers(ctx, conn); err != nil {
		return err
	}
	secret, err := get(ctx)
	if err != nil {
		return err
	}
	conn.Password = secret
	return nil
}

// checkServers returns an error unless TLS verifies the name of every server that
// the connection may be made to, or it is on this machine.
func checkServers(ctx context.Context, conn *pgx.ConnConfig) error {
	first := &pgconn.FallbackConfig{Host: conn.Host, Port: conn.Port, TLSConfig: conn.TLSConfig}
	for _, server := range append([]*pgconn.FallbackConfig{first}, conn.Fallbacks...) {
		tls := server.TLSConfig
		if tls != nil && !tls.InsecureSkipVerify && tls.ServerName != "" {
			continue
		}
		if !isHere(ctx, server.Host, conn.LookupFunc) {
			return SettingsError(fmt.Sprintf("a token is not sent to %s, whose name TLS does not verify; use sslmode=verify-full", server.Host))
		}
	}
	return nil
}

// isHere reports whether a host is a socket or an address of the loopback
// interface, also when hostaddr says where it is.
func isHere(ctx context.Context, host string, lookup pgconn.LookupFunc) bool {
	if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
		return true
	}
	if !isLoopback(host) {
		return false
	}
	addresses, err := lookup(ctx, host)
	for _, address := range addresses {
		ip := net.ParseIP(address)
		if ip == nil || !ip.IsLoopback() {
			return false
		}
	}
	return err == nil && len(addresses) > 0
}

// isLoopback reports whether a host is named like one of the loopback interface.
func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
