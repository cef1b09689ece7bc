package terraform

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// program writes a script that stands in for a provider.
func program(t *testing.T, script string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "provider")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script), 0o700); err != nil { // #nosec G306 -- it is run
		t.Fatal(err)
	}
	return file
}

// A provider is attached to while it runs, and ends with the copy.
func TestStartProvider(t *testing.T) {
	ended := filepath.Join(t.TempDir(), "ended")
	s, err := start(t.Context(), program(t, `test "$1" = -debuggable || exit 1
trap 'echo > `+ended+`; exit' INT
echo Provider started.
echo "	TF_REATTACH_PROVIDERS='{\"a\":1}'"
while true; do sleep 0.05; done
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.attach != `{"a":1}` {
		t.Errorf("attached by %q", s.attach)
	}
	s.close()
	if _, err := os.Stat(ended); err != nil {
		t.Errorf("the provider was not interrupted: %v", err)
	}
}

// A provider that says nothing, or is missing, is not waited for.
func TestStartProviderFails(t *testing.T) {
	began := time.Now()
	for _, file := range []string{program(t, "echo no\n"), filepath.Join(t.TempDir(), "missing")} {
		if s, err := start(t.Context(), file, nil); err == nil {
			s.close()
			t.Errorf("%s was attached to", file)
		}
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}
