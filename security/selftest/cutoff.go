package selftest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
)

// channel is a way in which a command says something.
type channel string

const (
	stdout channel = "standard output"
	stderr channel = "standard error"
	files  channel = "files"
)

// said tells whether the command said anything in this way.
func (c call) said(in channel) bool {
	switch in {
	case stdout:
		return len(c.out.Stdout) > 0
	case stderr:
		return len(c.out.Stderr) > 0
	default:
		return slices.ContainsFunc(slices.Collect(maps.Values(c.files)), func(content []byte) bool { return len(content) > 0 })
	}
}

// halved is the call with half of what it said in one way.
func (c call) halved(in channel) call {
	switch in {
	case stdout:
		c.out.Stdout = half(c.out.Stdout)
	case stderr:
		c.out.Stderr = half(c.out.Stderr)
	default:
		cut := map[string][]byte{}
		for path, content := range c.files {
			cut[path] = half(content)
		}
		c.files = cut
	}
	return c
}

// cutOff cuts what each command says at half. What the gate needs must then be
// missed: the gate ends as an error. What it does not need changes nothing.
// What is needed where there is a defect is needed where there is none, too,
// or else half a report could be the report of a clean tree.
func (t *trial) cutOff(ctx context.Context, defect, clean ran) Case {
	needed := map[string]bool{}
	for _, before := range []ran{defect, clean} {
		missed := false
		for i, c := range before.recording.calls {
			for _, in := range []channel{stdout, stderr, files} {
				if !c.said(in) {
					continue
				}
				name := fmt.Sprintf("%s of command %d", in, i+1)
				result := t.playHalf(ctx, before, i, in)
				same := unchanged(before.result, result)
				switch {
				case fitting(result):
					missed = true
					if before.name == defect.name {
						needed[name] = true
					}
				case !same || before.name == clean.name && needed[name]:
					return Case{
						Name: cutOff, Want: "an error about the output",
						Got: fmt.Sprintf("%s (%s cut off, on %q)", ended(result), name, before.name),
					}
				}
			}
		}
		if !missed {
			return Case{
				Name: cutOff, Want: "an error about the output",
				Got: fmt.Sprintf("the gate reads nothing that its tool says (on %q)", before.name),
			}
		}
	}
	return Case{Name: cutOff, OK: true, Want: "an error about the output", Got: "that"}
}

func (t *trial) playHalf(ctx context.Context, before ran, i int, in channel) gate.Result {
	play := &player{recording: before.recording, damage: func(ctx context.Context, j int, c call) (scanner.Output, error) {
		if j == i {
			c = c.halved(in)
		}
		return before.recording.whole(ctx, j, c)
	}}
	return t.run(ctx, before.subject, func(cfg *gate.Config) { cfg.Job.Run = play.run })
}

// fitting reports whether the gate ended as an error that speaks of what the
// tool said.
func fitting(r gate.Result) bool {
	return r.Status == gate.Errored && slices.Contains([]scanner.Kind{
		scanner.BadOutput, scanner.BadInput, scanner.NothingExamined, scanner.TooFewExamined, scanner.DatabaseMissing, scanner.WrongVersion,
	}, r.Kind)
}

// unchanged reports whether two runs say the same on the same evidence.
func unchanged(a, b gate.Result) bool {
	return a.Status == b.Status && cmp.Equal(a.Found, b.Found) && a.Outcome != nil && b.Outcome != nil &&
		a.Outcome.Examined == b.Outcome.Examined && cmp.Equal(a.Outcome.Database, b.Outcome.Database)
}
