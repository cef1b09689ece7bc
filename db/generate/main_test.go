package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/db/seed"
)

func dumped(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	if err := seed.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestRunWritesTheFileNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.sql")
	var stdout, stderr bytes.Buffer
	if code := run([]string{"-o", path}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != dumped(t) {
		t.Error("the file does not hold the dump")
	}
}

func TestRunWritesToStandardOutput(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"-o", "-"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	if stdout.String() != dumped(t) {
		t.Error("standard output does not hold the dump")
	}
}

func TestRunAnswersWhatWasAsked(t *testing.T) {
	for _, c := range []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string
	}{
		{"help", []string{"--help"}, 0, "go run ./db/generate [-o FILE]", ""},
		{"unknown flag", []string{"-x"}, 2, "", "-x"},
		{"stray argument", []string{"db/rates.sql"}, 2, "", `unexpected argument "db/rates.sql"`},
		{"no such folder", []string{"-o", "nowhere/rates.sql"}, 1, "", "run this from the root of the repository"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(c.args, &stdout, &stderr); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if !strings.Contains(stdout.String(), c.stdout) || c.stdout == "" && stdout.Len() > 0 {
				t.Errorf("standard output %q, want %q in it", stdout.String(), c.stdout)
			}
			if !strings.Contains(stderr.String(), c.stderr) || c.stderr == "" && stderr.Len() > 0 {
				t.Errorf("standard error %q, want %q in it", stderr.String(), c.stderr)
			}
		})
	}
}
