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
