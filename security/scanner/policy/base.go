package policy

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"example.com/rates/security/git"
	"example.com/rates/security/tree"
)

// repository is the history that is asked.
type repository struct {
	ctx context.Context //nolint:containedctx // it lives as long as one scan
	dir string
}

func (r repository) git(args ...string) (string, error) {
	out, err := git.Run(r.ctx, r.dir, append(git.Alone(), "GIT_NO_REPLACE_OBJECTS=1"), args...)
	return strings.TrimSuffix(out, "\n"), err
}

// mains are the names of the main branch, the most trustworthy first.
var mains = []string{"refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main", "refs/heads/master"}

// errFirst means that there is no earlier commit to compare with.
var errFirst = errors.New("this is the first commit")

// base returns the commit to compare with: where this branch left the main branch. On
// the main branch itself it is the commit before.
func (r repository) base() (string, error) {
	head, err := r.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if err != nil {
		return "", errFirst // there is none at all
	}
	shallow, err := r.git("rev-parse", "--is-shallow-repository")
	if err != nil {
		return "", err
	}
	if shallow == "true" {
		return "", errors.New("this clone is shallow; run: git fetch --unshallow")
	}
	at := slices.IndexFunc(mains, func(ref string) bool {
		_, err := r.git("rev-parse", "--verify", "--quiet", ref+"^{commit}")
		return err == nil
	})
	if at < 0 {
		return "", errors.New("there is no branch main here; run: git fetch origin main:refs/remotes/origin/main")
	}
	fork, err := r.git("merge-base", "HEAD", mains[at])
	if err != nil || fork == "" {
		return "", fmt.Errorf("this branch and %s have no commit in common", mains[at])
	}
	if fork != head {
		return fork, nil
	}
	parent, err := r.git("rev-parse", "--verify", "--quiet", "HEAD^1^{commit}")
	if err != nil {
		return "", errFirst
	}
	return parent, nil
}

// everHad reports whether the repository has or had a file that one of these paths or
// patterns of file names matches.
func (r repository) everHad(t tree.Tree, needs []string) (bool, error) {
	for _, need := range needs {
		if t.Has(need) || !strings.Contains(need, "/") && len(t.Matching(need)) > 0 {
			return true, nil
		}
	}
	if _, err := r.git("rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return true, nil //nolint:nilerr // there is no history yet
	}
	args := []string{"log", "-1", "--format=%H", "HEAD", "--"}
	for _, need := range needs {
		if strings.Contains(need, "/") {
			args = append(args, ":(top,literal)"+need)
		} else {
			args = append(args, ":(top,glob)**/"+need, ":(top,glob)**/"+need+"/**")
		}
	}
	commit, err := r.git(args...)
	return commit != "", err
}

// base is a commit of the repository.
type base struct {
	repository
	commit string
}

// errNotThere means that the commit has no such file.
var errNotThere = errors.New("it is not there")

// file returns the content of a file in the commit.
func (b base) file(name string) ([]byte, error) {
	names, err := b.files(name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, name) {
		return nil, fmt.Errorf("%s in commit %s: %w", name, b.commit, errNotThere)
	}
	content, err := git.Run(b.ctx, b.dir, append(git.Alone(), "GIT_NO_REPLACE_OBJECTS=1"), "cat-file", "blob", b.commit+":"+name)
	return []byte(content), err
}

// files returns the files of the commit at a path or below it.
func (b base) files(at string) ([]string, error) {
	out, err := b.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", b.commit, "--", at)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(out, "\x00"), func(name string) bool { return name == "" }), nil
}

// grep returns the lines of the commit that match an extended regular expression, by
// file.
func (b base) grep(expression string) (map[string][]string, error) {
	out, err := b.git("grep", "-I", "-z", "-E", "-e", expression, b.commit)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return nil, nil // there is none
	}
	if err != nil {
		return nil, err
	}
	lines := map[string][]string{}
	for entry := range strings.SplitSeq(out, "\n") {
		place, line, _ := strings.Cut(entry, "\x00")
		name := strings.TrimPrefix(place, b.commit+":")
		lines[name] = append(lines[name], line)
	}
	return lines, nil
}
