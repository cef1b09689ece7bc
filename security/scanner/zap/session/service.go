package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.com/rates/security/scanner"
)

// service is the service of the tree, with a database of its own.
type service struct {
	url     string
	log     *requestLog
	process *process
}

// startup is how long the service may take to answer.
const startup = 2 * time.Minute

// answersOn is what the service prints when it answers.
var answersOn = regexp.MustCompile(`answers on (http://\S+)`)

// startService starts the program and waits until it says where it answers.
func startService(ctx context.Context, program, project string) (*service, error) {
	s := &service{log: &requestLog{more: make(chan struct{}, 1)}}
	urls := make(chan string, 1)
	cmd := exec.Command(program, "--temporary", "--project="+project, // #nosec G204 -- built from the tree that is examined
		"--addr=127.0.0.1:0", "--admin-addr=off", "--log-format=json", "--log-level=debug") // probes are logged as debug
	cmd.Stderr = &lines{each: s.log.line}
	cmd.Stdout = &lines{each: func(line []byte) {
		if found := answersOn.FindSubmatch(line); found != nil && len(urls) == 0 {
			urls <- string(found[1])
		}
	}}
	var err error
	if s.process, err = start(cmd); err != nil {
		return nil, scanner.Errorf(scanner.BadInput, "start the service: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	select {
	case s.url = <-urls:
		return s, nil
	case <-s.process.done:
		return nil, scanner.Errorf(scanner.BadInput, "the service ended before it answered%s", s.log.said.words())
	case <-ctx.Done():
		s.stop()
		return nil, scanner.Errorf(scanner.TimedOut, "the service did not answer in time: %w%s", context.Cause(ctx), s.log.said.words())
	}
}

// stop ends the service: politely, so that it removes its database, then not.
func (s *service) stop() {
	const patience = 45 * time.Second // its database may take 40
	s.process.signal(syscall.SIGTERM)
	select {
	case <-s.process.done:
	case <-time.After(patience):
		s.process.signal(syscall.SIGKILL)
		<-s.process.done
	}
}

// requestLog counts the requests in the log of the service.
type requestLog struct {
	more chan struct{} // has one element after new lines

	mu       sync.Mutex
	requests int
	said     tail // the other lines
}

func (l *requestLog) line(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytes.Contains(line, []byte(`"msg":"request"`)) {
		l.requests++
	} else {
		_, _ = fmt.Fprintf(&l.said, "%s\n", line) // it cannot fail
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// await returns the number of requests, as soon as it is at least so many or no
// more come.
func (l *requestLog) await(ctx context.Context, least int) int {
	const quiet = 2 * time.Second
	for {
		l.mu.Lock()
		n := l.requests
		l.mu.Unlock()
		if n >= least {
			return n
		}
		select {
		case <-l.more:
		case <-time.After(quiet):
			return n
		case <-ctx.Done():
			return n
		}
	}
}

// contractPath is where the service serves its OpenAPI document.
const contractPath = "/openapi.yaml"

// contractOf returns the OpenAPI document of the service at base.
func contractOf(ctx context.Context, base string) (string, error) {
	const most, patience = 4 << 20, 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+contractPath, nil)
	if err != nil {
		return "", scanner.Errorf(scanner.InputUnavailable, "ask for the contract: %w", err)
	}
	response, err := trusting().Do(request)
	if err != nil {
		return "", scanner.Errorf(scanner.InputUnavailable, "the service does not answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil || response.StatusCode != http.StatusOK {
		return "", scanner.Errorf(scanner.BadInput, "%s%s is answered with %s (%v)", base, contractPath, response.Status, err)
	}
	return string(body), nil
}
