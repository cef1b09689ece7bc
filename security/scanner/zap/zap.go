// Package zap is the gate that examines the service while it runs, with OWASP ZAP.
package zap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gofiles"
	"example.com/rates/security/scanner/zap/session"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "zap", About: "the running service, asked over HTTPS", Unit: "operations",
		Inputs: sources, NoInputs: "there is no " + program + " to start",
		Examine: examine,
	}
}

// program is the folder of the program that serves with a database of its own.
const program = "service/cmd/devserver"

func sources(t tree.Tree) []string {
	return slices.DeleteFunc(t.Matching("*.go"), func(name string) bool { return !strings.HasPrefix(name, program+"/") })
}

// KeyVariable is the environment variable with the API key of a ZAP that runs
// already.
const KeyVariable = "ZAP_KEY"

// longestAttack bounds the active scan; half a minute was seen.
const longestAttack = 10 * time.Minute

func examine(ctx context.Context, s *scanner.Scan) error {
	r, err := run(ctx, s)
	if err != nil {
		return err
	}
	if r.Version != s.Tool.Version {
		return scanner.Errorf(scanner.WrongVersion, "ZAP is %s, not the pinned %s", r.Version, s.Tool.Version)
	}
	c, err := readContract(ctx, r.Contract)
	if err != nil {
		return err
	}
	if err := prove(r, c); err != nil {
		return err
	}
	s.Outcome.Rules = slices.Concat(r.Passive, r.Active)
	s.Outcome.Examined.Count = len(c)
	note(s, r, c)
	found, err := findings(r)
	s.Found(found...)
	return err
}

// run builds the service and runs a session with ZAP, in a process of its own.
func run(ctx context.Context, s *scanner.Scan) (session.Report, error) {
	self, err := os.Executable()
	if err != nil {
		return session.Report{}, fmt.Errorf("find the program of the gates: %w", err)
	}
	cmd := scanner.Command{Path: self, Args: []string{"zap-session"}}
	if s.Job.ZAP.Target != "" {
		cmd.Args = append(cmd.Args, "--target="+s.Job.ZAP.Target)
	} else {
		built, err := build(ctx, s)
		if err != nil {
			return session.Report{}, err
		}
		cmd.Args = append(cmd.Args, "--program="+built, "--project="+s.Job.Tree.Dir)
	}
	if s.Job.ZAP.URL != "" {
		cmd.Args = append(cmd.Args, "--url="+s.Job.ZAP.URL)
		cmd.Env = []string{KeyVariable + "=" + s.Job.ZAP.Key}
	} else {
		cmd.Args = append(cmd.Args, "--zap="+s.Tool.Path)
	}
	if s.Job.ZAP.Active {
		cmd.Args = append(cmd.Args, "--active="+longestAttack.String())
	}
	out, err := s.Run(ctx, cmd)
	if err != nil {
		return session.Report{}, err
	}
	return parse(out.Stdout)
}

// build builds the program that serves.
func build(ctx context.Context, s *scanner.Scan) (string, error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return "", scanner.Errorf(scanner.ToolMissing, "go is missing; install it")
	}
	built := filepath.Join(s.Job.Scratch, "service")
	_, err = s.Run(ctx, scanner.Command{Path: goTool, Args: []string{"build", "-o", built, "./" + program}, Env: gofiles.Env()})
	if e, ok := errors.AsType[*scanner.Error](err); ok && e.Kind == scanner.ToolFailed {
		return "", scanner.Errorf(scanner.BadInput, "%s cannot be built: %s", program, e.Detail)
	}
	return built, err
}

// parse reads the report of a session. One that failed is the error that it names.
func parse(out []byte) (session.Report, error) {
	var r session.Report
	if err := json.Unmarshal(out, &r); err != nil {
		return r, scanner.Errorf(scanner.BadOutput, "the report of the session cannot be read (%w): %s", err, scanner.Describe(out))
	}
	if r.Failure != nil {
		return r, scanner.Errorf(r.Failure.Kind, "%s", r.Failure.Detail)
	}
	return r, nil
}

// note tells a reader what was examined and with what.
func note(s *scanner.Scan, r session.Report, c contract) {
	var addOns []string
	for _, a := range r.AddOns {
		addOns = append(addOns, a.ID+" "+a.Version)
	}
	s.Note("rules: %d passive, %d active; add-ons: %s", len(r.Passive), len(r.Active), strings.Join(addOns, ", "))
	if r.Logged < 0 {
		s.Note("requests: %d", r.Requests)
		s.Unseen("the log of %s cannot be read here, so nothing proves that the requests reached the service", r.Base)
	} else {
		s.Note("requests before any attack: %d, in the log of the service at the end: %d", r.Requests, r.Logged)
	}
	if len(r.Active) == 0 {
		s.Unseen("ZAP did not attack the service: only passive rules were applied; --active attacks it")
	}
	s.Note("answers: %s", c.tally(r.Messages))
}
