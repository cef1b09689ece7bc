package scanner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/tree"
)

// All gates agree on which files are Dockerfiles: those that an image can be built
// from, not programs that read them.
func TestDockerfiles(t *testing.T) {
	are := strings.Fields(`Containerfile Containerfile.dev Dockerfile a/b/Dockerfile a/dockerfile api.Dockerfile
		api.containerfile api.dockerfile deploy/Dockerfile.alpine dockerfile.dev`)
	arenot := strings.Fields(`.dockerignore Dockerfile.dockerignore Dockerfile/main.tf MyDockerfile docs/Dockerfile.md
		security/image/dockerfile.go containerfile.py test/dockerfile.ts Dockerfile-old api.dockerfile.go`)
	files := slices.Concat(arenot, are)
	if diff := cmp.Diff(are, Dockerfiles(tree.Tree{Files: files})); diff != "" {
		t.Errorf("Dockerfiles (-want +got):\n%s", diff)
	}
}
