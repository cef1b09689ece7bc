package login_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/login"
)

// withoutVariables unsets the variables of libpq that this machine may have.
func withoutVariables(t testing.TB) {
	t.Helper()
	for _, name := range []string{"PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGUSER"} {
		t.Setenv(name, "")
	}
}

// write replaces a file the way that rotation does.
func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func parse(t testing.TB, url string) *pgx.ConnConfig {
	t.Helper()
	conn, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// User and password of a service file, and the password of a passfile, are those
// that the file has when the connection is made.
func TestFileIsReadForEachConnection(t *testing.T) {
	for name, c := range map[string]struct {
		url, before, after string
		want               string
	}{
		"service file":               {"postgres://h/d?service=rates&servicefile=PATH", "[rates]\nuser=a\npassword=one\n", "[rates]\nuser=b\npassword=two\n", "b two"},
		"service file, in words":     {"service=rates servicefile=PATH application_name='a password=x'", "[rates]\nuser=a\npassword=one\n", "[rates]\nuser=b\npassword=two words\n", "b two words"},
		"service file, another host": {"service=rates servicefile=PATH", "[rates]\nhost=h\nuser=a\npassword=one\n", "[rates]\nhost=other\nuser=b\npassword=two\n", "b two"},
		"passfile":                   {"postgres://a@h/d?passfile=PATH", "h:5432:d:a:one\n", "h:5432:d:a:two\n", "a two"},
		"passfile, any host":         {"host=h user=a dbname=d passfile=PATH", "*:*:*:*:one\n", "*:*:*:*:t\\:w\\:o\n", "a t:w:o"},
	} {
		t.Run(name, func(t *testing.T) {
			withoutVariables(t)
			path := filepath.Join(t.TempDir(), "file")
			write(t, path, c.before)
			conn := parse(t, strings.ReplaceAll(c.url, "PATH", path))
			host := conn.Host
			write(t, path, c.after)
			if err := login.File().Set(t.Context(), conn); err != nil {
				t.Fatal(err)
			}
			if got := conn.User + " " + conn.Password; got != c.want || conn.Host != host {
				t.Errorf("the login is %q at %q, want %q at %q", got, conn.Host, c.want, host)
			}
		})
	}
}

// A file that cannot be read now may be there in a moment; the error repeats no
// part of the connection string.
func TestFileIsMissing(t *testing.T) {
	withoutVariables(t)
	path := filepath.Join(t.TempDir(), "file")
	for _, c := range []struct{ url, content, damage, want string }{
		{"postgres://h/secret?service=rates&servicefile=" + path, "[rates]\nuser=a\npassword=p\n", "", "failed to read service file"},
		{"postgres://h/secret?service=rates&servicefile=" + path, "[rates]\nuser=a\npassword=p\n", "[other]\n", "rates"},
		{"postgres://h/secret?service=rates&servicefile=" + path, "[rates]\nuser=a\npassword=p\n", "[rates]\nuser=a\n", `no password for "a"`},
		{"postgres://a@h/secret?passfile=" + path, "*:*:*:a:p\n", "", `no password for "a"`},
		{"postgres://a@h/secret?passfile=" + path, "*:*:*:a:p\n", "*:*:*:b:p\n", `no password for "a"`},
	} {
		write(t, path, c.content)
		conn := parse(t, c.url)
		write(t, path, c.damage)
		if c.damage == "" {
			_ = os.Remove(path) // it was just written
		}
		err := login.File().Set(t.Context(), conn)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s, %q: %v, want %q", c.url, c.damage, err, c.want)
		}
		if _, ok := errors.AsType[login.SettingsError](err); ok {
			t.Errorf("%v: waiting may help", err)
		}
	}
}

// A password that comes before the one in the file would never change.
func TestPasswordBesidesTheFile(t *testing.T) {
	withoutVariables(t)
	for _, c := range []struct {
		url, variable string
		refused       bool
	}{
		{"postgres://a:p@h/d", "", true},
		{"postgresql://a:p%40q@h:5432,i:5433/d?sslmode=disable", "", true},
		{"postgres://h/d?user=a&password=p", "", true},
		{"user=a password=p host=h", "", true},
		{"host='h' password = 'p q' user=a", "", true},
		{"postgres://a@h/d", "p", true},
		{"postgres://a@h:5432/d?options=-cx%3Dy:z@w", "", false},
		{"postgres://a@h/d?application_name=password%3Dp", "", false},
		{"host=h user=a application_name='it\\'s password=p'", "", false},
	} {
		t.Setenv("PGPASSWORD", c.variable)
		err := login.File().Set(t.Context(), parse(t, c.url))
		if _, refused := errors.AsType[login.SettingsError](err); refused != c.refused || err == nil {
			t.Errorf("%s with PGPASSWORD=%q: %v", c.url, c.variable, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name := range strings.SplitSeq(login.Names, ",") {
		source, err := login.New(name, getenv(nil), discard)
		if _, settings := errors.AsType[login.SettingsError](err); err != nil && !settings {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && source.Name != name {
			t.Errorf("%s: the source is named %q", name, source.Name)
		}
	}
	if _, err := login.New("vault", getenv(nil), discard); err == nil || !strings.Contains(err.Error(), `"vault"`) {
		t.Errorf("vault: %v", err)
	}
	if source, err := login.New("", getenv(nil), discard); err != nil || source.Name != "url" || source.Set != nil {
		t.Errorf("no name: %+v, %v", source, err)
	}
}
