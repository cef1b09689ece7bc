package shellcheck

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/tree"
)

var (
	extensions = []string{".sh", ".bash", ".ksh", ".dash", ".ash", ".bats"}
	names      = []string{".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".envrc", ".kshrc"}
	hooks      = []string{
		"applypatch-msg", "commit-msg", "post-checkout", "post-commit", "post-merge", "post-rewrite", "pre-applypatch", "pre-auto-gc",
		"pre-commit", "pre-merge-commit", "pre-push", "pre-rebase", "pre-receive", "prepare-commit-msg", "update", "post-receive", "post-update",
	}
	// shebang matches the first line of a script in a language that shellcheck knows.
	shebang = regexp.MustCompile(`^#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*(?:\S*/)?)?(?:busybox\s+)?(?:(?:ba|da|k|a)?sh\d*|bats)(?:\s|$)`)
)

// IsScript reports whether a file is a shell script: by its extension, by its name,
// as a hook of git, or by its first line.
func IsScript(name string, content []byte) bool {
	base := path.Base(name)
	if bytes.HasPrefix(content, []byte("#!")) {
		first, _, _ := bytes.Cut(content, []byte("\n"))
		return shebang.Match(bytes.TrimSpace(first))
	}
	return slices.Contains(extensions, strings.ToLower(path.Ext(base))) || slices.Contains(names, base) || slices.Contains(hooks, base)
}

// Scripts returns the shell scripts of a tree.
func Scripts(t tree.Tree) []string {
	return slices.DeleteFunc(slices.Clone(t.Files), func(name string) bool {
		info, err := os.Lstat(t.Path(name))
		if err != nil || !info.Mode().IsRegular() {
			return true // the target of a link is a file of the tree, or is not shipped
		}
		content, err := os.ReadFile(t.Path(name))
		return err != nil || !IsScript(name, content)
	})
}
