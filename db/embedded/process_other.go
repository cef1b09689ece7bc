//go:build unix && !linux

package embedded

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// attributes returns the attributes of a child that runs as who, in its own process
// group, so that Ctrl-C in a terminal reaches only this program. Here a child can
// outlive this program; the next start on the same data ends it.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential, Setpgid: true}
}

// serves reports whether the process pid is a PostgreSQL server: the number may
// belong to another program by now. Its data is unknown here.
func serves(pid int, _ string) bool {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output() // #nosec G204 -- a fixed program, and a number
	return err == nil && strings.Contains(string(out), "postgres")
}
