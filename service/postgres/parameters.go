package postgres

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrURL says that the connection string is malformed. It does not repeat the
// string, which may contain a password.
var ErrURL = errors.New("not a PostgreSQL connection string; " +
	"expected for example postgres://user@host:5432/database?sslmode=verify-full")

// urlError is an ErrURL that says more.
type urlError string

func (e urlError) Error() string { return string(e) }

// Is reports that e is a kind of ErrURL.
func (urlError) Is(target error) bool { return target == ErrURL }

// badParameter is the error for a parameter, which it names without its value.
func badParameter(name, remedy string) error {
	return urlError(fmt.Sprintf("the connection string has the parameter %s: %s", name, remedy))
}

var scheme = regexp.MustCompile(`^(?i:jdbc:|odbc:)?[A-Za-z][A-Za-z0-9.+-]*://`)

// checkScheme refuses URLs of other drivers and databases.
func checkScheme(url string) error {
	switch found := scheme.FindString(url); {
	case found == "" && strings.Contains(url, "://") && strings.Contains(url, "postgres"):
		return urlError("the connection string has something before postgres://, such as a quote or a name; begin it with postgres://")
	case found == "", found == "postgres://", found == "postgresql://":
		return nil
	case strings.Contains(strings.ToLower(found), "postgres"):
		return urlError("the connection string begins with " + found +
			", which is for another driver; begin it with postgres:// and keep to the parameters of libpq")
	default:
		return urlError("the connection string begins with " + found + ", which is not PostgreSQL; it must begin with postgres://")
	}
}

// parseErrors says in words of ours what pgx reports, because its own errors
// repeat the string. The first whose part is in the error counts: short parts, which a
// path in the error may hold too, come last.
var parseErrors = []struct{ part, meaning string }{
	{"read service", "the service that it names cannot be read; check the service file, PGSERVICEFILE"},
	{"target_session_attrs", "target_session_attrs must be any, read-write, read-only, primary, standby or prefer-standby"},
	{"sslmode is invalid", "sslmode must be disable, allow, prefer, require, verify-ca or verify-full"},
	{"sslcertmode", "sslcertmode must be disable, allow or require"},
	{"connect_timeout", "connect_timeout must be a number of seconds"},
	{"channel_binding", "channel_binding must be disable, prefer or require"},
	{"require_auth", "require_auth must be a list of methods of authentication"},
	{"_protocol_version", "min_protocol_version and max_protocol_version must be 3.0, 3.2 or latest, in this order"},
	{"sslkey", "sslcert and sslkey must both name files that can be read, in PEM format"},
	{"cert:", "sslcert must name a certificate that can be read, in PEM format"},
	{"cannot parse pool_", "the parameters that begin with pool_ must be numbers or durations, for example 30m"},
	{"default_query_exec_mode", "default_query_exec_mode is not one of pgx's"},
	{"CA", "sslrootcert must name a file of certificates that can be read, in PEM format"},
	{"port", "a port must be a number from 1 to 65535, with one for all hosts or one for each"},
}

// parseError turns an error of pgx into an ErrURL.
func parseError(err error) error {
	message := err.Error()
	message = message[strings.LastIndex(message, "`: ")+1:] // what follows the string
	for _, known := range parseErrors {
		if strings.Contains(message, known.part) {
			return urlError("the connection string is malformed: " + known.meaning)
		}
	}
	return ErrURL
}

// parameters decides about each parameter of a connection string: pgx sends those
// it does not know to the server, which knows fewer than libpq.
type parameters struct {
	conn    *pgx.ConnConfig // whose RuntimeParams are what is sent
	ignored map[string]bool
	random  bool // each connection tries the hosts in another order
}

// insecureToDrop are parameters of libpq that this program cannot honour, and
// that somebody who set them relies on.
var insecureToDrop = map[string]string{
	"sslcrl":           "certificate revocation lists are not supported; remove it",
	"sslcrldir":        "certificate revocation lists are not supported; remove it",
	"requirepeer":      "the owner of the server's process is not checked; use TLS with sslmode=verify-full",
	"scram_client_key": "logging in with it is not supported; use a password",
	"scram_server_key": "logging in with it is not supported; use a password",
}

// withoutEffect are parameters of libpq that change nothing that anybody relies
// on for safety.
var withoutEffect = []string{
	"authtype", "gssdelegation", "gsslib", "oauth_client_id", "oauth_client_secret", "oauth_issuer", "oauth_scope",
	"pool_max_conns", "pool_min_idle_conns", "sslcompression", "sslkeylogfile", "tcp_user_timeout", "tty",
}

