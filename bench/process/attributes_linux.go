package process

import "syscall"

// attributes give a process a group of its own, so that Ctrl-C in a terminal
// reaches only this program, which stops the others in order. They also end the
// process when this program is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
