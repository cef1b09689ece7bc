package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Repository is a repository with a work tree.
type Repository struct {
	Root string // the folder that holds .git, with links resolved
}

// Find returns the repository that a folder is in: the innermost with an entry
// .git. No setting of the repository can name another work tree.
func Find(dir string) (Repository, error) {
	root, err := filepath.Abs(dir)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return Repository{}, fmt.Errorf("find the repository of %s: %w", dir, err)
	}
	for at := root; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return Repository{Root: at}, nil
		}
		if at == filepath.Dir(at) {
			return Repository{}, fmt.Errorf("%s is not in a git work tree", dir)
		}
	}
}

// Env returns the variables with which git reads this repository alone.
func (r Repository) Env() []string {
	return append(Alone(), "GIT_DIR="+filepath.Join(r.Root, ".git"), "GIT_WORK_TREE="+r.Root)
}

// Run runs git on the repository and returns its output.
func (r Repository) Run(ctx context.Context, args ...string) (string, error) {
	return r.RunOn(ctx, "", args...)
}

// RunOn is like Run, and gives git an input.
func (r Repository) RunOn(ctx context.Context, input string, args ...string) (string, error) {
	return run(ctx, r.Root, r.Env(), input, args)
}
