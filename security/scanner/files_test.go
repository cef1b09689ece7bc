package scanner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/tree"
)

// All gates that examine Dockerfiles take the same files for ones: those that
// something can be built from, and not the programs that read them.
func TestDockerfiles(t *testing.T) {
	are := strings.Fields(`Containerfile Containerfile.dev Dockerfile a/b/Dockerfile a/dockerfile api.Dockerfile
		api.containerfile api.dockerfile deploy/Dockerfile.alpine dockerfile.dev`)
	arenot := strings.Fields(`.dockerignore Dockerfile.dockerignore Dockerfile/main.tf MyDockerfile docs/Dockerfile.md
		security/image/dockerfile.go containerfile.py test/dockerfile.ts Dockerfile-old api.dockerfile.go`)
	files := slices.Concat(arenot, are)
	if diff := cmp.Diff(are, dockerfiles(tree.Tree{Files: files})); diff != "" {
		t.Errorf("Dockerfiles (-want +got):\n%s", diff)
	}
}

// A Dockerfile is known by what stands in it, too, and nothing else is taken
// for one.
func TestDockerfileText(t *testing.T) {
	for text, want := range map[string]bool{
		"FROM scratch\nCOPY a /a\n": true,
		"# syntax=docker/dockerfile:1\n\nARG A=1\r\nfrom --platform=linux/amd64 a AS b\r\n\n# c\nrun x": true,
		"FROM a\nFROM b\n":                     true,
		"FROM scratch\n":                       false, // builds nothing
		"From here on\nrun the tests.\n":       false,
		"From: a@b.invalid\nLabel all of it\n": false,
		"SELECT day\nFROM prices\nUSER x\n":    false,
		"":                                     false,
	} {
		if got := dockerfileText.MatchString(text); got != want {
			t.Errorf("%q is a Dockerfile: %t, want %t", text, got, want)
		}
	}
}
