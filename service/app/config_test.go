package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/app"
)

// Every invalid value is named by its flag and variable, with what was expected.
func TestValidate(t *testing.T) {
	good := newConfig("")
	if err := good.Validate(); err != nil {
		t.Errorf("a valid configuration: %v", err)
	}
	for _, c := range []struct {
		edit func(*app.Config)
		want string
	}{
		{func(c *app.Config) { c.Addr = "3000" }, `--addr (RATES_ADDR) is "3000"; expected HOST:PORT or :PORT, for example :3000`},
		{func(c *app.Config) { c.Addr = "" }, `--addr (RATES_ADDR) is ""; expected HOST:PORT or :PORT, for example :3000`},
		{func(c *app.Config) { c.Addr = ":65536" }, `--addr (RATES_ADDR) is ":65536"; expected HOST:PORT or :PORT, for example :3000`},
		{func(c *app.Config) { c.Addr = ":-1" }, `--addr (RATES_ADDR) is ":-1"; expected HOST:PORT or :PORT, for example :3000`},
		{func(c *app.Config) { c.AdminAddr = "of" }, `--admin-addr (RATES_ADMIN_ADDR) is "of"; expected HOST:PORT or :PORT, for example :3000`},
		{func(c *app.Config) { c.MaxDays = 0 }, "--max-days (RATES_MAX_DAYS) is 0; expected 1 to 100000"},
		{func(c *app.Config) { c.MaxDays = 100_001 }, "--max-days (RATES_MAX_DAYS) is 100001; expected 1 to 100000"},
		{func(c *app.Config) { c.MaxQuestions = -1 }, "--max-questions (RATES_MAX_QUESTIONS) is -1; expected 1 to 100000"},
		{func(c *app.Config) { c.QuestionTimeout = 0 }, "--question-timeout (RATES_QUESTION_TIMEOUT) is 0s; expected 1ms to 24h0m0s"},
		{func(c *app.Config) { c.CacheMB = -1 }, "--cache-mb (RATES_CACHE_MB) is -1; expected 0 to 100000"},
		{func(c *app.Config) { c.DatabaseConns = 0 }, "--database-conns (RATES_DATABASE_CONNS) is 0; expected 1 to 100000"},
		{func(c *app.Config) { c.DatabaseWait = -time.Second }, "--database-wait (RATES_DATABASE_WAIT) is -1s; expected 0s to 24h0m0s"},
		{func(c *app.Config) { c.DrainDelay = 25 * time.Hour }, "--drain-delay (RATES_DRAIN_DELAY) is 25h0m0s; expected 0s to 24h0m0s"},
		{func(c *app.Config) { c.DrainTimeout = -1 }, "--drain-timeout (RATES_DRAIN_TIMEOUT) is -1ns; expected 0s to 24h0m0s"},
		{
			func(c *app.Config) { c.MaxDays, c.MaxQuestions = 0, 0 },
			"--max-days (RATES_MAX_DAYS) is 0; expected 1 to 100000\n--max-questions (RATES_MAX_QUESTIONS) is 0; expected 1 to 100000",
		},
	} {
		cfg := newConfig("")
		c.edit(&cfg)
		err := cfg.Validate()
		if err == nil {
			t.Errorf("accepted, want %s", c.want)
		} else if diff := cmp.Diff(strings.Split(c.want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	off := newConfig("")
	off.AdminAddr = "off"
	if err := off.Validate(); err != nil {
		t.Errorf("no admin server: %v", err)
	}
}

// Origins are compared as text, so they are accepted only as browsers send them.
func TestValidateOrigins(t *testing.T) {
	for _, good := range []string{
		"", "*", "https://charts.example.com", "http://localhost:8080", "https://xn--bcher-kva.example",
		"http://127.0.0.1:8080", "http://[::1]:8080", "https://a.example,https://b.example:8443", " https://a.example, https://b.example ,",
	} {
		cfg := newConfig("")
		cfg.AllowedOrigins = good
		if err := cfg.Validate(); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	const list = "; expected * alone, which is all origins, or a list without it"
	for bad, want := range map[string]string{
		"https://a.example,*":             `is "https://a.example,*"` + list,
		"*,*":                             `is "*,*"` + list,
		"null":                            `has "null", which pages send whose origin nobody can check; name origins, for example https://charts.example.com`,
		"https://a.example,null":          `has "null", which`,
		"a.example":                       `has "a.example"; expected *, or origins as browsers send them: `,
		"https://":                        `has "https://"; expected`,
		"https://a.example/":              `has "https://a.example/"; expected`,
		"https://a.example/path":          `has "https://a.example/path"; expected`,
		"https://a.example?q":             `has "https://a.example?q"; expected`,
		"https://a.example#f":             `has "https://a.example#f"; expected`,
		"https://user@a.example":          `has "https://user@a.example"; expected`,
		"https://A.example":               `has "https://A.example"; expected`,
		"HTTPS://a.example":               `has "HTTPS://a.example"; expected`,
		"https://a.example:443":           `has "https://a.example:443"; expected`,
		"http://a.example:80":             `has "http://a.example:80"; expected`,
		"https://a.example:":              `has "https://a.example:"; expected`,
		"https://a.example:x":             `has "https://a.example:x"; expected`,
		"https://*.example":               `has "https://*.example"; expected`,
		"https://bücher.example":          `has "https://bücher.example"; expected`,
		"file:///tmp":                     `has "file:///tmp"; expected`,
		"ftp://a.example":                 `has "ftp://a.example"; expected`,
		"https://a.example;https://b.com": `has "https://a.example;https://b.com"; expected`,
	} {
		cfg := newConfig("")
		cfg.AllowedOrigins = bad
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "--allowed-origins (RATES_ALLOWED_ORIGINS) "+want) {
			t.Errorf("%q: %v, want %s", bad, err, want)
		}
	}
}
