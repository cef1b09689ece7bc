package access

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var secret = Credential{User: "rates_service_b", password: "hunter2"}

const secretFile = "[rates]\nuser=rates_service_b\npassword=hunter2\n"

func publish(t *testing.T, target string) error {
	t.Helper()
	publisher, err := NewPublisher(target, "rates")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(publisher.String(), "hunter2") {
		t.Errorf("it is called %s", publisher)
	}
	return publisher.Publish(t.Context(), secret)
}

func TestPublishersAreChecked(t *testing.T) {
	for _, target := range []string{"", "file:", "exec:", "exec:  ", "/etc/pg_service.conf", "http://vault", "FILE:x"} {
		if _, err := NewPublisher(target, "rates"); err == nil || err.Error() != "expected file:PATH or exec:COMMAND" {
			t.Errorf("%q: %v", target, err)
		}
	}
	for _, service := range []string{"", "a]", "a b", "a\nb"} {
		if _, err := NewPublisher("file:x", service); err == nil || !strings.Contains(err.Error(), "the service is named") {
			t.Errorf("service %q: %v", service, err)
		}
	}
}

// A file is replaced in one step and keeps its permissions; a new one is closed to
// others, also under a permissive umask.
func TestFileIsReplaced(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	for name, mode := range map[string]fs.FileMode{"new": 0o600, "private": 0o600, "for a group": 0o640, "for all": 0o444} {
		path := filepath.Join(t.TempDir(), "pg_service.conf")
		if name != "new" {
			if err := os.WriteFile(path, []byte("[rates]\nuser=old\n"), mode); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := os.Open(path) // whoever reads it at this moment
		if err := publish(t, "file:"+path); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := os.ReadFile(path)
		if err != nil || string(text) != secretFile {
			t.Errorf("%s: it holds %q, %v", name, text, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: it is %v, %v; want %v", name, info.Mode(), err, mode)
		}
		if before != nil {
			old := make([]byte, 100)
			if n, _ := before.Read(old); string(old[:n]) != "[rates]\nuser=old\n" {
				t.Errorf("%s: who had it open reads %q", name, old[:n])
			}
			_ = before.Close()
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
}

// A file of another user stays theirs: a program could not read it otherwise.
func TestFileKeepsItsOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIP: only root gives files to others")
	}
	path := filepath.Join(t.TempDir(), "pg_service.conf")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 65532, 65531); err != nil {
		t.Fatal(err)
	}
	if err := publish(t, "file:"+path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 65532 || stat.Gid != 65531 {
		t.Errorf("it belongs to %d:%d now", stat.Uid, stat.Gid)
	}
}

// Of a link, the file that it leads to is replaced.
func TestFileBehindALink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := publish(t, "file:"+link); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != secretFile {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if to, err := os.Readlink(link); to != "file" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

// An error names the file, not the secret, and leaves nothing behind.
func TestFileCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "file")} {
		if err := publish(t, "file:"+path); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// script returns the path of a program.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "publish")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// A program gets the secret on standard input, and in no argument or variable.
func TestProgramGetsTheSecretOnStandardInput(t *testing.T) {
	got := filepath.Join(t.TempDir(), "got")
	path := script(t, `cat >"$1"; echo "$*" >"$1.args"; env >"$1.env"`)
	if err := publish(t, "exec:"+path+"  "+got+" --vault v"); err != nil {
		t.Fatal(err)
	}
	for suffix, want := range map[string]string{"": secretFile, ".args": got + " --vault v\n"} {
		if text, err := os.ReadFile(got + suffix); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v, want %q", suffix, text, err, want)
		}
	}
	if text, err := os.ReadFile(got + ".env"); err != nil || strings.Contains(string(text), "hunter2") {
		t.Errorf("environment: %s, %v", text, err)
	}
}

// A program that fails is quoted without the secret.
func TestProgramFails(t *testing.T) {
	err := publish(t, "exec:"+script(t, `cat; cat >&2 <<END
no such vault hunter2
END
exit 3`))
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: no such vault (password)") {
		t.Errorf("%v", err)
	}
	if err := publish(t, "exec:/nonexistent/az keyvault"); err == nil || !strings.Contains(err.Error(), "/nonexistent/az") {
		t.Errorf("%v", err)
	}
}
