package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/embedded"
	"example.com/rates/internal/testkit"
)

// Three instances answer from replicas, what is said to try works, the end of a server
// ends nothing else, and nothing is left.
func TestReplicas(t *testing.T) {
	dbtest.Need(t)
	if err := embedded.CanFollow(t.Context()); err != nil && os.Getenv(dbtest.RequireStandbys) != "1" {
		t.Skipf("SKIP: %v", err)
	}
	r := start(t, command{Replicas: 1})
	if rates := r.curl(t); rates[0].Price == nil || *rates[0].Price != samplePrice {
		t.Errorf("the first answer is %+v", rates[0])
	}
	instances := regexp.MustCompile(`(?m)^  (http://\S+)$`).FindAllStringSubmatch(r.out.String(), -1)
	if len(instances) != 3 || instances[0][1] == instances[1][1] {
		t.Fatalf("the instances are %v\n%s", instances, &r.out)
	}
	for _, instance := range instances {
		if status, _ := testkit.MustGet(t, instance[1]+"/readyz"); status != http.StatusOK {
			t.Errorf("%s: status %d", instance[1], status)
		}
	}
	conn, err := pgx.Connect(t.Context(), said(t, r, `R1='(.*)'`))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if !dbtest.Value[bool](t, conn, "SELECT pg_is_in_recovery()") {
		t.Error("R1 is no replica")
	}
	primary, err := strconv.Atoi(said(t, r, `kill -INT (\d+)`))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(primary, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "the primary has ended", func() bool { return strings.Contains(r.logs.String(), "notifications are lost") })
	if status, _ := testkit.MustGet(t, instances[0][1]+"/readyz"); status != http.StatusOK {
		t.Errorf("without the primary: status %d", status)
	}
	r.ctrlC(t)
	for _, server := range []string{"P", "R1"} {
		sockets := said(t, r, server+`='.*host=([^&]+)&.*'`)
		if _, err := os.Stat(sockets); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of %s is left: %v", sockets, server, err)
		}
	}
}

// said returns what the first line that matches said.
func said(t *testing.T, r *running, line string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^  ` + line + `$`).FindStringSubmatch(r.out.String())
	if found == nil {
		t.Fatalf("no line %s:\n%s", line, &r.out)
	}
	return found[1]
}

// What cannot have replicas is refused, and says why.
func TestReplicasAreRefused(t *testing.T) {
	for want, c := range map[string]command{
		"leave out --database-url":       {URL: "postgres://127.0.0.1:1/x", Replicas: 1},
		"--replicas is 9; expected 0 to": {Replicas: 9},
		"--replicas is -1":               {Replicas: -1},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// Each instance has ports of its own, unless the system chooses them.
func TestNextAddress(t *testing.T) {
	for addr, want := range map[string]string{
		":3000": ":3010", "127.0.0.1:3001": "127.0.0.1:3011", "[::1]:3000": "[::1]:3010", "127.0.0.1:0": "127.0.0.1:0", "off": "off",
	} {
		if got := next(addr); got != want {
			t.Errorf("after %s comes %s, want %s", addr, got, want)
		}
	}
}
