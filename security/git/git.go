// Package git runs git on one repository, regardless of the one that the
// environment points at and of settings that could hide a part of it.
package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// folders are where systems install programs. The PATH may begin with a folder
// that anybody can write to.
var folders = []string{"/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin", "/run/current-system/sw/bin"}

// Program returns the path of the git that the system has. It does not look into
// the PATH.
func Program() (string, error) {
	for _, folder := range folders {
		file := filepath.Join(folder, "git")
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("git is in none of %s; install it there", strings.Join(folders, ", "))
}

// settings come before those of the repository, which could hide files or
// commits, or name programs to run.
var settings = [][2]string{
	{"core.attributesFile", os.DevNull},
	{"core.commitGraph", "false"}, // commits are read themselves
	{"core.excludesFile", os.DevNull},
	{"core.fsmonitor", "false"},
	{"core.hooksPath", os.DevNull},
	{"core.untrackedCache", "false"},
	{"core.useReplaceRefs", "false"},
	{"maintenance.auto", "false"},
}

// Alone returns variables that make git ignore the settings of the user and the
// machine and those of the repository that could hide something, and never
// prompt, fetch or replace a commit.
func Alone() []string {
	env := []string{
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=" + os.DevNull + "/none", "GIT_NO_LAZY_FETCH=1", "GIT_OPTIONAL_LOCKS=0",
		"GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings)),
	}
	for i, s := range settings {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s[1]))
	}
	return env
}

// Run runs the system's git in a folder and returns its output. env are
// variables, as NAME=value, besides those of this program. The error holds git's
// message.
func Run(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	return run(ctx, dir, env, "", args)
}

// run runs git with an input.
func run(ctx context.Context, dir string, env []string, input string, args []string) (string, error) {
	program, err := Program()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, program, args...) // #nosec G204 -- the program is fixed, and no shell reads the arguments
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	// In a hook, variables of git point at the repository of the hook.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "GIT_") })
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		return "", errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
