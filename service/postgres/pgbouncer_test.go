package postgres_test

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
)

// startPgBouncer starts PgBouncer in front of a database and returns the URL to
// ask through it.
func startPgBouncer(t *testing.T, database dbtest.Database, mode string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("SKIP: no pgbouncer on this machine")
	}
	server, err := pgx.ParseConfig(database.As(dbtest.Reader))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pgbouncer") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // it is temporary anyway
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil { // #nosec G306 -- the account that runs it reads it
			t.Fatal(err)
		}
		return path
	}
	users := write("users", fmt.Sprintf("%q %q\n", server.User, server.Password))
	config := write("pgbouncer.ini", fmt.Sprintf(`[databases]
%s = host=%s port=%d
[pgbouncer]
listen_addr =
unix_socket_dir = %s
listen_port = 6432
auth_type = plain
auth_file = %s
pool_mode = %s
`, database.Name, server.Host, server.Port, dir, users, mode))
	command := exec.Command(program, config)
	if os.Getuid() == 0 {
		// It refuses to run as root, and must reach the server's socket.
		if err := os.Chmod(dir, 0o777); err != nil { // #nosec G302 -- it is in a folder for temporary files
			t.Fatal(err)
		}
		command.Args = append(command.Args, "-u", ownerOf(t, server.Host))
	}
	logs := &testkit.Buffer{}
	command.Stderr = logs
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("pgbouncer wrote:\n%s", logs)
		}
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()         // it was killed
	})
	socket := filepath.Join(dir, ".s.PGSQL.6432")
	testkit.Eventually(t, "pgbouncer listens", func() bool { _, err := os.Stat(socket); return err == nil })
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(server.User, server.Password), Path: "/" + database.Name,
		RawQuery: url.Values{"host": {dir}, "port": {"6432"}}.Encode(),
	}).String()
}

// ownerOf returns the name of the account that owns a file.
func ownerOf(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Skipf("SKIP: the server has no socket on this machine: %v", err)
	}
	owner, err := user.LookupId(strconv.FormatUint(uint64(info.Sys().(*syscall.Stat_t).Uid), 10))
	if err != nil {
		t.Fatal(err)
	}
	return owner.Username
}

// Through PgBouncer questions are answered in both modes. The version is known
// only where notifications arrive.
func TestPgBouncer(t *testing.T) {
	for mode, wantHeard := range map[string]bool{"transaction": false, "session": true} {
		t.Run(mode, func(t *testing.T) {
			database := dbtest.NewWorld(t)
			url := startPgBouncer(t, database, mode)
			w, logs := watchThrough(t, url)
			store := openStore(t, database, func(c *postgres.Config) { c.URL = url })
			if err := store.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			askAll(t, store, 50)
			testkit.Eventually(t, "the watch has made up its mind", func() bool {
				return strings.Contains(logs.String(), "watching for changes") || strings.Contains(logs.String(), "without the cache")
			})
			if _, heard := w.Current(); heard != wantHeard {
				t.Errorf("the version is known: %v, want %v\n%s", heard, wantHeard, logs)
			}
			before, err := store.DailyRates(t.Context(), query(t, question))
			if err != nil {
				t.Fatal(err)
			}
			database.Exec(t, "UPDATE prices SET price = price + 1")
			after, err := store.DailyRates(t.Context(), query(t, question))
			if err != nil || after.Version <= before.Version {
				t.Errorf("after a change the version is %d, before it was %d: %v", after.Version, before.Version, err)
			}
		})
	}
}
