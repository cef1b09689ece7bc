package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestIncompleteDataIsRecreated(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	write(t, filepath.Join(dir, "data.new", "PG_VERSION"), "15\n")
	s := start(t, Config{Dir: dir})
	query(t, s.URL("postgres"), "select 'whole'")
	if exists(filepath.Join(dir, "data.new")) {
		t.Error("data.new still exists")
	}
}

func TestDataIsNotADatabase(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "words": "none\n"} {
		dir := tempDir(t)
		write(t, filepath.Join(dir, "data", "PG_VERSION"), text)
		t.Run(name, func(t *testing.T) {
			wantParts(t, startFails(t, Config{Dir: dir}), dir, "contains no database", "make clean")
		})
	}
}

func TestUnusableDirIsNamed(t *testing.T) {
	t.Parallel()
	base := tempDir(t)
	write(t, filepath.Join(base, "file"), "")
	if err := os.Symlink(tempDir(t), filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	for name, perm := range map[string]os.FileMode{"open": 0o777, "readonly": 0o500} {
		path := filepath.Join(base, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, perm); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ dir, want string }{
		{"file", "not a directory"},
		{"file/below", "not a directory"},
		{"link", "symbolic link"},
		{"open", "every user may write to it"},
	}
	if os.Geteuid() != 0 { // root may write anywhere
		tests = append(tests, struct{ dir, want string }{"readonly/below", "permission denied"},
			struct{ dir, want string }{"readonly", "permission denied"})
	}
	for _, test := range tests {
		t.Run(test.dir, func(t *testing.T) {
			dir := filepath.Join(base, test.dir)
			got := startFails(t, Config{Dir: dir})
			wantParts(t, got, dir, test.want, "choose another directory")
			if strings.Contains(got, "\n") {
				t.Errorf("want one sentence, got %q", got)
			}
		})
	}
}

func TestDirOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIP: only root can give a directory away")
	}
	dir := tempDir(t)
	if err := os.Chown(dir, 65534, -1); err != nil {
		t.Fatal(err)
	}
	wantParts(t, startFails(t, Config{Dir: dir}), dir, "belongs to user", "not to root")
}

func TestDirBelowAClosedOne(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIP: only root's server runs as another user")
	}
	bin := needServer(t)
	closed := tempDir(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "dir")
	wantParts(t, startFails(t, Config{Dir: dir, BinDir: bin.dir}), "cannot reach "+dir, "choose one outside")
}

func TestDefaultDir(t *testing.T) {
	t.Parallel()
	one, err := DefaultDir("/some/project")
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		if want := "/some/project/.rates"; one != want {
			t.Errorf("got %s, want %s", one, want)
		}
		return
	}
	other, err := DefaultDir("/other/project")
	if err != nil {
		t.Fatal(err)
	}
	if one == other || filepath.Dir(one) != "/var/lib/rates-dev" {
		t.Errorf("got %s and %s, want two directories below /var/lib/rates-dev", one, other)
	}
}
