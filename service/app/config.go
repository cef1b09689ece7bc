package app

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"example.com/rates/db/migrations"
	"example.com/rates/service/postgres"
)

// Config is the configuration of an App. The tags are for the kong library: the
// flag, environment variable and default of each value.
type Config struct {
	DatabaseURL   string `kong:"-"` // PostgreSQL to read from; a libpq URL or key=value words
	DatabaseLogin string `kong:"-"` // where the login of each connection comes from, one of login.Names

	Program migrations.Program `kong:"-"` // the schemas to work with; the zero value is those of this program

	WatchURL string        `name:"watch-url" env:"RATES_WATCH_URL" placeholder:"URL" help:"The primary, if DATABASE_URL names standbys that follow it (default: DATABASE_URL)."`
	MaxLag   time.Duration `name:"max-lag" env:"RATES_MAX_LAG" default:"0s" placeholder:"DURATION" help:"Ask the primary instead of a standby whose data have been out of date for longer, at most 1m; 0s means no limit (default ${default})."`

	Addr      string `name:"addr" env:"RATES_ADDR" default:":3000" placeholder:"HOST:PORT" help:"Address to listen on (default ${default})."`
	AdminAddr string `name:"admin-addr" env:"RATES_ADMIN_ADDR" default:"127.0.0.1:3001" placeholder:"HOST:PORT" help:"Address of /metrics and /debug/pprof (default ${default}); 'off' turns it off. Keep it private."`

	AllowedOrigins string `name:"allowed-origins" env:"RATES_ALLOWED_ORIGINS" placeholder:"ORIGIN,..." help:"Origins of sites whose scripts may read answers, for example https://charts.example.com, or * for all; none by default."`

	MaxDays         int           `name:"max-days" env:"RATES_MAX_DAYS" default:"3660" placeholder:"N" help:"Longest question in days (default ${default})."`
	MaxQuestions    int           `name:"max-questions" env:"RATES_MAX_QUESTIONS" default:"256" placeholder:"N" help:"Most questions that are asked or wait for the database; others get 503 (default ${default})."`
	QuestionTimeout time.Duration `name:"question-timeout" env:"RATES_QUESTION_TIMEOUT" default:"5s" placeholder:"DURATION" help:"Time for one question (default ${default})."`
	CacheMB         int           `name:"cache-mb" env:"RATES_CACHE_MB" default:"64" placeholder:"N" help:"Memory for answers in MiB; 0 turns it off (default ${default})."`
	DatabaseConns   int32         `name:"database-conns" env:"RATES_DATABASE_CONNS" default:"16" placeholder:"N" help:"Most connections to the database, and questions that are asked at the same time (default ${default})."`
	DatabaseWait    time.Duration `name:"database-wait" env:"RATES_DATABASE_WAIT" default:"30s" placeholder:"DURATION" help:"How long to wait for the database at start (default ${default})."`
	DrainDelay      time.Duration `name:"drain-delay" env:"RATES_DRAIN_DELAY" default:"${drain_delay}" placeholder:"DURATION" help:"How long to accept connections after SIGTERM, while /readyz fails and load balancers stop sending requests (default ${default}); 0s also closes idle connections at once."`
	DrainTimeout    time.Duration `name:"drain-timeout" env:"RATES_DRAIN_TIMEOUT" default:"15s" placeholder:"DURATION" help:"How long to wait for running requests and idle connections after that (default ${default})."`

	LogLevel  string `name:"log-level" env:"RATES_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"One of ${enum} (default ${default})."`
	LogFormat string `name:"log-format" env:"RATES_LOG_FORMAT" default:"${log_format}" enum:"json,text" placeholder:"FORMAT" help:"One of ${enum} (default ${default})."`
}

// allowedOrigins is the name of a setting.
const allowedOrigins = "--allowed-origins (RATES_ALLOWED_ORIGINS)"

// adminOff is the AdminAddr without an admin server.
const adminOff = "off"

// Validate returns an error that names each invalid value and what was expected.
func (c *Config) Validate() error {
	_, badOrigins := parseOrigins(allowedOrigins, c.AllowedOrigins)
	const mostDays, mostAtOnce, longest = 100_000, 100_000, 24 * time.Hour
	return errors.Join(
		checkAddr("--addr (RATES_ADDR)", c.Addr),
		checkAdminAddr("--admin-addr (RATES_ADMIN_ADDR)", c.AdminAddr),
		checkRange("--max-lag (RATES_MAX_LAG)", c.MaxLag, 0, postgres.MaxLag),
		c.checkReplicas(),
		badOrigins,
		checkRange("--max-days (RATES_MAX_DAYS)", c.MaxDays, 1, mostDays),
		checkRange("--max-questions (RATES_MAX_QUESTIONS)", c.MaxQuestions, 1, mostAtOnce),
		checkRange("--question-timeout (RATES_QUESTION_TIMEOUT)", c.QuestionTimeout, time.Millisecond, longest),
		checkRange("--cache-mb (RATES_CACHE_MB)", c.CacheMB, 0, mostAtOnce),
		checkRange("--database-conns (RATES_DATABASE_CONNS)", c.DatabaseConns, 1, mostAtOnce),
		checkRange("--database-wait (RATES_DATABASE_WAIT)", c.DatabaseWait, 0, longest),
		checkRange("--drain-delay (RATES_DRAIN_DELAY)", c.DrainDelay, 0, longest),
		checkRange("--drain-timeout (RATES_DRAIN_TIMEOUT)", c.DrainTimeout, 0, longest),
	)
}

func (c *Config) checkReplicas() error {
	if c.MaxLag > 0 && c.WatchURL == "" {
		return errors.New("--max-lag (RATES_MAX_LAG) needs --watch-url (RATES_WATCH_URL), the primary to ask instead")
	}
	return nil
}

func checkRange[T int | int32 | time.Duration](name string, value, low, high T) error {
	if value < low || value > high {
		return fmt.Errorf("%s is %v; expected %v to %v", name, value, low, high)
	}
	return nil
}

func checkAddr(name, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%s is %q; expected HOST:PORT or :PORT, for example :3000", name, addr)
	}
	return nil
}

func checkAdminAddr(name, addr string) error {
	if addr == adminOff {
		return nil
	}
	return checkAddr(name, addr)
}
