package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
)

// Help is printed even where a command itself could not run.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"list", "--help"}} {
		var out, err bytes.Buffer
		code := run(t.Context(), args, cli.Streams{Out: &out, Err: &err})
		if code != gate.ExitGreen || !bytes.HasPrefix(out.Bytes(), []byte("Usage: gates")) || err.Len() > 0 {
			t.Errorf("gates %q ended with code %d, printed\n%s\nand said %q", args, code, &out, &err)
		}
	}
}

// A run that fails early removes the last report, which may be green.
func TestRunLeavesNoOldReport(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "report.json")
	if err := os.WriteFile(old, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	code := run(t.Context(), []string{"run", "--project=../../..", "--policy=absent.yaml", "--reports=" + dir}, cli.Streams{Out: t.Output(), Err: t.Output()})
	if _, err := os.Stat(old); code != gate.ExitUsage || err == nil {
		t.Errorf("exit code %d, want %d; the old report is there: %t", code, gate.ExitUsage, err == nil)
	}
}

// The verdict of the reports is that of the exit code: a run that cannot print its
// verdict leaves none.
func TestRunThatCannotPrintLeavesNoReport(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("SKIP: %v", err)
	}
	defer full.Close()
	dir := t.TempDir()
	for _, out := range []io.Writer{full, &stumbling{after: 1}} {
		c := runCommand{Reports: dir}
		green := gate.Report{Profile: "test", Verdict: gate.Verdict{Green: true}}
		if _, err := c.write(green, cli.Streams{Out: out}); err == nil {
			t.Error("there is no error")
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left is %v, error %v", left, err)
		}
	}
}

// stumbling is a writer that fails after so many writes.
type stumbling struct{ after int }

func (s *stumbling) Write(p []byte) (int, error) {
	if s.after--; s.after < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}
