package toolbox

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// goTool is a program built from a module of its own, so that its dependencies
// never enter the go.mod of the service.
type goTool struct {
	name     string
	dir      string   // of the module that pins it
	program  string   // import path
	module   string   // that holds the program
	checksum string   // of that module, from go.sum
	building []string // variables that building it needs
}

// buildEnv is the file with variables that building a tool needs, a line each.
const buildEnv = "build.env"

func pinGo(name, dir string) (Pin, error) {
	file := filepath.Join(dir, goMod)
	content, err := read(dir, goMod)
	if err != nil {
		return Pin{}, err
	}
	mod, err := modfile.Parse(file, content, nil)
	if err != nil {
		return Pin{}, fmt.Errorf("read the pin of %s: %w", name, err)
	}
	if len(mod.Tool) != 1 {
		return Pin{}, fmt.Errorf("%s must have one tool line, not %d", file, len(mod.Tool))
	}
	tool := &goTool{name: name, dir: dir, program: mod.Tool[0].Path}
	version := ""
	for _, require := range mod.Require {
		within := tool.program == require.Mod.Path || strings.HasPrefix(tool.program, require.Mod.Path+"/")
		if within && len(require.Mod.Path) > len(tool.module) {
			tool.module, version = require.Mod.Path, require.Mod.Version
		}
	}
	if version == "" {
		return Pin{}, fmt.Errorf("%s requires no module that holds %s", file, tool.program)
	}
	if tool.checksum, err = checksum(dir, tool.module, version); err != nil {
		return Pin{}, err
	}
	if tool.building, err = lines(dir, buildEnv); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Pin{}, err
	}
	sum, err := digest(dir, goMod, goSum, buildEnv)
	if err != nil {
		return Pin{}, err
	}
	return Pin{Tool: name, Version: version, digest: sum, install: tool}, nil
}

func checksum(dir, module, version string) (string, error) {
	sums, err := lines(dir, goSum)
	if err != nil {
		return "", err
	}
	for _, line := range sums {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == module && fields[1] == version {
			return fields[2], nil
		}
	}
	return "", fmt.Errorf("%s has no checksum of %s %s; run go mod tidy there", filepath.Join(dir, goSum), module, version)
}

func (t *goTool) into(ctx context.Context, dir string) error {
	env := append(without(os.Environ(), "GOFLAGS", "GOWORK"), "GOFLAGS=-trimpath -buildvcs=false", "GOWORK=off")
	return run(ctx, t.dir, append(env, t.building...), "go", "build", "-o", filepath.Join(dir, "bin", t.name), t.program)
}

// version reads the build information in the program. A program built from
// source with another checksum has no version.
func (t *goTool) version(_ context.Context, dir string) (string, error) {
	info, err := buildinfo.ReadFile(filepath.Join(dir, "bin", t.name))
	if err != nil {
		return "", err
	}
	main := info.Main
	if main.Replace != nil || main.Path != t.module {
		return "", fmt.Errorf("it was built from %s, not from %s", main.Path, t.module)
	}
	if main.Sum != t.checksum {
		return "", fmt.Errorf("its source has the checksum %q, not that of go.sum", main.Sum)
	}
	return main.Version, nil
}

// outside returns nothing: the program is linked statically.
func (t *goTool) outside(context.Context, string) ([]string, error) { return nil, nil }
