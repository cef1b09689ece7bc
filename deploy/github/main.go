// Command github sets up a repository on GitHub as the folder .github says, or
// names what differs. It signs in as the program gh does.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"example.com/rates/internal/cli"
)

func main() { cli.Main(run) }

// The exit codes besides those of every program.
const (
	exitDiffers = 1 // something is not as the folder .github says
	exitFailed  = 3 // GitHub was not asked, or refused
)

func run(ctx context.Context, args []string, std cli.Streams) int {
	return cli.Run(ctx, cli.Program{
		Name:        "github",
		Description: "Sets up a repository on GitHub as the folder .github says: its settings, rulesets and environments. What that does not name is left alone.",
		Failure:     exitFailed,
		Interrupted: "interrupted; run it again",
	}, &command{}, args, std)
}

type command struct {
	Repository string `arg:"" placeholder:"OWNER/REPO" help:"The repository. You must administer it."`
	Check      bool   `help:"Only name what differs, and exit with 1 if anything does."`
	Folder     string `default:".github" type:"existingdir" help:"Folder with settings.json and rulesets/."`
}

// Run compares, and sets what differs.
func (c *command) Run(ctx context.Context, std cli.Streams) error {
	w, err := read(os.DirFS(c.Folder))
	if err != nil {
		return err
	}
	return settle(ctx, w, gh{"repos/" + c.Repository}, c.Check, std)
}

func settle(ctx context.Context, w wanted, on api, check bool, std cli.Streams) error {
	differences, err := compare(ctx, w, on)
	if err != nil {
		return err
	}
	left := 0
	for _, d := range differences {
		if check || d.method == "" {
			fmt.Fprintln(std.Out, "differs:", d.name)
			left++
			continue
		}
		if err := on.send(ctx, d.method, d.path, d.body); err != nil {
			return fmt.Errorf("set %s: %w", d.name, err)
		}
		fmt.Fprintln(std.Out, "set:", d.name)
	}
	if left > 0 {
		return &cli.ExitError{Code: exitDiffers}
	}
	if len(differences) == 0 {
		fmt.Fprintln(std.Out, "everything is as it should be")
	}
	return nil
}

// gh is the api by the program gh.
type gh struct{ repository string }

func (g gh) get(ctx context.Context, path string) (object, error) {
	found := object{}
	err := g.read(ctx, path, &found)
	return found, err
}

func (g gh) list(ctx context.Context, path string) ([]object, error) {
	var found []object
	err := g.read(ctx, path, &found)
	return found, err
}

func (g gh) read(ctx context.Context, path string, into any) error {
	out, err := g.api(ctx, nil, g.repository+path)
	if err != nil && strings.Contains(err.Error(), "HTTP 404") {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return nil
}

func (g gh) send(ctx context.Context, method, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = g.api(ctx, text, g.repository+path, "--method", method, "--input", "-")
	return err
}

// api runs gh api.
func (g gh) api(ctx context.Context, input []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "gh", append([]string{"api"}, args...)...) // #nosec G204 -- gh, with paths of this program and no shell
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("gh api %s: %s", args[0], bytes.TrimSpace(failed.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("run gh, which must be installed: %w", err)
	}
	return out, nil
}
