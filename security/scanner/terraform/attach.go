package terraform

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"time"

	"example.com/rates/security/scanner"
)

// server is a provider that runs, for Terraform to attach to.
type server struct {
	attach string // the value of TF_REATTACH_PROVIDERS
	stop   context.CancelFunc
	ended  chan struct{}
}

// reattach matches what the provider prints when it runs.
var reattach = regexp.MustCompile(`TF_REATTACH_PROVIDERS='([^']+)'`)

// start starts a provider. Terraform would start it again for each run of a test,
// which takes twice as long as the run.
func start(ctx context.Context, program string, env []string) (*server, error) {
	const grace = 5 * time.Second
	ctx, cancel := context.WithCancel(ctx)
	run := exec.CommandContext(ctx, program, "-debuggable") // #nosec G204 -- the provider that Terraform would start
	run.Env = append(scanner.Environment(os.Environ()), env...)
	run.Cancel, run.WaitDelay = func() error { return run.Process.Signal(os.Interrupt) }, grace
	out, err := run.StdoutPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start the provider: %w", err)
	}
	s := &server{stop: cancel, ended: make(chan struct{})}
	for lines := bufio.NewScanner(out); s.attach == "" && lines.Scan(); {
		if found := reattach.FindStringSubmatch(lines.Text()); found != nil {
			s.attach = found[1]
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out) // until it ends
		_ = run.Wait()                  // it was interrupted
		close(s.ended)
	}()
	if s.attach == "" {
		s.close()
		return nil, errors.New("the provider did not say how to attach to it")
	}
	return s, nil
}

// close ends the provider and waits until it has ended.
func (s *server) close() {
	s.stop()
	<-s.ended
}

// attach starts azurerm once for all runs, if a root needs it. Without that, runs
// take longer and mean the same.
func (c *Copy) attach(ctx context.Context) {
	program := c.program
	if c.provider != "" && program == "" {
		found, _ := filepath.Glob(filepath.Join(c.job.Scratch, "plugins", "registry.terraform.io", "hashicorp", "azurerm", "*", "*", path.Base(azurerm)+"*"))
		if len(found) == 1 {
			program = found[0]
		}
	}
	if program == "" {
		return
	}
	s, err := start(ctx, program, c.env)
	if err != nil {
		return
	}
	c.server = s
	c.env = append(c.env, "TF_REATTACH_PROVIDERS="+s.attach)
}

// Close ends the provider, if it runs.
func (c *Copy) Close() {
	if c.server != nil {
		c.server.close()
	}
}
