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

// attributes returns the attributes of a child that runs as who, in its own process
// group, so that Ctrl-C in a terminal reaches only this program, and that ends when
// this program does, even if it is killed: for PostgreSQL SIGINT is a fast shutdown.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Credential: who.credential,
		Setpgid:    true,
		Pdeathsig:  syscall.SIGINT,
	}
}

// serves reports whether the process pid is a server on the given data: the number
// may belong to another program by now.
func serves(pid int, data string) bool {
	const proc = "/proc"
	process := strconv.Itoa(pid)
	// The working directory of a server is its data. Root in a container may be
	// unable to read that of another user's process, but can read its arguments.
	if cwd, err := os.Readlink(filepath.Join(proc, process, "cwd")); err == nil {
		return cwd == data
	}
	args, err := fs.ReadFile(os.DirFS(proc), process+"/cmdline")
	return err == nil && slices.Contains(strings.Split(string(args), "\x00"), data)
}
