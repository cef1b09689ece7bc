package embedded

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// attributes make a child run as who, in a process group of its own, so that
// Ctrl-C in a terminal reaches only this program, and end when this program
// dies, however it does: to PostgreSQL SIGINT is a fast shutdown.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Credential: who.credential,
		Setpgid:    true,
		Pdeathsig:  syscall.SIGINT,
	}
}

// serves tells whether the process pid is a server on the given data: a
// number alone may since belong to another program.
func serves(pid int, data string) bool {
	const proc = "/proc"
	process := strconv.Itoa(pid)
	// A server works in its data. Root in a container may not be allowed to
	// see where another user's process works, but may read its arguments.
	if cwd, err := os.Readlink(filepath.Join(proc, process, "cwd")); err == nil {
		return cwd == data
	}
	args, err := fs.ReadFile(os.DirFS(proc), process+"/cmdline")
	return err == nil && slices.Contains(strings.Split(string(args), "\x00"), data)
}
