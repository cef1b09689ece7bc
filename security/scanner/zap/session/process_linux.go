package session

import "syscall"

// endsWithParent returns the attributes of a child that is told to end when the
// thread that started it does, even if that is killed.
func endsWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
