// Package smoke holds the image that checks a deployed service. Its tests keep
// the Dockerfile in step with the code.
package smoke

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The image gets every folder that the steps are built from, and no other. An
// image that lacks one would fail to build, unnoticed until a deployment.
func TestImageHasExactlyTheFoldersOfTheSteps(t *testing.T) {
	dockerfile, ignored := read(t, "smoke.Dockerfile"), read(t, "smoke.Dockerfile.dockerignore")
	var copied []string
	for _, m := range regexp.MustCompile(`(?m)^COPY (\S+) \./(\S+)$`).FindAllStringSubmatch(dockerfile, -1) {
		if m[1] != m[2] {
			t.Errorf("%s is copied to %s; its packages would not be found", m[1], m[2])
		}
		copied = append(copied, m[1])
	}
	var sent, excluded []string // to the engine
	for _, line := range strings.Fields(ignored) {
		if folder, ok := strings.CutPrefix(line, "!"); ok {
			sent = append(sent, folder)
		} else {
			excluded = append(excluded, line)
		}
	}
	needed := foldersOf(t, "example.com/rates/steps")
	for _, folder := range needed {
		within := func(parent string) bool { return folder == parent || strings.HasPrefix(folder, parent+"/") }
		if !slices.ContainsFunc(copied, within) {
			t.Errorf("the steps need %s, but the Dockerfile does not copy it", folder)
		}
		if !slices.ContainsFunc(sent, within) || slices.ContainsFunc(excluded, within) {
			t.Errorf("the steps need %s, but it is not sent to the engine", folder)
		}
	}
	for _, folder := range copied {
		if !slices.ContainsFunc(needed, func(one string) bool { return one == folder || strings.HasPrefix(one, folder+"/") }) {
			t.Errorf("the Dockerfile copies %s, but the steps do not need it", folder)
		}
	}
}

// foldersOf returns the folders of this module that the tests of a package are
// built from, as slash-separated paths from the repository's root.
func foldersOf(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-test", "-deps",
		"-f", `{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}`, pkg).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var folders []string
	for _, line := range strings.Fields(string(out)) {
		folder, ok := strings.CutPrefix(line, "example.com/rates/")
		if ok && !strings.ContainsAny(folder, ".") && !strings.HasSuffix(folder, "_test") {
			folders = append(folders, folder)
		}
	}
	if len(folders) == 0 {
		t.Fatalf("go list names no package of this module that %s needs", pkg)
	}
	return folders
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
