package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
)

// An installation is announced where there is no terminal too: it can take minutes.
func TestToolsSayWhatIsInstalled(t *testing.T) {
	pins := t.TempDir()
	t.Setenv("RATES_TOOLS", t.TempDir())
	t.Setenv("RATES_TOOL_RECORDS", t.TempDir())
	dir := filepath.Join(pins, "no-such-program")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "host.txt"), []byte("example.com/tool 1.2.3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"tools", "--pins=" + pins}, cli.Streams{Out: &out, Err: &errs})
	if code != gate.ExitCouldNotRun || !strings.HasPrefix(errs.String(), "gates: installing no-such-program, tool 1 of 1\n") {
		t.Errorf("exit code %d, %s%s", code, &out, &errs)
	}
}
