package selftest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"os"
	"path/filepath"
)

// formats turn the text of a canary into a file in which a tool does not recognise
// a secret.
var formats = map[string]func(text []byte) ([]byte, error){
	"utf-16le": func(text []byte) ([]byte, error) { return spread(text, 0, 1), nil },
	"utf-16be": func(text []byte) ([]byte, error) { return spread(text, 1, 0), nil },
	"utf-32le": func(text []byte) ([]byte, error) { return spread(text, 0, 3), nil },
	"program":  func(text []byte) ([]byte, error) { return append([]byte("\x7fELF\x02\x01\x00"), text...), nil },
	"picture":  func(text []byte) ([]byte, error) { return append([]byte("\x89PNG\x1a\x00"), text...), nil },
	"zip":      zipped,
	"gzip": func(text []byte) ([]byte, error) {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(text)
		err = errors.Join(err, w.Close())
		return b.Bytes(), err
	},
	"pdf": func(text []byte) ([]byte, error) {
		b := bytes.NewBufferString("%PDF-1.7\n1 0 obj <</Filter/FlateDecode>>\nstream\n")
		w := zlib.NewWriter(b)
		_, err := w.Write(text)
		err = errors.Join(err, w.Close())
		return b.Bytes(), err
	},
}

// spread puts zero bytes around each byte, without a mark at the beginning.
func spread(text []byte, before, after int) []byte {
	var b []byte
	for _, c := range text {
		b = append(b, make([]byte, before)...)
		b = append(b, c)
		b = append(b, make([]byte, after)...)
	}
	return b
}

func zipped(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err == nil {
		_, err = w.Write(text)
	}
	err = errors.Join(err, z.Close())
	return b.Bytes(), err
}

// keepers put a secret where a repository can keep one besides the files of its
// commits.
var keepers = map[string]func(ctx context.Context, work, secret string) error{
	"message": func(ctx context.Context, work, secret string) error { return commit(ctx, work, "Add\n\nkey "+secret) }, // #nosec G903 -- it was made for this self-test, and opens nothing
	"author": func(ctx context.Context, work, secret string) error {
		return runGit(ctx, work, "commit", "--quiet", "--allow-empty", "--message=Add", "--author="+secret+" <a@invalid>") // #nosec G903 -- it was made for this self-test, and opens nothing
	},
	"tag": func(ctx context.Context, work, secret string) error {
		return runGit(ctx, work, "tag", "--annotate", "v1", "--message=key "+secret) // #nosec G903 -- it was made for this self-test, and opens nothing
	},
	"note": func(ctx context.Context, work, secret string) error {
		return runGit(ctx, work, "notes", "add", "--message=key "+secret) // #nosec G903 -- it was made for this self-test, and opens nothing
	},
	"branch": func(ctx context.Context, work, secret string) error {
		return errors.Join(runGit(ctx, work, "checkout", "--quiet", "-b", "side"), write(work, "kept.txt", secret), commit(ctx, work, "Add"),
			runGit(ctx, work, "checkout", "--quiet", "main"))
	},
	"stash": func(ctx context.Context, work, secret string) error {
		return errors.Join(write(work, "kept.txt", secret), runGit(ctx, work, "stash", "push", "--quiet", "--include-untracked"),
			write(work, "other.txt", "nothing"), runGit(ctx, work, "stash", "push", "--quiet", "--include-untracked"))
	},
	"merge": func(ctx context.Context, work, secret string) error {
		return errors.Join(runGit(ctx, work, "checkout", "--quiet", "-b", "side"), write(work, "a.txt", "a"), commit(ctx, work, "Add"),
			runGit(ctx, work, "checkout", "--quiet", "main"), runGit(ctx, work, "merge", "--quiet", "--no-ff", "--no-commit", "side"),
			write(work, "kept.txt", secret), commit(ctx, work, "Merge"), os.Remove(filepath.Join(work, "kept.txt")), commit(ctx, work, "Remove"))
	},
	// The last commit has another history, which git shows in place of its own.
	"replaced commit": func(ctx context.Context, work, secret string) error {
		return errors.Join(write(work, "kept.txt", secret), commit(ctx, work, "Add"), os.Remove(filepath.Join(work, "kept.txt")), commit(ctx, work, "Remove"),
			runGit(ctx, work, "replace", "--graft", "HEAD"))
	},
	// Patterns for this clone alone ignore a file.
	"ignored file": func(_ context.Context, work, secret string) error {
		return errors.Join(write(work, ".git/info/exclude", "kept.*\n"), write(work, "kept.txt", secret))
	},
	// A setting names another work tree.
	"work tree": func(ctx context.Context, work, secret string) error {
		return errors.Join(write(work, "kept.txt", secret), commit(ctx, work, "Add"), runGit(ctx, work, "config", "core.worktree", os.DevNull))
	},
}

func write(work, name, content string) error {
	file := filepath.Join(work, name)
	return errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, []byte(content+"\n"), 0o600))
}
