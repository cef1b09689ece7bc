package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"example.com/rates/security/gate"
)

// broken is a stream that shows what becomes of a panic in a command.
type broken struct{}

func (broken) Write([]byte) (int, error) { panic("broken") }

// A program that broke down must not end as if all were green.
func TestRunHidesNoPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the panic of a command was hidden")
		}
	}()
	code := run(t.Context(), []string{"list", "--project=../../.."}, streams{out: broken{}, err: t.Output()})
	t.Errorf("the command ended with code %d", code)
}

// Help is asked for and given, whatever else the command would need or do.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"list", "--help"}} {
		var out, err bytes.Buffer
		code := run(t.Context(), args, streams{out: &out, err: &err})
		if code != gate.ExitGreen || !bytes.HasPrefix(out.Bytes(), []byte("Usage: gates")) || err.Len() > 0 {
			t.Errorf("gates %q ended with code %d, printed\n%s\nand said %q", args, code, &out, &err)
		}
	}
}

// A run that cannot begin leaves no report of the last one, which may be green.
func TestRunLeavesNoOldReport(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "report.json")
	if err := os.WriteFile(old, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	code := run(t.Context(), []string{"run", "--project=../../..", "--policy=absent.yaml", "--reports=" + dir}, streams{out: t.Output(), err: t.Output()})
	if _, err := os.Stat(old); code != gate.ExitUsage || err == nil {
		t.Errorf("exit code %d, want %d; the old report is there: %t", code, gate.ExitUsage, err == nil)
	}
}
