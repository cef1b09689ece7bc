//go:build !linux

package session

import "syscall"

// endsWithParent returns the attributes of a child: none, where a system cannot end
// it with its parent.
func endsWithParent() *syscall.SysProcAttr { return nil }
