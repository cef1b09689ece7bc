package unread

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"example.com/rates/security/tree"
)

// readers are the patterns of files that a gate reads besides its inputs: of names,
// or of paths if they have a slash.
var readers = []string{
	"go.mod", "go.sum", // govulncheck builds what they name, and trivy knows its faults
	"requirements*.txt", "requirements*.in", "build.txt", "build.in", // trivy
	"*.tfvars", "*.tftest.hcl", "*.tfmock.hcl", ".terraform.lock.hcl", // terraform-test runs them
	"terraform/compliance/*.feature", // terraform-compliance
	"action.yml", "action.yaml",      // actionlint and zizmor
	"service/httpapi/openapi.yaml", // zap asks all that it names
}

// readOtherwise reports whether a gate reads a file that is none of its inputs.
func readOtherwise(name string) bool {
	if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
		return true // gosec reads what is built elsewhere too, and names what it cannot see
	}
	for _, pattern := range readers {
		if strings.Contains(pattern, "/") {
			if ok, err := path.Match(pattern, name); ok && err == nil {
				return true
			}
			continue
		}
		one := tree.Tree{Files: []string{name}}
		if len(one.Matching(pattern)) > 0 {
			return true
		}
	}
	return false
}

var (
	interpreter = regexp.MustCompile(`^#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*(?:\S*/)?)?([^\s/]+?)[0-9.]*\s`)
	twofold     = []string{"_test.go", ".tftest.hcl", ".tfmock.hcl", ".html.tmpl"}
)

// kindOf names the kind of a file: by the program that runs it, by what it is made
// of, by the end of its name, or by the name itself.
func kindOf(name string, content []byte, link bool) string {
	if link {
		return "link"
	}
	if m := interpreter.FindSubmatch(append(content[:len(content):len(content)], '\n')); m != nil {
		return string(m[1]) + " script"
	}
	if isBinary(content) {
		return "binary"
	}
	base := strings.ToLower(path.Base(name))
	for _, end := range twofold {
		if strings.HasSuffix(base, end) {
			return end
		}
	}
	if ext := path.Ext(base); ext != "" && ext != base {
		return ext
	}
	return path.Base(name)
}

// isBinary reports whether a file is no text.
func isBinary(content []byte) bool {
	const enough = 8 << 10
	return bytes.IndexByte(content[:min(len(content), enough)], 0) >= 0
}
