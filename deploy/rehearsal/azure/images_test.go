//go:build linux

package azure

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// postgresDigest returns the digest of the image that the job principals takes psql from.
func postgresDigest(t *testing.T) string {
	t.Helper()
	variables, err := os.ReadFile(filepath.Join(root, "terraform/app/variables_service.tf"))
	check(t, err)
	found := digestOfPostgres.FindSubmatch(variables)
	if found == nil {
		t.Fatal("terraform/app/variables_service.tf names no digest of postgres")
	}
	return string(found[1])
}

var digestOfPostgres = regexp.MustCompile(`default += "(sha256:[0-9a-f]{64})"`)

// images are those that can be imported: the program of this tree, its smoke features,
// and a psql.
func (w *world) images(t *testing.T) map[string]image {
	t.Helper()
	return map[string]image{
		postgresDigest(t):             {Name: "postgres"},
		digestOf(t, w.built("rates")): {Name: "rates", Command: []string{w.built("rates")}, Dir: w.dir},
		// It finds the features beside the folder that it runs in.
		digestOf(t, w.built("smoke")): {Name: "rates-smoke", Command: []string{w.built("smoke"), "-test.v"}, Dir: w.at("repository/steps")},
	}
}

// built is the path of a program that was built before.
func (w *world) built(name string) string { return filepath.Join(*inside, name) }

func digestOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	check(t, err)
	return fmt.Sprintf("sha256:%x", sha256.Sum256(content))
}

// build builds the program of the copy as it is now, and returns the digest of its
// image.
func (w *world) build(t *testing.T, name string) string {
	t.Helper()
	build := exec.CommandContext(t.Context(), "nice", "go", "build", "-o", w.at(name), "./service/cmd/rates")
	build.Dir = w.at("repository")
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("build %s: %v\n%s", name, err, out)
	}
	digest := digestOf(t, w.at(name))
	w.machines.mu.Lock()
	defer w.machines.mu.Unlock()
	w.machines.images[digest] = image{Name: "rates", Command: []string{w.at(name)}, Dir: w.dir}
	return digest
}
