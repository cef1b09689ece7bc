package toolbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"example.com/rates/security/scanner"
)

// pythonTool is a program of a Python package in an environment of its own.
type pythonTool struct {
	name   string
	dir    string // with requirements.txt
	pkg    string
	pinned string
}

// build is the file that pins the build tools of packages without a wheel. pip
// would otherwise fetch them without a hash.
const build = "build.txt"

// requirement is a line that requires one version of a package.
var requirement = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)`)

func pinPython(name, dir string) (Pin, error) {
	// The input of pip-compile names the tool, its output all dependencies.
	const wanted = "requirements.in"
	content, err := read(dir, wanted)
	if err != nil {
		return Pin{}, fmt.Errorf("read the pin of %s: %w", name, err)
	}
	found := requirement.FindSubmatch(bytes.TrimSpace(content))
	if found == nil {
		return Pin{}, fmt.Errorf("%s must require one version, as in %s==1.2.3", filepath.Join(dir, wanted), name)
	}
	sum, err := digest(dir, wanted, requirements, build)
	if err != nil {
		return Pin{}, err
	}
	tool := &pythonTool{name: name, dir: dir, pkg: string(found[1]), pinned: string(found[2])}
	return Pin{Tool: name, Version: tool.pinned, digest: sum, install: tool}, nil
}

// python returns the interpreter of the environment.
func (t *pythonTool) python(dir string) string { return filepath.Join(dir, "bin", "python") }

func (t *pythonTool) into(ctx context.Context, dir string) error {
	if err := run(ctx, "", pythonEnv(), "python3", "-m", "venv", "--clear", dir); err != nil {
		return fmt.Errorf("python3 with its venv module is needed (on Debian: apt-get install python3-venv): %w", err)
	}
	var alone []string
	builders := filepath.Join(t.dir, build)
	switch _, err := os.Stat(builders); {
	case err == nil:
		if err := t.pip(ctx, dir, "--requirement", builders); err != nil {
			return err
		}
		alone = []string{"--no-build-isolation"}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return t.pip(ctx, dir, append(alone, "--requirement", filepath.Join(t.dir, requirements))...)
}

// pip installs packages, each file by its hash.
func (t *pythonTool) pip(ctx context.Context, dir string, args ...string) error {
	install := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"}
	return run(ctx, "", pythonEnv(), t.python(dir), append(install, args...)...)
}

func pythonEnv() []string {
	return without(os.Environ(), "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_USER")
}

// version asks the environment which version of the package is installed.
func (t *pythonTool) version(ctx context.Context, dir string) (string, error) {
	const ask = `import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))`
	out, err := scanner.Run(ctx, scanner.Command{Path: t.python(dir), Args: []string{"-I", "-c", ask, t.pkg}})
	if err != nil {
		return "", fmt.Errorf("ask for the version of %s: %w", t.pkg, err)
	}
	return strings.TrimSpace(string(out.Stdout)), nil
}
