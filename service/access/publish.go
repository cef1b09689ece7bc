package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// Publisher hands a credential to the programs that log in with it.
type Publisher interface {
	// Publish hands it over. After an error it may or may not have been handed over.
	Publish(ctx context.Context, c Credential) error
	// String says where it goes, without a secret.
	String() string
}

// NewPublisher returns the publisher that target names: file:PATH writes a service
// file of libpq, exec:COMMAND starts a program with such a file on standard input.
// The words of COMMAND are separated by spaces; no shell reads them. service is the
// name of the section.
func NewPublisher(target, service string) (Publisher, error) {
	if !serviceName.MatchString(service) {
		return nil, fmt.Errorf("the service is named %q; expected letters, digits, '_', '-' and '.'", service)
	}
	kind, rest, _ := strings.Cut(target, ":")
	words := strings.Fields(rest)
	switch {
	case kind == "file" && rest != "":
		return fileTarget{path: rest, service: service}, nil
	case kind == "exec" && len(words) > 0:
		return execTarget{words: words, service: service}, nil
	default:
		return nil, errors.New("expected file:PATH or exec:COMMAND")
	}
}

var serviceName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// execTarget starts a program, such as the command line of a cloud's vault.
type execTarget struct {
	words   []string
	service string
}

// execTimeout bounds the program, and execMessage what is kept of its messages.
const (
	execTimeout = 2 * time.Minute
	execMessage = 2000
)

func (e execTarget) String() string { return "exec:" + e.words[0] }

// Publish starts the program. What it writes to standard output is not shown, because
// such programs like to repeat the secret there.
func (e execTarget) Publish(ctx context.Context, c Credential) error {
	file, err := withCredential("", e.service, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, execTimeout, fmt.Errorf("it still ran after %v", execTimeout))
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, e.words[0], e.words[1:]...) // #nosec G204 -- the administrator names it
	cmd.Stdin = strings.NewReader(file)
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second // for what it has started and left running
	err = cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	message := strings.TrimSpace(strings.ReplaceAll(said.String(), c.password, "(password)"))
	message = message[:min(len(message), execMessage)]
	if message == "" {
		return fmt.Errorf("%s: %w", e.words[0], err)
	}
	return fmt.Errorf("%s: %w: %s", e.words[0], err, message)
}
