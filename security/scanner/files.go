package scanner

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
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

// A Dockerfile by what stands in it: after comments and arguments a FROM, and
// then another instruction.
var dockerfileText = regexp.MustCompile(`(?i)\A(?:[ \t]*(?:#.*|ARG[ \t].*)?\r?\n)*[ \t]*FROM[ \t]+(?:--platform=\S+[ \t]+)?\S+(?:[ \t]+AS[ \t]+\S+)?[ \t]*\r?\n` +
	`(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)[ \t]`)

// unnamedDockerfiles returns a finding for each file that is a Dockerfile by
// what stands in it, and not by its name: any file can be built from, and no
// gate knows this one.
func unnamedDockerfiles(t tree.Tree, gate string) ([]finding.Finding, error) {
	var found []finding.Finding
	for _, name := range t.Files {
		if isDockerfile(name) {
			continue
		}
		info, err := os.Lstat(t.Path(name))
		if err != nil {
			return nil, Errorf(InputUnavailable, "%w", err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		content, err := os.ReadFile(t.Path(name))
		if err != nil {
			return nil, Errorf(InputUnavailable, "%w", err)
		}
		if !dockerfileText.Match(content) {
			continue
		}
		found = append(found, finding.Finding{
			Rule: NotExamined, Severity: finding.Medium, File: name,
			Message:   "This is a Dockerfile, and has none of the names by which one is known.",
			Help:      "Call it Dockerfile, NAME.Dockerfile or Dockerfile.NAME.",
			Witnesses: []finding.Witness{{Gate: gate, Rule: NotExamined}},
		})
	}
	return found, nil
}
