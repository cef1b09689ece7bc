package main

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"example.com/rates/db/migrations"
)

const (
	hint  = "Run 'rates --help' for usage.\n"
	noURL = "DATABASE_URL (or --database-url) is required; for example postgres://user@host:5432/rates?sslmode=verify-full"
)

// Help goes to standard output with exit code 0, for the program, for each command,
// and without arguments.
func TestHelp(t *testing.T) {
	for args, wants := range map[string][]string{
		"":                {"Usage: rates <command>", "Exit codes: 0 success, 1 failure, 2 wrong usage, 3 sessions left (login).", "serve", "migrate", "import", "version"},
		"--help":          {"Usage: rates <command>"},
		"serve --help":    {"--addr=HOST:PORT", "($RATES_ADDR)", "(default :3000)", "--admin-addr", "--max-days", "--drain-delay=DURATION", "(default 5s)", "--log-level", "($DATABASE_URL)"},
		"migrate --help":  {"--to=VERSION", "($DATABASE_URL)"},
		"import --help":   {"orig_code,dest_code,day,price", "--again", "--replace", "--allow-empty", "Each file is imported"},
		"verify --help":   {"--repair"},
		"generate --help": {"--prices"},
		"version --help":  {"Usage: rates version"},
	} {
		got := command(t.Context(), nil, strings.Fields(args)...)
		if got.code != exitOK || got.err != "" {
			t.Errorf("%q: exit code %d, %s", args, got.code, got.err)
		}
		for _, want := range wants {
			if !strings.Contains(got.out, want) {
				t.Errorf("%q lacks %q:\n%s", args, want, got.out)
			}
		}
	}
}

// Wrong usage has exit code 2, and the message names the error.
func TestWrongUse(t *testing.T) {
	latest := strconv.FormatInt(migrations.Latest, 10)
	url := " --database-url=postgres:///x "
	for args, want := range map[string]string{
		"brew":                             `unexpected argument brew`,
		"serve --port=1":                   `unknown flag --port`,
		"serve":                            "serve: " + noURL,
		"migrate":                          "migrate: " + noURL,
		"import x.sql":                     "import: " + noURL,
		"verify":                           "verify: " + noURL,
		"import" + url:                     `import: expected "<file> ..." or --sample`,
		"import --sample x.csv" + url:      "import: --sample is instead of files, but x.csv is named",
		"import --sample --again" + url:    "import: --sample is for a database without data; leave out --again, --replace and --allow-empty",
		"import --sample --replace" + url:  "import: --sample is for a database without data; leave out --again, --replace and --allow-empty",
		"import --lock-wait=-1s x" + url:   "import: --lock-wait is -1s; expected 0 or more",
		"migrate --to=99" + url:            "migrate: --to is 99; expected 0 to " + latest,
		"migrate --to=-2" + url:            "migrate: --to is -2; expected 0 to " + latest,
		"migrate --to=one" + url:           `--to: expected a valid 64 bit int but got "one"`,
		"serve --max-days=0" + url:         "serve: --max-days (RATES_MAX_DAYS) is 0; expected 1 to 100000",
		"serve --max-days=many" + url:      `--max-days: expected a valid 64 bit int but got "many"`,
		"serve --question-timeout=5" + url: `--question-timeout: expected duration but got "5": time: missing unit in duration "5"`,
		"serve --addr=3000" + url:          `serve: --addr (RATES_ADDR) is "3000"; expected HOST:PORT or :PORT, for example :3000`,
		"serve --log-level=loud" + url:     `--log-level must be one of "debug","info","warn","error" but got "loud"`,
		"serve --log-format=xml" + url:     `--log-format must be one of "json","text" but got "xml"`,
		"generate --prices=-1":             "generate: --prices is out of range; expected 0 to 100000000000",
	} {
		command(t.Context(), nil, strings.Fields(args)...).want(t, exitUsage, "", "rates: "+want+"\n"+hint)
	}
}

// A bad value in the environment is reported like one on the command line.
func TestWrongEnvironment(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres:///x")
	t.Setenv("RATES_MAX_DAYS", "0")
	command(t.Context(), nil, "serve").want(t, exitUsage, "", "rates: serve: --max-days (RATES_MAX_DAYS) is 0; expected 1 to 100000\n"+hint)
	t.Setenv("RATES_MAX_DAYS", "1")
	t.Setenv("RATES_LOG_LEVEL", "loud")
	got := command(t.Context(), nil, "serve")
	if got.code != exitUsage || !strings.Contains(got.err, "loud") || !strings.Contains(got.err, "log-level") {
		t.Errorf("exit code %d, %s", got.code, got.err)
	}
}

// The version is that of the build, with those of Go and the platform.
func TestVersion(t *testing.T) {
	before := version
	defer func() { version = before }()
	version = "v1.2.3"
	command(t.Context(), nil, "version").want(t, exitOK, "rates v1.2.3 "+runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH+"\n", "")
	version = ""
	if got := command(t.Context(), nil, "version"); got.code != exitOK || len(strings.Fields(got.out)) != 4 {
		t.Errorf("a build without a version says %q", got.out)
	}
}
