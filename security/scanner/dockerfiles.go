package scanner

import (
	"path"
	"slices"
	"strings"

	"example.com/rates/security/tree"
)

// dockerfiles returns the files that are Dockerfiles by their names.
func dockerfiles(t tree.Tree) []string {
	return slices.DeleteFunc(slices.Clone(t.Files), func(name string) bool { return !isDockerfile(name) })
}

// notDockerfiles are the ends of names of files about Dockerfiles: programs,
// text, and what a build leaves out.
var notDockerfiles = []string{
	".c", ".cs", ".dockerignore", ".go", ".java", ".js", ".kt", ".md", ".php", ".py", ".rb", ".rs", ".sh", ".ts",
}

// isDockerfile reports whether a file is one by the names that Docker, BuildKit
// and Podman use: Dockerfile or Containerfile, alone, with something after a
// dot, or as what stands after the dot. Docker takes dockerfile, too.
func isDockerfile(name string) bool {
	base := strings.ToLower(path.Base(name))
	if slices.Contains(notDockerfiles, path.Ext(base)) {
		return false
	}
	return slices.ContainsFunc([]string{"dockerfile", "containerfile"}, func(kind string) bool {
		return base == kind || strings.HasPrefix(base, kind+".") || strings.HasSuffix(base, "."+kind)
	})
}
