package embedded

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func places(dirs ...string) func(context.Context) []string {
	return func(context.Context) []string { return dirs }
}

func currentAccount(t *testing.T) account {
	t.Helper()
	who, err := serverAccount("")
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func TestNewestSuitableServerIsChosen(t *testing.T) {
	t.Parallel()
	dirs := map[string]string{}
	var all []string
	for _, version := range []string{"9.6.24", "12.22", "14.9", "14.10 (Debian 14.10-1)", "16.1", "99beta1"} {
		dirs[version] = fakeServer(t, versionScript(version, "exit 1"), "exit 1")
		all = append(all, dirs[version])
	}
	tests := []struct {
		name  string
		major int
		want  string
	}{
		{"new data", 0, "16.1"},
		{"data of an older version", 14, "14.10 (Debian 14.10-1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := findBinaries(t.Context(), offline(Config{machine: places(all...)}), currentAccount(t), "", test.major)
			if err != nil {
				t.Fatal(err)
			}
			if got.dir != dirs[test.want] {
				t.Errorf("got %s, want the one in %s", got, dirs[test.want])
			}
		})
	}
}

func TestIgnoredServersAreLogged(t *testing.T) {
	t.Parallel()
	old := fakeServer(t, versionScript("12.22", "exit 1"), "exit 1")
	broken := fakeServer(t, "echo cannot load library >&2; exit 127", "exit 1")
	fine := fakeServer(t, versionScript("13.1", "exit 1"), "exit 1")
	var log bytes.Buffer
	cfg := Config{machine: places(old, broken, fine), Log: slog.New(slog.NewTextHandler(&log, nil))}
	if _, err := findBinaries(t.Context(), offline(cfg), currentAccount(t), "", 0); err != nil {
		t.Fatal(err)
	}
	wantParts(t, log.String(), old, "older than PostgreSQL 13", broken, "cannot load library")
}

func TestDataOfAnotherVersion(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	write(t, filepath.Join(dir, "data", "PG_VERSION"), "14\n")
	bin := fakeServer(t, versionScript("16.1", "exit 1"), "exit 1")
	got := startFails(t, Config{Dir: dir, machine: places(bin)})
	wantParts(t, got, dir, "written by PostgreSQL 14", "PostgreSQL 16.1 from "+bin,
		"install PostgreSQL 14", "make clean")
}

func TestBinDirIsTheOnlyDirectory(t *testing.T) {
	t.Parallel()
	empty := tempDir(t)
	fine := fakeServer(t, versionScript("16.1", "exit 1"), "exit 1")
	got := startFails(t, Config{Dir: tempDir(t), BinDir: empty, machine: places(fine)})
	wantParts(t, got, "no PostgreSQL 13 or later", empty, "postgres and initdb")
}

func TestLinksInPathLeadToTheServer(t *testing.T) {
	target, err := filepath.EvalSymlinks(fakeServer(t, "", ""))
	if err != nil {
		t.Fatal(err)
	}
	linked := tempDir(t)
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.Symlink(filepath.Join(target, name), filepath.Join(linked, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", linked)
	dirs := machineDirs(t.Context())
	if len(dirs) == 0 || dirs[0] != target {
		t.Errorf("got %q, want %s first", dirs, target)
	}
}
