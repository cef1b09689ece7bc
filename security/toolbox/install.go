package toolbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"example.com/rates/security/lock"
	"example.com/rates/security/scanner"
)

// Installation is how Install had to act.
type Installation struct {
	Tool scanner.Tool
	Did  bool  // it was installed now
	Why  error // why it was installed although it was there: it had changed
}

// Install returns a tool, and installs it first if it is missing or was changed.
func (b Box) Install(ctx context.Context, name string) (i Installation, err error) {
	pin, err := b.Pin(name)
	if err != nil {
		return i, err
	}
	dir := b.Dir(pin)
	unlock, err := lock.Wait(dir + ".lock")
	if err != nil {
		return i, err
	}
	defer unlock()
	if i.Tool, err = b.Find(ctx, name); err == nil {
		return i, nil
	}
	if scanner.AsError(err).Kind != scanner.ToolMissing {
		i.Why = err
	}
	i.Did = true
	// A Python environment cannot be moved, so it is made in its place, and recorded
	// when it is complete.
	if err := errors.Join(os.RemoveAll(b.recordOf(pin)), os.RemoveAll(dir)); err != nil {
		return i, fmt.Errorf("remove the remains of %s: %w", name, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o750); err != nil {
		return i, err
	}
	if err := pin.install.into(ctx, dir); err != nil {
		return i, fmt.Errorf("install %s %s: %w", name, pin.Version, err)
	}
	if i.Tool, err = b.check(ctx, pin, dir); err != nil {
		return i, err
	}
	return i, b.Record(ctx, pin)
}

// Record records what is in the folder of a tool as what was installed.
func (b Box) Record(ctx context.Context, pin Pin) error {
	dir := b.Dir(pin)
	outside, err := pin.install.outside(ctx, dir)
	if err != nil {
		return fmt.Errorf("find what %s uses: %w", pin.Tool, err)
	}
	r, err := take(dir, outside)
	if err == nil {
		err = r.write(b.recordOf(pin))
	}
	if err != nil {
		return fmt.Errorf("record what was installed: %w", err)
	}
	return nil
}

// run runs a step of an installation in a folder. The error holds its output.
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...) // #nosec G204 -- go or python, with arguments of this package and no shell
	cmd.Dir, cmd.Env = dir, env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(out))
	}
	return nil
}
