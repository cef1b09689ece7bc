package embedded

import (
	"os"
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
	proc := "/proc/" + strconv.Itoa(pid)
	// A server works in its data. Root in a container may not be allowed to
	// see where another user's process works, but may read its arguments.
	if cwd, err := os.Readlink(proc + "/cwd"); err == nil {
		return cwd == data
	}
	args, err := os.ReadFile(proc + "/cmdline")
	return err == nil && slices.Contains(strings.Split(string(args), "\x00"), data)
}