// ofPool are the parameters that pgxpool reads.
var ofPool = []string{
	"pool_health_check_period", "pool_max_conn_idle_time", "pool_max_conn_lifetime", "pool_max_conn_lifetime_jitter",
	"pool_min_conns", "pool_ping_timeout",
}

// instead says what to write for parameters of other drivers.
var instead = map[string]string{
	"applicationname": "application_name", "connecttimeout": "connect_timeout", "logintimeout": "connect_timeout",
	"ssl": "sslmode", "sslaccept": "sslmode", "sslidentity": "sslcert and sslkey", "sslfactory": "sslmode",
	"targetservertype": "target_session_attrs", "loadbalancehosts": "load_balance_hosts",
	"server": "host", "data source": "host", "username": "user", "user id": "user", "uid": "user", "pwd": "password",
	"connection_limit": "the variable RATES_DATABASE_CONNS", "pool": "the variable RATES_DATABASE_CONNS",
	"pool_size": "the variable RATES_DATABASE_CONNS", "max": "the variable RATES_DATABASE_CONNS",
	"adapter": "", "async_fallback": "", "autosave": "", "binarytransfer": "", "command_timeout": "", "conn_max_age": "",
	"currentschema": "", "schema": "", // the tables are in public
	"driver": "", "encoding": "", "pgbouncer": "", "pool_timeout": "", "prepared_statement_cache_size": "",
	"prepared_statements": "", "preparethreshold": "", "rewritebatchedinserts": "", "server_settings": "",
	"socket_timeout": "", "sockettimeout": "", "statement_cache_size": "", "stringtype": "", "tcpkeepalive": "",
	"uselibpqcompat": "", "workaround": "",
}

// ofLibpq are the parameters that libpq spells in lower case and pgx uses itself.
var ofLibpq = []string{
	"channel_binding", "connect_timeout", "database", "dbname", "host", "passfile", "password", "port", "require_auth",
	"service", "sslcert", "sslcertmode", "sslkey", "sslmode", "sslnegotiation", "sslpassword", "sslrootcert", "sslsni",
	"target_session_attrs", "user",
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]{0,62}$`)

// apply honours, drops or refuses what pgx would send to the server.
func (p *parameters) apply() error {
	p.ignored = map[string]bool{}
	if slices.ContainsFunc(hosts(p.conn), func(host *pgconn.FallbackConfig) bool { return strings.Contains(host.Host, "@") }) {
		return urlError("the connection string has an @ in its password or host; write %40 in a password")
	}
	if p.conn.KerberosSrvName != "" || p.conn.KerberosSpn != "" {
		p.ignored["krbsrvname"] = true
	}
	// In order, so that the same string always gives the same error.
	for _, name := range slices.Sorted(maps.Keys(p.conn.RuntimeParams)) {
		if err := p.judge(name, p.conn.RuntimeParams[name]); err != nil {
			return err
		}
	}
	p.conn.RuntimeParams["client_encoding"] = "UTF8" // the only one that the driver reads
	return p.honour()
}

// judge decides about a parameter that needs no other to be understood.
func (p *parameters) judge(name, value string) error {
	folded := strings.ToLower(name)
	replacement, foreign := instead[folded]
	remedy, insecure := insecureToDrop[name]
	switch {
	case insecure:
		return badParameter(name, remedy)
	case foreign && replacement == "":
		return badParameter(name, "libpq does not know it; remove it")
	case foreign:
		return badParameter(name, "libpq does not know it; use "+replacement)
	case name != folded && slices.Contains(ofLibpq, folded):
		return badParameter(name, "write it in lower case; words are separated by spaces")
	case !settingName.MatchString(name):
		return urlError("the connection string has a parameter that is no name; escape &, = and spaces in values")
	case name == "gssencmode" && value == "require", name == "replication" && !isOff(value), name == "requiressl" && !isOff(value):
		return badParameter(name, "what it asks for is not supported; for encryption, use sslmode=verify-full")
	case name == "gssencmode", name == "replication", name == "requiressl":
		p.drop(name, value == "disable" || isOff(value))
	case name == "client_encoding":
		p.drop(name, slices.Contains([]string{"utf8", "utf-8", "unicode", "auto"}, strings.ToLower(value)))
	case slices.Contains(ofPool, name):
		p.drop(name, true) // the pool has read it
	case slices.Contains(withoutEffect, name):
		p.drop(name, value == "disable" || isOff(value))
	}
	return nil
}

func isOff(value string) bool {
	return value == "" || value == "0" || value == "false" || value == "off" || value == "no"
}

// drop keeps a parameter from the server. honoured says that its value is what
// happens anyway.
func (p *parameters) drop(name string, honoured bool) {
	delete(p.conn.RuntimeParams, name)
	if !honoured {
		p.ignored[name] = true
	}
}
