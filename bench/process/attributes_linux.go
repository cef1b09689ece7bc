package process

import "syscall"

// attributes give a process a group of its own, so that Ctrl-C in a terminal
// reaches only this program, which then stops all in order, and end it when
// this program is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
