//go:build unix && !linux

package embedded

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// attributes make a child run as who, in a process group of its own, so that
// Ctrl-C in a terminal reaches only this program. A child cannot be tied to
// this program's life here; the next start on the same data ends it.
func attributes(who account) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: who.credential, Setpgid: true}
}

// serves tells whether the process pid is a PostgreSQL server: a number alone
// may since belong to another program. Which data it serves cannot be seen here.
func serves(pid int, _ string) bool {
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output() // #nosec G204 -- a fixed program, and a number
	return err == nil && strings.Contains(string(out), "postgres")
}
