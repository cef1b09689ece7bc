package toolbox

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.com/rates/security/scanner"
)

// host is the file that pins a program of the machine: the path of the Go module
// that it is built from, and its version.
const host = "host.txt"

// hostTool is a program that the user installs. The module and the version are read
// from the program itself, and its checksum is recorded with the link to it.
type hostTool struct {
	name   string
	module string
	pinned string
}

func pinHost(name, dir string) (Pin, error) {
	text, err := lines(dir, host)
	if err != nil {
		return Pin{}, err
	}
	fields := strings.Fields(strings.Join(text, " "))
	if len(fields) != 2 {
		return Pin{}, fmt.Errorf("%s must name one module and one version, as in example.com/tool 1.2.3", filepath.Join(dir, host))
	}
	sum, err := digest(dir, host)
	if err != nil {
		return Pin{}, err
	}
	tool := &hostTool{name: name, module: fields[0], pinned: fields[1]}
	return Pin{Tool: name, Version: tool.pinned, digest: sum, install: tool}, nil
}

// into links to the program. Each use checks the program again.
func (t *hostTool) into(_ context.Context, dir string) error {
	program, err := exec.LookPath(t.name)
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("it is taken from the PATH, where it is missing: install exactly this version of %s", t.name)
	}
	if err != nil {
		return err
	}
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	return os.Symlink(program, filepath.Join(dir, "bin", t.name))
}

// version asks the program, if it is built from the right module. No other is
// started.
func (t *hostTool) version(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "bin", t.name)
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "", fmt.Errorf("it must be the program itself, not a script that chooses one: %w", err)
	}
	if info.Main.Path != t.module {
		return "", fmt.Errorf("it was built from %s, not from %s", info.Main.Path, t.module)
	}
	out, err := scanner.Run(ctx, scanner.Command{
		Path: program, Args: []string{"version", "-json"}, Env: []string{"CHECKPOINT_DISABLE=1"},
	})
	if err != nil {
		return "", err
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out.Stdout, &answer); err != nil {
		return "", fmt.Errorf("it answers %q: %w", out.Stdout, err)
	}
	return answer.Version, nil
}

// outside returns nothing: the link to the program is recorded with what it leads to.
func (t *hostTool) outside(context.Context, string) ([]string, error) { return nil, nil }
