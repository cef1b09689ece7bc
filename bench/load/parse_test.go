package load

import (
	"os"
	"strings"
	"testing"
)

// testdata holds recorded output of the programs.
func output(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseWrk(t *testing.T) {
	got, err := parseWrk(output(t, "wrk.txt"))
	if want := (Done{Count: 16944, PerSecond: 16557.17}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// Fast errors must not count as fast answers.
func TestWrkWithoutAnswersIsAnError(t *testing.T) {
	for name, want := range map[string]string{
		"wrk_status.txt": "Non-2xx or 3xx responses: 27410",
		"wrk_socket.txt": "Socket errors: connect 0, read 24, write 74948, timeout 0",
	} {
		if got, err := parseWrk(output(t, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v; want an error with %q", name, got, err, want)
		}
	}
}

func TestParsePgbench(t *testing.T) {
	got, err := parsePgbench(output(t, "pgbench.txt"))
	if want := (Done{Count: 55711, PerSecond: 60991.724499}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestFailedTransactionsAreAnError(t *testing.T) {
	got, err := parsePgbench(output(t, "pgbench_failed.txt"))
	if want := "4664 (85.720%)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, %v; want an error with %q", got, err, want)
	}
}

// Up to version 13 pgbench prints two rates; the one without the time to connect
// counts.
func TestParsePgbenchOfOlderVersions(t *testing.T) {
	text := "number of transactions actually processed: 7\n" +
		"tps = 900.000001 (including connections establishing)\n" +
		"tps = 1000.000001 (excluding connections establishing)\n"
	got, err := parsePgbench(text)
	if want := (Done{Count: 7, PerSecond: 1000.000001}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestOutputWithoutFiguresIsAnError(t *testing.T) {
	for name, parse := range map[string]func(string) (Done, error){"wrk": parseWrk, "pgbench": parsePgbench} {
		if got, err := parse("usage: " + name); err == nil {
			t.Errorf("%s: got %v and no error", name, got)
		}
	}
}

func TestPgbenchScriptNamesTheParameters(t *testing.T) {
	s := Statement{SQL: "SELECT a FROM t WHERE b = $1 AND c BETWEEN $2 AND $11"}
	if got, want := s.script(), "SELECT a FROM t WHERE b = :p1 AND c BETWEEN :p2 AND :p11;\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
