package all

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// The list of gates matches the folders.
func TestTheListIsCurrent(t *testing.T) {
	current, err := os.ReadFile("found.go")
	if err != nil {
		t.Fatal(err)
	}
	want, err := exec.CommandContext(t.Context(), "go", "run", "./generate", "print").Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(current)); diff != "" {
		t.Errorf("found.go is out of date; run: make generate (-want +got):\n%s", diff)
	}
}

// The gates start in the order of the policy.
func TestGatesAreInTheOrderOfThePolicy(t *testing.T) {
	gates := Gates([]string{"zizmor", "suppressions", "checkov"})
	var names []string
	for _, s := range gates {
		names = append(names, s.Name())
	}
	if got := strings.Join(names[:4], " "); got != "zizmor suppressions checkov actionlint" || len(names) != len(Names()) {
		t.Errorf("order %q", names)
	}
}

// withTools returns the gates that use a tool.
func withTools() []scanner.Scanner {
	return slices.DeleteFunc(Gates(nil), func(s scanner.Scanner) bool { _, ok := s.(scanner.Toolless); return ok })
}

// Each gate passes its clean canary, on evidence.
func TestClean(t *testing.T) {
	for _, gate := range withTools() {
		t.Run(gate.Name(), func(t *testing.T) {
			outcome, err := gate.Scan(t.Context(), scannertest.Replay(t, gate.Name()+"/clean"))
			if err != nil {
				t.Fatal(err)
			}
			if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 || outcome.Examined.Unit == "" || outcome.Version == "" || len(outcome.Commands) == 0 {
				t.Errorf("outcome %+v with findings\n%s", outcome, scannertest.Places(outcome.Findings))
			}
		})
	}
}

// If a tool or a command fails, so does the gate, with an error of the same
// kind.
func TestBroken(t *testing.T) {
	for _, gate := range withTools() {
		for name, broken := range map[string]func(scanner.Job, scanner.Kind) scanner.Job{"tool": scannertest.BrokenTool, "run": scannertest.BrokenRun} {
			for _, kind := range []scanner.Kind{scanner.ToolMissing, scanner.WrongVersion, scanner.Killed, scanner.TimedOut} {
				t.Run(fmt.Sprintf("%s/%s/%s", gate.Name(), name, kind), func(t *testing.T) {
					_, err := gate.Scan(t.Context(), broken(scannertest.Replay(t, gate.Name()+"/clean"), kind))
					scannertest.WantKind(t, err, kind)
				})
			}
		}
	}
}

// A gate that examines nothing, or whose tool prints nothing, is not green.
func TestNothing(t *testing.T) {
	for _, gate := range Gates(nil) {
		t.Run(gate.Name(), func(t *testing.T) {
			want := scanner.NothingExamined
			if gate.Name() == "trivy-image" {
				want = scanner.InputUnavailable // an empty tree makes no image
			}
			job := scannertest.Job(t, "", scanner.Output{})
			_, err := gate.Scan(t.Context(), job)
			scannertest.WantKind(t, err, want)
			if _, ok := gate.(scanner.Toolless); ok {
				return
			}
			if _, err = gate.Scan(t.Context(), scannertest.Saying(scannertest.Replay(t, gate.Name()+"/clean"), scanner.Output{})); err == nil {
				t.Error("the tool printed nothing, and the gate did not notice")
			}
		})
	}
}

// Incomplete output of a tool must not pass for a report of fewer findings. The
// output recorded on the canaries, cut off anywhere, is an error.
func TestCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out a thousand scans")
	}
	for _, gate := range withTools() {
		t.Run(gate.Name(), func(t *testing.T) {
			t.Parallel()
			for _, canary := range []string{"/clean", "/defect"} {
				cutOff(t, gate, gate.Name()+canary)
			}
		})
	}
}

// stream is one output of a command: standard output, standard error, or its
// file.
type stream struct {
	call int
	name string
}

// cutOff cuts each stream of a recording in many places, and scans.
func cutOff(t *testing.T, gate scanner.Scanner, recording string) {
	t.Helper()
	job := scannertest.Replay(t, recording)
	cuts := 10
	if job.Image.Tar != "" {
		cuts = 2 // each scan unpacks the image, and its gate reads the output like the gate trivy
	}
	whole := map[stream][]byte{}
	if _, err := scan(t, gate, job, func(s stream, content []byte) []byte { whole[s] = content; return content }); err != nil {
		t.Fatal(err)
	}
	for at, content := range whole {
		for _, n := range scannertest.Cuts(content, cuts) {
			outcome, err := scan(t, gate, job, func(s stream, content []byte) []byte {
				if s == at {
					return content[:n]
				}
				return content
			})
			if err == nil {
				t.Fatalf("%s: %d of %d bytes of %s of command %d were accepted as complete: examined %v, found\n%s", recording,
					n, len(content), at.name, at.call+1, outcome.Examined, scannertest.Places(outcome.Findings))
			}
		}
	}
}

// scan replays a job in which change changes the output of the commands.
// Commands that run concurrently are distinguished by their output.
func scan(t *testing.T, gate scanner.Scanner, job scanner.Job, change func(s stream, content []byte) []byte) (scanner.Outcome, error) {
	t.Helper()
	job.Scratch = filepath.Join(job.Scratch, "scan")
	if err := os.Mkdir(job.Scratch, 0o750); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(job.Scratch) }() // the next scan makes it again
	run, call := job.Run, 0
	job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
		out, err := run(ctx, cmd)
		out.Stdout, out.Stderr = change(stream{call, "standard output"}, out.Stdout), change(stream{call, "standard error"}, out.Stderr)
		if _, file, ok := strings.Cut(cmd.Args[len(cmd.Args)-1], "="); ok && strings.HasPrefix(file, job.Scratch) {
			if content, err := os.ReadFile(file); err == nil {
				if err := os.WriteFile(file, change(stream{call, "its file"}, content), 0o600); err != nil {
					return out, err
				}
			}
		}
		call++
		return out, err
	}
	return gate.Scan(t.Context(), job)
}

// Every finding of a gate names it as its witness.
func TestWitness(t *testing.T) {
	found := 0
	for _, gate := range withTools() {
		outcome, err := gate.Scan(t.Context(), scannertest.Replay(t, gate.Name()+"/defect"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range outcome.Findings {
			found++
			if want := []finding.Witness{{Gate: gate.Name(), Rule: f.Rule}}; f.Rule == "" || f.Message == "" || !cmp.Equal(f.Witnesses, want) {
				t.Errorf("%s: finding %+v", gate.Name(), f)
			}
		}
	}
	if found == 0 {
		t.Error("no gate found anything")
	}
}
