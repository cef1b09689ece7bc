package scanner

import (
	"os"
	"path"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// NotExamined is the rule of findings about files that a gate cannot see.
const NotExamined = "not-examined"

// Unexamined returns the finding that a gate cannot see a file.
func Unexamined(file, message, help string) finding.Finding {
	return finding.Finding{Rule: NotExamined, Severity: finding.Medium, File: file, Message: message, Help: help}
}

// Dockerfiles returns the files that are Dockerfiles by their names.
func Dockerfiles(t tree.Tree) []string {
	return slices.DeleteFunc(slices.Clone(t.Files), func(name string) bool { return !IsDockerfile(name) })
}

// notDockerfiles are the extensions of files about Dockerfiles: programs, text,
// and lists of files that a build ignores.
var notDockerfiles = []string{
	".c", ".cs", ".dockerignore", ".go", ".java", ".js", ".kt", ".md", ".php", ".py", ".rb", ".rs", ".sh", ".ts",
}

// IsDockerfile reports whether a file is one by the names that Docker, BuildKit
// and Podman use: Dockerfile or Containerfile, alone, before a dot and more, or
// after a dot. The letter case does not matter.
func IsDockerfile(name string) bool {
	base := strings.ToLower(path.Base(name))
	if slices.Contains(notDockerfiles, path.Ext(base)) {
		return false
	}
	return slices.ContainsFunc([]string{"dockerfile", "containerfile"}, func(kind string) bool {
		return base == kind || strings.HasPrefix(base, kind+".") || strings.HasSuffix(base, "."+kind)
	})
}

// WorkflowsDir is where GitHub looks for workflows.
const WorkflowsDir = ".github/workflows"

// Workflows returns the files that GitHub treats as workflows: those directly
// in WorkflowsDir.
func Workflows(t tree.Tree) []string {
	return slices.DeleteFunc(t.Matching("*.yml", "*.yaml"), func(name string) bool { return path.Dir(name) != WorkflowsDir })
}

// LinesOf returns the lines of a file of the tree, however long they are, or
// nil if it cannot be read.
func LinesOf(t tree.Tree, file string) []string {
	content, err := os.ReadFile(t.Path(file))
	if err != nil {
		return nil
	}
	return strings.Split(string(content), "\n")
}

// PackageLine returns the number of the first line that names the package in
// its version, or 0.
func PackageLine(lines []string, name, version string) int {
	for i, line := range lines {
		words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\"'=@,:;", r) })
		if slices.Contains(words, name) && slices.Contains(words, version) {
			return i + 1
		}
	}
	return 0
}
