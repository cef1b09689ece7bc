package toolbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
	if err := run(ctx, "", pythonEnv(dir), "python3", "-m", "venv", "--clear", dir); err != nil {
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
	if err := t.pip(ctx, dir, append(alone, "--requirement", filepath.Join(t.dir, requirements))...); err != nil {
		return err
	}
	// Compiles the modules of the interpreter's library that it loads, which makes
	// every start faster. Whether it knows the option does not matter.
	program := filepath.Join(dir, "bin", t.name)
	_ = run(ctx, dir, pythonEnv(dir), program, "--version")
	return start(dir, program)
}

// start puts a script in the place of the program, which starts it with the variables
// that it needs. It then writes nothing beside its code, which would differ from what
// was installed, whoever runs it.
func start(dir, program string) error {
	const itself = ".itself"
	script := "#!/bin/sh\nexport PYTHONDONTWRITEBYTECODE=1 " + scanner.Quoted(compiledIn(dir)) + "\nexec " + scanner.Quoted(program+itself) + ` "$@"` + "\n"
	return errors.Join(
		os.Rename(program, program+itself),
		os.WriteFile(program, []byte(script), 0o700), // #nosec G306 -- it must be a program
	)
}

// pip installs packages, each file by its hash.
func (t *pythonTool) pip(ctx context.Context, dir string, args ...string) error {
	install := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"}
	return run(ctx, "", pythonEnv(dir), t.python(dir), append(install, args...)...)
}

// pythonEnv returns the variables of an installation.
func pythonEnv(dir string) []string {
	env := without(os.Environ(), "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_USER", "PYTHONDONTWRITEBYTECODE")
	return append(env, compiledIn(dir))
}

// compiledIn makes the interpreter load compiled modules only from the folder of the
// tool, those of its own library too: any program may write into the usual folders.
func compiledIn(dir string) string { return "PYTHONPYCACHEPREFIX=" + filepath.Join(dir, "compiled") }

// outside lists the interpreter with its library, and what it would import from if it
// were there.
func (t *pythonTool) outside(ctx context.Context, dir string) ([]string, error) {
	const ask = `import json, os, sys, sysconfig
paths = sys.path + [os.path.realpath(sys.executable)]
shared = [sysconfig.get_config_var(name) or "" for name in ("LIBDIR", "INSTSONAME")]
print(json.dumps(paths + ([os.path.join(*shared)] if all(shared) else [])))`
	out, err := t.ask(ctx, dir, ask)
	if err != nil {
		return nil, err
	}
	var paths []string
	if err := json.Unmarshal(out, &paths); err != nil {
		return nil, fmt.Errorf("the interpreter answers %s: %w", scanner.Describe(out), err)
	}
	return slices.DeleteFunc(paths, func(name string) bool { return within(dir, name) != name }), nil
}

// ask runs a program in the environment, without settings from outside.
func (t *pythonTool) ask(ctx context.Context, dir, program string, args ...string) ([]byte, error) {
	out, err := scanner.Run(ctx, scanner.Command{
		Path: t.python(dir), Args: append([]string{"-I", "-B", "-X", "pycache_prefix=" + filepath.Join(dir, "compiled"), "-c", program}, args...),
	})
	return out.Stdout, err
}

// version asks the environment which version of the package is installed.
func (t *pythonTool) version(ctx context.Context, dir string) (string, error) {
	const ask = `import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))`
	out, err := t.ask(ctx, dir, ask, t.pkg)
	if err != nil {
		return "", fmt.Errorf("ask for the version of %s: %w", t.pkg, err)
	}
	return strings.TrimSpace(string(out)), nil
}
