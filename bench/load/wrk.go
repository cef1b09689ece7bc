// Package load sends requests, as fast as answers arrive or at a fixed rate, and
// measures how long they take.
package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/rates/bench/process"
)

// Done is the result of a load generator.
type Done struct {
	Count     int64   // answers
	PerSecond float64 // of them
}

// Wrk is the HTTP load generator wrk.
type Wrk struct{ path string }

// ErrNoWrk says how to install wrk.
var ErrNoWrk = errors.New("wrk is not installed; on Debian or Ubuntu run: apt-get install wrk; on macOS: brew install wrk")

// FindWrk returns the wrk in PATH, or ErrNoWrk.
func FindWrk() (Wrk, error) {
	path, err := exec.LookPath("wrk")
	if err != nil {
		return Wrk{}, ErrNoWrk
	}
	return Wrk{path: path}, nil
}

// Request is the request of a load generator, and the expected status.
type Request struct {
	URL    string
	Header http.Header
	Status int // of the answer
}

// Run sends requests for whole seconds over the given number of connections, from
// one thread. A missing answer, or a status of 400 or more, is an error.
func (w Wrk) Run(ctx context.Context, r Request, connections int, d time.Duration) (Done, error) {
	args := []string{
		"--threads=1", "--connections=" + strconv.Itoa(connections),
		"--duration=" + strconv.Itoa(int(d.Seconds())) + "s",
	}
	for name, values := range r.Header {
		args = append(args, "--header="+name+": "+strings.Join(values, ", "))
	}
	out, err := process.Output(ctx, process.Config{Path: w.path, Args: append(args, r.URL)})
	if err != nil {
		return Done{}, err
	}
	return parseWrk(out)
}

var (
	wrkCount  = regexp.MustCompile(`(?m)^\s*(\d+) requests in `)
	wrkRate   = regexp.MustCompile(`(?m)^Requests/sec:\s+([\d.]+)$`)
	wrkFailed = regexp.MustCompile(`(?m)^\s*(Non-2xx or 3xx responses: .*|Socket errors: .*)$`)
)

// parseWrk reads the output of wrk.
func parseWrk(out string) (Done, error) {
	if failed := wrkFailed.FindStringSubmatch(out); failed != nil {
		return Done{}, fmt.Errorf("wrk reports failed requests: %s", failed[1])
	}
	return parseDone("wrk", out, wrkCount, wrkRate)
}

// parseDone reads a count and a rate from the output of a program.
func parseDone(program, out string, count, rate *regexp.Regexp) (Done, error) {
	counted, rated := count.FindStringSubmatch(out), rate.FindStringSubmatch(out)
	if counted == nil || rated == nil {
		return Done{}, fmt.Errorf("%s printed no readable figures:\n%s", program, out)
	}
	n, err := strconv.ParseInt(counted[1], 10, 64)
	if err != nil {
		return Done{}, fmt.Errorf("read how many %s counted: %w", program, err)
	}
	perSecond, err := strconv.ParseFloat(rated[1], 64)
	if err != nil {
		return Done{}, fmt.Errorf("read the rate that %s printed: %w", program, err)
	}
	if n == 0 {
		return Done{}, fmt.Errorf("%s got no answer", program)
	}
	return Done{Count: n, PerSecond: perSecond}, nil
}
