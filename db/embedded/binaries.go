package embedded

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const oldestMajor = 13

// installed are the directories where packages and source builds put a server.
var installed = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
}

// binaries is a directory with postgres and initdb of one version.
type binaries struct {
	dir          string
	major, minor int
	fetched      bool
}

func (b binaries) String() string {
	how := "from"
	if b.fetched {
		how = "fetched to"
	}
	return fmt.Sprintf("PostgreSQL %d.%d %s %s", b.major, b.minor, how, b.dir)
}

// command prepares one of the programs with a minimal environment: a developer's
// PG… variables would change the server's behaviour.
func (b binaries) command(who account, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(b.dir, program), args...) // #nosec G204 -- a program of the server that was found or fetched
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.SysProcAttr = attributes(who)
	return cmd
}

// findBinaries returns the server for data of the given major version, or for new
// data if that is 0: the newest on the machine, else a fetched one.
func findBinaries(ctx context.Context, cfg Config, who account, dir string, major int) (binaries, error) {
	found := onMachine(ctx, cfg, who)
	fits := func(b binaries) bool { return major == 0 || b.major == major }
	if i := slices.IndexFunc(found, fits); i >= 0 {
		return found[i], nil
	}
	here := "none"
	switch {
	case cfg.BinDir != "" && len(found) == 0:
		return binaries{}, fmt.Errorf("no PostgreSQL %d or later that user %s can run in %s: "+
			"it must contain postgres and initdb", oldestMajor, who.name, cfg.BinDir)
	case cfg.BinDir == "" && (major == fetchedMajor || len(found) == 0 && major == 0):
		return fetchBinaries(ctx, cfg, who)
	case len(found) > 0:
		here = found[0].String()
	}
	return binaries{}, fmt.Errorf("the data in %s was written by PostgreSQL %d, but the server here is %s: "+
		"install PostgreSQL %d, or remove the data with `make clean`", dir, major, here, major)
}

func fetchBinaries(ctx context.Context, cfg Config, who account) (binaries, error) {
	b, err := fetch(ctx, cfg)
	if err == nil {
		b, err = probe(ctx, b, who)
	}
	if err != nil {
		return b, fmt.Errorf("no suitable PostgreSQL server on this machine, and fetching PostgreSQL %s failed: %w; "+
			"install PostgreSQL %d or later, connect to the network, or set DATABASE_URL to a running server",
			fetchedVersion, err, oldestMajor)
	}
	return b, nil
}

// onMachine returns the usable servers, newest first.
func onMachine(ctx context.Context, cfg Config, who account) []binaries {
	dirs := []string{cfg.BinDir}
	if cfg.BinDir == "" {
		dirs = cfg.machine(ctx)
	}
	var found []binaries
	for _, dir := range dirs {
		b, err := probe(ctx, binaries{dir: dir}, who)
		if err == nil && b.major < oldestMajor {
			err = fmt.Errorf("%s is older than PostgreSQL %d", b, oldestMajor)
		}
		if err != nil {
			cfg.Log.LogAttrs(ctx, slog.LevelInfo, "ignored a database server",
				slog.String("directory", dir), slog.Any("reason", err))
			continue
		}
		found = append(found, b)
	}
	slices.SortStableFunc(found, func(a, b binaries) int {
		return cmp.Or(cmp.Compare(b.major, a.major), cmp.Compare(b.minor, a.minor))
	})
	return found
}

// machineDirs returns the directories that contain a server, each once.
func machineDirs(ctx context.Context) []string {
	var dirs []string
	for _, program := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(program); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range installed {
		matches, _ := filepath.Glob(pattern) // the patterns are constants
		dirs = append(dirs, matches...)
	}
	var resolved []string
	for _, dir := range dirs {
		// A link in PATH leads to the directory with the rest of the server.
		path, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err == nil && !slices.Contains(resolved, filepath.Dir(path)) {
			resolved = append(resolved, filepath.Dir(path))
		}
	}
	return resolved
}

var release = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)\.(\d+)`)

// probe reads the version of the server in b.dir, as the user who would run it.
func probe(ctx context.Context, b binaries, who account) (binaries, error) {
	if _, err := os.Stat(filepath.Join(b.dir, "initdb")); err != nil {
		return b, err
	}
	out, err := run(ctx, b.command(who, "postgres", "--version"))
	if err != nil {
		return b, fmt.Errorf("run its postgres as user %s: %w", who.name, err)
	}
	match := release.FindStringSubmatch(out)
	if match == nil {
		return b, fmt.Errorf("%q is not the version of a release", strings.TrimSpace(out))
	}
	b.major, _ = strconv.Atoi(match[1])
	b.minor, _ = strconv.Atoi(match[2])
	return b, nil
}
