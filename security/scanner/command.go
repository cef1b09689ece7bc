package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Command is a call of a tool.
type Command struct {
	Path  string
	Args  []string
	Dir   string
	Env   []string // NAME=value, added to those of Environment
	Input string   // standard input
	Exits []int    // codes that mean that the tool did its work; nil means 0
}

// Output is the output of a tool.
type Output struct {
	Stdout, Stderr []byte
	Exit           int
}

// String returns the command as typed in a shell, with paths relative to the
// folder that it runs in.
func (c Command) String() string {
	words := append([]string{filepath.Base(c.Path)}, c.Args...)
	for i, word := range words {
		if c.Dir != "" {
			word = strings.ReplaceAll(word, c.Dir+string(filepath.Separator), "")
			if word == c.Dir {
				word = "."
			}
		}
		if word == "" || strings.ContainsAny(word, " \t\n\"'$*?[]{}()|&;<>\\`") {
			word = Quoted(word)
		}
		words[i] = word
	}
	return strings.Join(words, " ")
}

// Quoted returns a text as one word of a shell.
func Quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// maxOutput limits the output of a tool, in bytes. More is refused, not cut off.
const maxOutput = 256 << 20

// grace is how long a tool may take to close its output once it has ended or
// been killed.
const grace = 2 * time.Second

// Run runs a command to its end. The error is an *Error: the tool is missing,
// was killed, took longer than ctx allows, or ended with a code other than
// those of cmd.Exits.
func Run(ctx context.Context, cmd Command) (Output, error) {
	stdout, stderr := &bounded{limit: maxOutput}, &bounded{limit: maxOutput}
	run := exec.CommandContext(ctx, cmd.Path, cmd.Args...) // #nosec G204 -- a pinned tool of the toolbox, and no shell
	run.Dir, run.Env = cmd.Dir, append(Environment(os.Environ()), cmd.Env...)
	run.Stdin, run.Stdout, run.Stderr = strings.NewReader(cmd.Input), stdout, stderr
	run.WaitDelay = grace
	ownGroup(run)
	err := run.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		_ = run.Cancel() // it ended, and left processes behind that hold its output
	}
	name := filepath.Base(cmd.Path)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Output{}, Errorf(TimedOut, "%s did not end in time; give it more in security/policy.yaml", name)
	case ctx.Err() != nil:
		return Output{}, Errorf(Killed, "%s was interrupted: %w", name, ctx.Err())
	case stdout.full || stderr.full:
		return Output{}, Errorf(BadOutput, "%s printed more than %d MiB", name, maxOutput>>20)
	}
	out := Output{Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist) && absent(cmd.Path):
		return Output{}, Errorf(ToolMissing, "%s is missing; run: make tools", name)
	case !exited:
		return Output{}, Errorf(ToolFailed, "run %s: %w", name, err)
	case !exit.Exited():
		return Output{}, Errorf(Killed, "%s was killed by a signal: %v", name, exit.ProcessState)
	default:
		out.Exit = exit.ExitCode()
	}
	exits := cmd.Exits
	if exits == nil {
		exits = []int{0}
	}
	if !slices.Contains(exits, out.Exit) {
		return out, Errorf(ToolFailed, "%s ended with code %d%s", name, out.Exit, LastWords(out))
	}
	return out, nil
}

// absent reports whether the program is missing, rather than the folder to run
// it in.
func absent(program string) bool {
	_, err := os.Stat(program)
	return err != nil
}

// LastWords returns the end of a tool's output, as part of a message.
func LastWords(out Output) string {
	text := strings.TrimSpace(string(out.Stderr))
	if text == "" {
		text = strings.TrimSpace(string(out.Stdout))
	}
	if text == "" {
		return " and printed nothing"
	}
	const limit = 600
	if len(text) > limit {
		text = "…" + strings.ToValidUTF8(text[len(text)-limit:], "")
	}
	return ": " + text
}

// ownGroup gives the command a process group, so that the processes that it
// starts end with it.
func ownGroup(run *exec.Cmd) {
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	run.Cancel = func() error { return syscall.Kill(-run.Process.Pid, syscall.SIGKILL) }
}

type bounded struct {
	bytes.Buffer
	limit int
	full  bool
}

// Write implements io.Writer. It accepts at most b.limit bytes in total.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		b.full = true
		return 0, io.ErrShortWrite
	}
	return b.Buffer.Write(p)
}

// passedOn are the variables that tools see. Other variables could make a tool
// skip checks, so tools do not see them.
var passedOn = []string{
	"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
	"GOCACHE", "GOENV", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOTMPDIR",
	"PIP_CERT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "XDG_CACHE_HOME",
}

// Environment returns the variables that tools may see.
func Environment(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.Contains(passedOn, name)
	})
}

// Describe quotes the beginning of output that could not be read, for messages.
func Describe(out []byte) string {
	const limit = 120
	text := strings.TrimSpace(string(bytes.ToValidUTF8(out, nil)))
	if text == "" {
		return "nothing"
	}
	return fmt.Sprintf("%q", Shortened(text, limit))
}

// Shortened returns at most so many bytes of the beginning of a text, and "…" if it
// is longer.
func Shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
