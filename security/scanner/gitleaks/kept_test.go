package gitleaks_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/scannertest"
)

// Each is a place that only git knows.
func TestGitleaksReadsAllThatGitKeeps(t *testing.T) {
	t.Parallel()
	back := func(w work) { w.git("checkout", "--quiet", "main") }
	for name, test := range map[string]struct {
		keep     func(w work)
		resource string // its first word
	}{
		"the message of a commit": {func(w work) { w.git("commit", "--quiet", "--allow-empty", "--message", "Subject\n\nkey "+key) }, "commit"},
		"the name of an author": {func(w work) {
			w.git("commit", "--quiet", "--allow-empty", "--message", "m", "--author", key+" <a@invalid>")
		}, "commit"},
		"the message of a tag": {func(w work) { w.git("tag", "-a", "v1", "--message", "key "+key) }, "tag"},
		"a tag on a file":      {func(w work) { w.write("x", key); w.git("tag", "v1", w.output("hash-object", "-w", "x")); w.remove("x") }, ""},
		"a note":               {func(w work) { w.git("notes", "add", "--message", "key "+key) }, "commit"},
		"a note elsewhere":     {func(w work) { w.git("notes", "--ref=review", "add", "--message", "key "+key) }, "commit"},
		"an unmerged branch": {func(w work) {
			w.git("checkout", "--quiet", "-b", "side")
			w.write("x", key+"\n")
			w.commit()
			back(w)
		}, "commit"},
		"a branch of a remote": {func(w work) {
			w.git("checkout", "--quiet", "--detach")
			w.write("x", key+"\n")
			w.commit()
			w.git("update-ref", "refs/remotes/origin/side", "HEAD")
			back(w)
		}, "commit"},
		"a hidden ref": {func(w work) {
			w.git("checkout", "--quiet", "--detach")
			w.write("x", key+"\n")
			w.commit()
			w.git("update-ref", "refs/pull/1/head", "HEAD")
			w.git("config", "transfer.hideRefs", "refs/pull")
			back(w)
		}, "commit"},
		"a stash": {func(w work) {
			w.write("x", key+"\n")
			w.git("stash", "push", "--quiet", "--include-untracked")
		}, "commit"},
		"an older stash": {func(w work) {
			w.write("README", key+"\n")
			w.git("stash", "push", "--quiet")
			w.write("README", "another change\n")
			w.git("stash", "push", "--quiet")
		}, "commit"},
		"a merge of three branches": {func(w work) {
			for _, side := range []string{"a", "b"} {
				w.git("checkout", "--quiet", "-b", side, "main")
				w.write(side, side)
				w.commit()
			}
			back(w)
			w.git("merge", "--quiet", "--no-ff", "--no-commit", "a", "b")
			w.write("x", key+"\n")
			w.commit()
			w.git("rm", "--quiet", "x")
			w.commit()
		}, "commit"},
		"the URL of a submodule": {func(w work) {
			w.write(".gitmodules", "[submodule \"a\"]\n\tpath = a\n\turl = https://ci:"+key+"@example.com/a\n")
			w.commit()
			w.git("rm", "--quiet", "-f", ".gitmodules")
			w.commit()
		}, "commit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRepository(t)
			test.keep(w)
			outcome, err := w.scan()
			if err != nil {
				t.Fatal(err)
			}
			found := slices.ContainsFunc(outcome.Findings, func(f finding.Finding) bool {
				first, _, _ := strings.Cut(f.Resource, " ")
				return f.Rule == "aws-access-token" && first == test.resource && f.Secret
			})
			if !found {
				t.Errorf("examined %d %s and found %v", outcome.Examined.Count, outcome.Examined.Unit, outcome.Findings)
			}
		})
	}
}

// A key that was committed and removed again is found in every kind of file, with
// its path and its first commit.
func TestGitleaksReadsAllKindsOfFiles(t *testing.T) {
	t.Parallel()
	kinds := []string{
		"picture.png", "plan.svg", "report.pdf", "letter.docx", "table.xlsx", "font.woff2", "tool.exe", "data.bin", "a.gem", "go.mod", "go.sum", "go.work.sum",
		"package-lock.json", "pnpm-lock.yaml", "yarn.lock", "poetry.lock", "gradle.lockfile", "gradlew", "jquery.min.js", "swagger-ui.js.map", "javascript.json",
		"vendor/modules.txt", "vendor/github.com/a/b.go", "node_modules/a/index.js", "bower_components/a.js", "venv/lib/a.py", "a-1.0.dist-info/METADATA",
		"gitleaks.toml", ".gitleaksignore", "Database.refactorlog", "verification-metadata.xml", "x.min.css", "gen.pb.go",
	}
	for name, content := range map[string]func(file string) string{
		"of their own":  func(file string) string { return file + "\n\x89PNG\x00 " + key + "\n" },
		"the same":      func(string) string { return "key\n\x00" + key + "\x00\n" },
		"one in UTF-16": func(string) string { return "\n\x00\n\x00" + strings.Join(strings.Split(key, ""), "\x00") + "\x00" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRepository(t)
			for _, file := range kinds {
				w.write(file, content(file))
			}
			w.commit()
			added := w.output("rev-parse", "HEAD")
			w.git("rm", "--quiet", "-r", "--ignore-unmatch", ".")
			w.write("README", "empty\n")
			w.commit()
			outcome, err := w.scan()
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range kinds {
				if !slices.ContainsFunc(outcome.Findings, func(f finding.Finding) bool {
					return f.File == file && f.Rule == "aws-access-token" && f.Resource == "commit "+added
				}) {
					t.Errorf("nothing found in %s", file)
				}
			}
			if len(outcome.Findings) != len(kinds) {
				t.Errorf("%d findings in %d files", len(outcome.Findings), len(kinds))
			}
		})
	}
}

// A fake git in the PATH is not asked.
func TestGitleaksAsksTheSystemsGit(t *testing.T) {
	w := newRepository(t)
	w.git("commit", "--quiet", "--allow-empty", "--message", "key "+key)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\nexit 0\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	outcome, err := w.scan()
	if err != nil || len(outcome.Findings) != 1 {
		t.Errorf("found %v, error %v", outcome.Findings, err)
	}
}

// Of the versions of a file, only the first one with a secret is reported.
func TestGitleaksReportsASecretOnce(t *testing.T) {
	t.Parallel()
	w := newRepository(t)
	for i := range 5 {
		w.write("settings.ini", strings.Repeat("more\n", i)+key+"\n"+strings.Repeat("more\n", i))
		w.commit()
	}
	first := w.output("rev-parse", "HEAD~4")
	outcome, err := w.scan()
	if err != nil {
		t.Fatal(err)
	}
	want := "aws-access-token critical settings.ini:5\naws-access-token critical settings.ini (commit " + first + ")\n"
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
