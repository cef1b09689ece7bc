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
	"strings"

	"example.com/rates/security/git"
	"example.com/rates/security/image"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// placeholder stands for an AWS access key id in canaries. A real one would be a
// finding of every scanner that examines this repository.
const placeholder = "AKIA_MADE_BY_THE_SELFTEST"

// accessKey returns a random, well-formed AWS access key id.
func accessKey() string {
	const length = 16
	return "AKIA" + rand.Text()[:length]
}

// subject is the input of a gate.
type subject struct {
	tree  tree.Tree
	image scanner.Image

	release  bool   // the image must be proven
	standIn  string // how a stand-in for the tool behaves, "" for the tool itself
	active   bool   // the tool attacks the subject
	accepted []scanner.Accepted
}

// plan says how to make a repository.
type plan struct {
	folders []string          // each is a commit that replaces the one before
	edits   []edit            // to the last folder
	as      map[string]string // formats of files in the first folder
	keep    string            // where it keeps a secret besides, "" for nowhere
	shallow bool
	imageOf string // folder that the image is made from, "" for the last one
}

// repository creates a git repository in dir, and copies its last state as the gates
// do. With an image, it also packs that state.
func repository(ctx context.Context, dir string, p plan, withImage bool) (subject, error) {
	work, secret := filepath.Join(dir, "repository"), accessKey()
	if err := runGit(ctx, dir, "init", "--quiet", "--initial-branch=main", work); err != nil {
		return subject{}, err
	}
	for i, folder := range p.folders {
		if err := p.commit(ctx, work, i, secret); err != nil {
			return subject{}, fmt.Errorf("commit %s: %w", folder, err)
		}
	}
	if keep := keepers[p.keep]; keep != nil {
		if err := keep(ctx, work, secret); err != nil {
			return subject{}, fmt.Errorf("keep a secret in %s: %w", p.keep, err)
		}
	}
	if p.shallow {
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
	of := at.Dir
	if p.imageOf != "" {
		of = p.imageOf
	}
	handed, err := handOver(ctx, of, images)
	return subject{tree: at, image: handed}, err
}

// handOver makes an image of a folder, with its manifest and digest, as a pipeline has
// them.
func handOver(ctx context.Context, folder, dir string) (scanner.Image, error) {
	tar, err := image.OfFolder(ctx, folder, dir)
	if err != nil || tar == "" {
		return scanner.Image{}, err
	}
	handed := scanner.Image{Tar: tar, Manifest: filepath.Join(dir, "manifest.json")}
	manifest, digest, err := image.Manifest(tar)
	if err != nil {
		return scanner.Image{Tar: tar}, nil //nolint:nilerr // a canary may be no image at all
	}
	handed.Digest = digest
	return handed, os.WriteFile(handed.Manifest, manifest, 0o600)
}

// commit commits a folder.
func (p plan) commit(ctx context.Context, work string, i int, secret string) error {
	if err := empty(work); err != nil {
		return err
	}
	var as map[string]string
	if i == 0 {
		as = p.as
	}
	if err := fill(work, p.folders[i], secret, as); err != nil {
		return err
	}
	if i == len(p.folders)-1 {
		if err := apply(work, p.edits); err != nil {
			return err
		}
	}
	return commit(ctx, work, fmt.Sprintf("Commit %d", i+1))
}

func commit(ctx context.Context, work, message string) error {
	// A canary may hold files that git would ignore.
	if err := runGit(ctx, work, "add", "--all", "--force"); err != nil {
		return err
	}
	return runGit(ctx, work, "commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)
}

// empty removes everything except git's own folder.
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

// fill copies a folder, with the secret in place of its placeholder, and some files
// in another format.
func fill(work, folder, secret string, as map[string]string) error {
	from, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it was only read
	to, err := os.OpenRoot(work)
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }() // the files in it are closed already
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
			return fmt.Errorf("%s is not a regular file", name)
		}
		content, err := from.ReadFile(name)
		if err != nil {
			return err
		}
		content = bytes.ReplaceAll(content, []byte(placeholder), []byte(secret))
		if format := formats[as[name]]; format != nil {
			if content, err = format(content); err != nil {
				return err
			}
		}
		return to.WriteFile(name, content, info.Mode().Perm())
	})
}

// apply edits files of the repository.
func apply(work string, edits []edit) error {
	root, err := os.OpenRoot(work)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // the files in it are closed already
	for _, e := range edits {
		content, err := root.ReadFile(e.File)
		if err != nil {
			return err
		}
		if n := strings.Count(string(content), e.Old); n != 1 {
			return fmt.Errorf("%s has %q %d times, not once", e.File, e.Old, n)
		}
		if err := root.WriteFile(e.File, []byte(strings.Replace(string(content), e.Old, e.New, 1)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// runGit runs git without the configuration of the user and of the machine.
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
