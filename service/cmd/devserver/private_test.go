package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/embedded"
	"example.com/rates/internal/cli"
)

// otherDatabase are variables that a developer's shell has for another database.
// Each of them alone would keep the service from starting or from answering.
var otherDatabase = map[string]string{
	"PGHOST": "elsewhere", "PGPORT": "1", "PGDATABASE": "x", "PGUSER": "y", "PGPASSWORD": "z",
	"PGSERVICE": "prod", "PGSERVICEFILE": "/nowhere", "PGSYSCONFDIR": "/nowhere", "PGLOCALEDIR": "/nowhere",
	"PGPASSFILE": "/nowhere", "PGREQUIREAUTH": "scram-sha-256", "PGCHANNELBINDING": "require",
	"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/nowhere", "PGSSLCERTMODE": "wrong", "PGSSLNEGOTIATION": "direct",
	"PGMINPROTOCOLVERSION": "9", "PGCONNECT_TIMEOUT": "abc", "PGTARGETSESSIONATTRS": "standby",
	"PGOPTIONS": "-c statement_timeout=1", "PGTZ": "Mars/Olympus", "PGDATESTYLE": "wrong", "PGCLIENTENCODING": "wrong",
	"PGAPPNAME": "other", "PGDATA": "/nowhere", "PG_COLOR": "always",
}

// Without a URL a private server is started, which the variables of other databases
// do not concern. Its data stay after it stops; when it dies, so does the service,
// and the next start recovers. Clean removes everything.
func TestPrivateServer(t *testing.T) {
	dbtest.Need(t)
	if os.Getenv(dbtest.ServerVariable) != "" {
		t.Skip("SKIP: the tests use a given server, so no private one is started")
	}
	for name, value := range otherDatabase {
		t.Setenv(name, value)
	}
	project := t.TempDir()
	dir, err := embedded.DefaultDir(project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c := command{Clean: true, Project: project}
		if err := c.Run(context.Background(), cli.Streams{}); err != nil {
			t.Errorf("clean: %v", err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	})
	first := start(t, command{Project: project})
	if rates := first.curl(t); rates[0].Price == nil || *rates[0].Price != samplePrice {
		t.Errorf("the first answer is %+v", rates[0])
	}
	if !strings.Contains(first.logs.String(), "msg=imported") {
		t.Errorf("nothing was imported:\n%s", &first.logs)
	}
	if !strings.Contains(first.logs.String(), "ignoring variables that are for other databases") {
		t.Errorf("nothing was said of the variables:\n%s", &first.logs)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	server, err := strconv.Atoi(strings.SplitN(string(pid), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-first.ended; err == nil || !strings.Contains(err.Error(), "the database stopped: ") || !strings.Contains(err.Error(), "; start again to recover it") {
		t.Errorf("when the server died: %v", err)
	}
	second := start(t, command{Project: project})
	if rates := second.curl(t); rates[0].Price == nil || *rates[0].Price != samplePrice || *rates[0].Count != 3 {
		t.Errorf("the second answer is %+v", rates[0])
	}
	second.ctrlC(t)
	if strings.Contains(second.logs.String(), "msg=imported") {
		t.Errorf("the data were not kept:\n%s", &second.logs)
	}
}

// A temporary server begins with the sample and leaves nothing behind.
func TestTemporaryServer(t *testing.T) {
	dbtest.Need(t)
	if os.Getenv(dbtest.ServerVariable) != "" {
		t.Skip("SKIP: the tests use a given server, so no private one is started")
	}
	temporary := t.TempDir()
	for _, path := range []string{filepath.Dir(temporary), temporary} { // the server of root is another user
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TMPDIR", temporary)
	project := t.TempDir()
	dir, err := embedded.DefaultDir(project)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, command{Project: project, Temporary: true})
	if rates := r.curl(t); rates[0].Price == nil || *rates[0].Price != samplePrice {
		t.Errorf("the first answer is %+v", rates[0])
	}
	r.ctrlC(t)
	if left, _ := os.ReadDir(temporary); len(left) > 0 {
		t.Errorf("%s is still there", left[0].Name())
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there: %v", dir, err)
	}
}

// A temporary server and a given one exclude each other.
func TestTemporaryIsForAPrivateServer(t *testing.T) {
	c := command{URL: "postgres://127.0.0.1:1/x", Temporary: true}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "--temporary") {
		t.Errorf("error %v", err)
	}
}
