// Package git runs git on one repository, regardless of the one that the
// environment points at.
package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Alone returns variables that make git ignore the settings of the user and the
// machine, and never prompt.
func Alone() []string {
	return []string{"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0"}
}

// Run runs git in a folder and returns its output. env are variables, as
// NAME=value, besides those of this program. The error holds git's message.
func Run(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...) // #nosec G204 -- the program is fixed, and no shell reads the arguments
	cmd.Dir = dir
	// In a hook, variables of git point at the repository of the hook.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "GIT_") })
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		return "", errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
