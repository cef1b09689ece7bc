package selftest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/rates/security/git"
	"example.com/rates/security/image"
	"example.com/rates/security/tree"
)

// placeholder stands in canaries where an AWS access key id belongs. A
// committed one would be a finding of every scanner that sees this repository.
const placeholder = "AKIA_MADE_BY_THE_SELFTEST"

// accessKey makes up a well-formed AWS access key id.
func accessKey() string {
	const length = 16
	return "AKIA" + rand.Text()[:length]
}

// subject is what a gate looks at.
type subject struct {
	tree  tree.Tree
	image string // tar, "" if there is none
}

// repository makes a git repository in dir and copies what is there last, as
// the gates see a repository. Each folder is a commit. If the gate looks at an
// image, that is made of what is there last, too.
func repository(ctx context.Context, dir string, folders []string, shallow, withImage bool) (subject, error) {
	work, secret := filepath.Join(dir, "repository"), accessKey()
	if err := runGit(ctx, dir, "init", "--quiet", "--initial-branch=main", work); err != nil {
		return subject{}, err
	}
	for i, folder := range folders {
		if err := empty(work); err != nil {
			return subject{}, fmt.Errorf("clear the repository: %w", err)
		}
		if err := fill(work, folder, secret); err != nil {
			return subject{}, fmt.Errorf("fill the repository from %s: %w", folder, err)
		}
		if err := commit(ctx, work, fmt.Sprintf("Commit %d", i+1)); err != nil {
			return subject{}, err
		}
	}
	if shallow {
		full := work
		work = filepath.Join(dir, "shallow")
		if err := runGit(ctx, dir, "clone", "--quiet", "--depth=1", "file://"+full, work); err != nil {
			return subject{}, err
		}
	}
	copied, images := filepath.Join(dir, "tree"), filepath.Join(dir, "image")
	if err := errors.Join(os.Mkdir(copied, 0o750), os.Mkdir(images, 0o750)); err != nil {
		return subject{}, err
	}
	at, err := tree.Copy(ctx, work, copied)
	if err != nil || !withImage {
		return subject{tree: at}, err
	}
	tar, err := image.OfFolder(ctx, at.Dir, images)
	return subject{tree: at, image: tar}, err
}

func commit(ctx context.Context, work, message string) error {
	// A canary may hold files that are ignored elsewhere.
	if err := runGit(ctx, work, "add", "--all", "--force"); err != nil {
		return err
	}
	return runGit(ctx, work, "commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)
}

// empty removes everything but git's own folder.
func empty(work string) error {
	entries, err := os.ReadDir(work)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range entries {
		if entry.Name() != ".git" {
			errs = append(errs, os.RemoveAll(filepath.Join(work, entry.Name())))
		}
	}
	return errors.Join(errs...)
}

// fill copies a folder, with the secret where its placeholder stands.
func fill(work, folder, secret string) error {
	from, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it was only read
	to, err := os.OpenRoot(work)
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }() // each file in it is closed
	return fs.WalkDir(from.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return to.MkdirAll(name, 0o750)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no plain file", name)
		}
		content, err := from.ReadFile(name)
		if err != nil {
			return err
		}
		content = bytes.ReplaceAll(content, []byte(placeholder), []byte(secret))
		return to.WriteFile(name, content, info.Mode().Perm())
	})
}

// runGit runs git without anything that a user or a machine has set up.
func runGit(ctx context.Context, dir string, args ...string) error {
	settings := []string{
		"-c", "user.name=Canary", "-c", "user.email=canary@invalid",
		"-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false",
		"-c", "core.excludesFile=/dev/null", "-c", "init.templateDir=", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
	}
	if _, err := git.Run(ctx, dir, git.Alone(), append(settings, args...)...); err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	return nil
}
