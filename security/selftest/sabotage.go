package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/planted"
)

// The names of the sabotage cases: every gate is broken in these ways.
const (
	toolMissing     = "tool missing"
	wrongVersion    = "wrong tool version"
	toolChanged     = "tool changed after its installation"
	emptyTree       = "empty tree"
	timeUp          = "timed out"
	killed          = "killed"
	cutOff          = "output cut off"
	databaseMissing = "database missing"
	databaseEmpty   = "database emptied"
	databaseCut     = "database cut down"
	databaseOld     = "database too old"
)

func sabotageNames() []string {
	return []string{toolMissing, wrongVersion, toolChanged, emptyTree, timeUp, killed, cutOff, databaseMissing, databaseEmpty, databaseCut, databaseOld}
}

// sabotage breaks a gate in every way. defect is its run on the defect, clean the
// one on the fixed version.
func (t *trial) sabotage(ctx context.Context, defect, clean ran) []Case {
	if _, ok := t.scanner.(scanner.Toolless); ok {
		return []Case{noTool(defect), t.emptyTree(ctx)}
	}
	cases := []Case{
		t.toolMissing(ctx, defect), t.wrongVersion(ctx, defect), t.toolChanged(ctx, defect), t.emptyTree(ctx),
		t.timeUp(ctx, defect), t.killed(ctx, defect, clean), t.cutOff(ctx, defect, clean),
	}
	if defect.result.Outcome.Database != nil {
		cases = append(cases, t.databaseMissing(ctx, defect), t.databaseCut(ctx, defect, databaseEmpty, nil),
			t.databaseCut(ctx, defect, databaseCut, planted.ForCanary()), t.databaseOld(ctx, defect))
	}
	return cases
}

// noTool returns the case that a gate uses no tool.
func noTool(r ran) Case {
	return Case{
		Name: "no tool", OK: len(r.recording.tools) == 0 && len(r.recording.calls) == 0,
		Want: "no tool is requested and no command runs",
		Got:  fmt.Sprintf("%d tools, %d commands", len(r.recording.tools), len(r.recording.calls)),
	}
}

// mustFail returns the case that the gate ends as an error of one of the kinds.
func mustFail(name string, r gate.Result, kinds ...scanner.Kind) Case {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	ok := r.Status == gate.Errored && slices.Contains(kinds, r.Kind)
	return Case{Name: name, OK: ok, Want: "error: " + strings.Join(words, " or "), Got: ended(r)}
}

// all returns the first case that failed, or the first.
func all(cases ...Case) Case {
	for _, c := range cases {
		if !c.OK {
			return c
		}
	}
	return cases[0]
}

func (t *trial) emptyTree(ctx context.Context) Case {
	nothing, err := t.repository(ctx, plan{})
	if err != nil {
		return broken(emptyTree, err)
	}
	want := scanner.NothingExamined
	if t.about.Image {
		want = scanner.InputUnavailable // an empty tree makes no image
	}
	return mustFail(emptyTree, t.run(ctx, nothing, func(*gate.Config) {}), want)
}

// tooShort is a timeout for a gate whose tool never ends.
const tooShort = time.Second

// timeUp runs the gate with a tool that never ends.
func (t *trial) timeUp(ctx context.Context, defect ran) Case {
	hang := &hanging{pids: filepath.Join(t.dir, "pids")}
	result := t.run(ctx, defect.subject, func(cfg *gate.Config) {
		cfg.Job.Run = hang.run
		rules := cfg.Policy.Gates[t.scanner.Name()]
		rules.Timeout.Duration = tooShort
		cfg.Policy.Gates[t.scanner.Name()] = rules
	})
	c := mustFail(timeUp, result, scanner.TimedOut)
	if hang.endless.Load() {
		return Case{Name: timeUp, Want: "the tool ends with the timeout of the gate", Got: "it kept running"}
	}
	if left := hang.left(); c.OK && left != "" {
		return Case{Name: timeUp, Want: "every process that the tool started ends", Got: left + " still runs"}
	}
	return c
}

// killed lets each command finish its work, but replaces its exit by SIGKILL.
func (t *trial) killed(ctx context.Context, runs ...ran) Case {
	var cases []Case
	for _, before := range runs {
		for i := range before.recording.calls {
			play := &player{recording: before.recording, damage: func(ctx context.Context, j int, c call) (scanner.Output, error) {
				if j != i {
					return before.recording.whole(ctx, j, c)
				}
				if err := c.write(before.recording.scratch); err != nil {
					return scanner.Output{}, err
				}
				return scanner.Run(ctx, scanner.Command{Path: "/bin/sh", Args: []string{"-c", "kill -KILL $$"}})
			}}
			result := t.run(ctx, before.subject, func(cfg *gate.Config) { cfg.Job.Run = play.run })
			cases = append(cases, mustFail(killed, result, scanner.Killed))
		}
	}
	if len(cases) == 0 {
		return Case{Name: killed, Want: "a command runs", Got: "the gate runs none"}
	}
	return all(cases...)
}

// databaseMissing points the gate at empty folders.
func (t *trial) databaseMissing(ctx context.Context, defect ran) Case {
	empty := filepath.Join(t.dir, "no-database")
	if err := os.MkdirAll(empty, 0o750); err != nil {
		return broken(databaseMissing, err)
	}
	result := t.run(ctx, defect.subject, func(cfg *gate.Config) {
		cfg.Job.Databases = scanner.Databases{Go: "file://" + empty, Trivy: empty}
	})
	return mustFail(databaseMissing, result, scanner.DatabaseMissing)
}

// databaseCut points the gate at databases of today that are well-formed, and know no
// more than this.
func (t *trial) databaseCut(ctx context.Context, defect ran, name string, known []planted.Vulnerability) Case {
	dir, err := t.folder("database")
	if err != nil {
		return broken(name, err)
	}
	golang, trivy := filepath.Join(dir, "go"), filepath.Join(dir, "trivy")
	if err := errors.Join(planted.WriteGo(golang, t.cfg.Now, known), planted.WriteTrivy(trivy, t.cfg.Now, known)); err != nil {
		return broken(name, err)
	}
	result := t.run(ctx, defect.subject, func(cfg *gate.Config) {
		cfg.Job.Databases = scanner.Databases{Go: "file://" + golang, Trivy: trivy}
	})
	return mustFail(name, result, scanner.DatabaseIncomplete)
}

// databaseOld checks the database on the first day on which it is too old, and on
// the day before.
func (t *trial) databaseOld(ctx context.Context, defect ran) Case {
	const allowed = 7
	judge := func(age int) gate.Result {
		play := &player{recording: defect.recording, damage: defect.recording.whole}
		return t.run(ctx, defect.subject, func(cfg *gate.Config) {
			cfg.Job.Run = play.run
			profile := cfg.Policy.Profiles[cfg.Profile]
			profile.DatabaseDays = allowed
			cfg.Policy.Profiles[cfg.Profile] = profile
			cfg.Now = defect.result.Outcome.Database.Date.AddDate(0, 0, age)
		})
	}
	if young := judge(allowed); young.Status != gate.Findings {
		return Case{Name: databaseOld, Want: "a database of the maximum age passes", Got: ended(young)}
	}
	return mustFail(databaseOld, judge(allowed+1), scanner.DatabaseTooOld)
}

// half returns the first half.
func half(b []byte) []byte { return bytes.Clone(b[:len(b)/2]) }

// broken is a case that the self-test itself could not run.
func broken(name string, err error) Case {
	return Case{Name: name, Want: "the self-test itself works", Got: fmt.Sprint(err)}
}
