//go:build linux

package azure

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"example.com/rates/db/embedded"
)

var (
	rehearse = flag.Bool("rehearse", false, "deploy terraform/ to the stand-in of Azure; it takes minutes and needs the built provider")
	inside   = flag.String("inside", "", "folder of a rehearsal that has a network of its own; the rehearsal itself sets it")
)

// TestMain is az if it was called so. A rehearsal runs in a network of its own, so that
// names of Azure can lead here and nothing leads out.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "az" {
		os.Exit(runAz(os.Args[1:]))
	}
	flag.Parse()
	embedded.Isolate()
	switch {
	case *rehearse && *inside == "":
		os.Exit(enter())
	case *inside != "":
		if err := settle(); err != nil {
			fmt.Fprintln(os.Stderr, "settle in the network of the rehearsal:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// enter builds what is to run and starts this program again, inside. It returns the
// code of that.
func enter() int {
	dir, err := os.MkdirTemp("", "rates-rehearsal-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make a folder:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	// PostgreSQL and the programs of images read here as other users.
	if err := os.Chmod(dir, 0o755); err != nil { // #nosec G302 -- nothing secret is in it
		fmt.Fprintln(os.Stderr, "open the folder:", err)
		return 1
	}
	for name, args := range map[string][]string{
		"rates": {"build", "-o", dir + "/rates", root + "/service/cmd/rates"},
		"smoke": {"test", "-c", "-o", dir + "/smoke", root + "/steps"},
	} {
		build := exec.Command("go", args...)
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n", name, err)
			return 1
		}
	}
	self := exec.Command("/proc/self/exe", append(os.Args[1:], "-inside="+dir)...)
	self.Stdout, self.Stderr = os.Stdout, os.Stderr
	// Nothing outlives the first process of a PID namespace, not even a provider of
	// Terraform, which ignores an interrupt.
	self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		const netBindService, netAdmin, sysAdmin = 10, 12, 21 // capabilities(7)
		self.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		self.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		self.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		self.SysProcAttr.AmbientCaps = []uintptr{netBindService, netAdmin, sysAdmin}
	}
	// An interrupt ends what is inside; the folder is removed all the same.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	if err := self.Run(); err != nil {
		if self.ProcessState == nil {
			fmt.Fprintln(os.Stderr, "a rehearsal needs a network of its own: run it as root, or where user namespaces are allowed:", err)
			return 1
		}
		return self.ProcessState.ExitCode()
	}
	return 0
}

// settle brings up the loopback interface, and puts files of its own in the places of
// /proc and /etc/hosts.
func settle() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts to itself: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("show its own processes in /proc: %w", err)
	}
	hosts := filepath.Join(*inside, "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost\n"), 0o644); err != nil { // #nosec G306 -- every program reads it
		return err
	}
	if err := syscall.Mount(hosts, "/etc/hosts", "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("put %s in the place of /etc/hosts: %w", hosts, err)
	}
	return bringUpLoopback()
}

// bringUpLoopback asks the kernel as ip link set lo up does (rtnetlink(7)).
func bringUpLoopback() error {
	socket, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, syscall.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("open a netlink socket: %w", err)
	}
	defer syscall.Close(socket)
	const size, loopback = syscall.SizeofNlMsghdr + syscall.SizeofIfInfomsg, 1
	message := make([]byte, size)
	order := binary.NativeEndian
	order.PutUint32(message, size)
	order.PutUint16(message[4:], syscall.RTM_NEWLINK)
	order.PutUint16(message[6:], syscall.NLM_F_REQUEST)
	order.PutUint32(message[20:], loopback)
	order.PutUint32(message[24:], syscall.IFF_UP)
	order.PutUint32(message[28:], syscall.IFF_UP)
	if err := syscall.Sendto(socket, message, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return fmt.Errorf("bring up the loopback interface: %w", err)
	}
	return nil
}
