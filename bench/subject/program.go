// Package subject sets up the program under test, its database and servers.
package subject

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/bench/process"
)

// Program is bin/rates, built for one run.
type Program struct{ Path string }

// Build builds the program of the checkout into a folder, like make build.
func Build(ctx context.Context, checkout, folder string) (Program, error) {
	path := filepath.Join(folder, "rates")
	_, err := process.Output(ctx, process.Config{
		Path: "go", Dir: checkout, Env: append(os.Environ(), "CGO_ENABLED=0"),
		Args: []string{"build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./service/cmd/rates"},
	})
	return Program{Path: path}, err
}

// Migrate brings a database to the schema of the program.
func (p Program) Migrate(ctx context.Context, url string) error {
	_, err := process.Output(ctx, p.Command(url, "migrate"))
	return err
}

// Import imports a file.
func (p Program) Import(ctx context.Context, url, file string) error {
	_, err := process.Output(ctx, p.Command(url, "import", file))
	return err
}

// Command prepares a command of the program on a database, with its default
// settings: it ignores the caller's environment.
func (p Program) Command(url string, args ...string) process.Config {
	return process.Config{Path: p.Path, Args: args, Env: append(environment(), "DATABASE_URL="+url)}
}

func environment() []string {
	var kept []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
}

// FindClient returns a client program of PostgreSQL. It prefers those beside a
// server to those in PATH, which on Debian are scripts that start slower.
func FindClient(ctx context.Context, name string) (string, error) {
	var folders []string
	if out, err := process.Output(ctx, process.Config{Path: "pg_config", Args: []string{"--bindir"}}); err == nil {
		folders = append(folders, strings.TrimSpace(out))
	}
	versions, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is a constant
	slices.SortFunc(versions, newestFirst)
	for _, folder := range append(folders, versions...) {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed; on Debian or Ubuntu run: apt-get install postgresql", name)
	}
	return path, nil
}

// newestFirst orders paths that differ in a version number, the longer being
// newer.
func newestFirst(a, b string) int {
	if len(a) != len(b) {
		return len(b) - len(a)
	}
	return strings.Compare(b, a)
}
