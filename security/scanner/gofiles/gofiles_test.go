package gofiles

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

func TestFilesAreSortedByBuildConstraints(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"a.go":         "package a\n",
		"a_test.go":    "package a\n",
		"a_plan9.go":   "package a\n",
		"b.go":         "//go:build unix && !linux && !darwin && !freebsd\n\npackage a\n",
		"c.go":         "//go:build release\n\npackage a\n",
		"d.go":         "//go:build !release\n\npackage a\n",
		"ignored.go":   "//go:build ignore\n\npackage main\n",
		"malformed.go": "//go:build (\n\npackage a\n",
		"_under.go":    "package a\n",
	}
	at := tree.Tree{Dir: dir, Repository: dir}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		at.Files = append(at.Files, name)
	}
	slices.Sort(at.Files)
	got := Of(at)
	want := Files{
		Built:   []string{"a.go", "d.go", "malformed.go"},
		Foreign: map[string][]string{"openbsd/amd64": {"b.go"}, "plan9/amd64": {"a_plan9.go"}},
		Tagged:  []string{"_under.go", "c.go", "ignored.go"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestModulesOf(t *testing.T) {
	dir := t.TempDir()
	at := tree.Tree{Dir: dir, Repository: dir}
	for name, content := range map[string]string{
		"go.mod":              "module example.com/a\n",
		"a.go":                "package a\n",
		"cmd/b/main.go":       "package main\n",
		"cmd/b/more.go":       "package main\n",
		"only/tests_test.go":  "package only\n",
		"vendor/v/v.go":       "package v\n",
		"c/testdata/t.go":     "package t\n",
		"_d/d.go":             "package d\n",
		"inner/go.mod":        "module example.com/inner\n",
		"inner/deep/main.go":  "package main\n",
		"without/go.mod":      "module example.com/without\n",
		"without/old_test.go": "package without\n",
	} {
		if err := os.MkdirAll(filepath.Dir(at.Path(name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at.Path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		at.Files = append(at.Files, name)
	}
	slices.Sort(at.Files)
	got, err := ModulesOf(at)
	if err != nil {
		t.Fatal(err)
	}
	want := []Module{
		{Folder: ".", Path: "example.com/a", Folders: []string{".", "cmd/b"}, Mains: []string{"cmd/b"}},
		{Folder: "inner", Path: "example.com/inner", Folders: []string{"inner/deep"}, Mains: []string{"inner/deep"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	at.Files = []string{"a.go"}
	_, err = ModulesOf(at)
	scannertest.WantKind(t, err, scanner.BadInput)
}
