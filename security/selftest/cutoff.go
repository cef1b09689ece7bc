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

// channel is an output of a command.
type channel string

const (
	stdout channel = "standard output"
	stderr channel = "standard error"
	files  channel = "files"
)

// said reports whether the command wrote to the channel.
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

// halved returns the call with half of the output of one channel.
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

// cutOff cuts each output of each command in half. If the gate needs the output, it
// must end as an error; if not, nothing may change. An output that it needs on the
// defect it must also need on the clean version, or half a report could pass for
// that of a clean tree.
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
				Got: fmt.Sprintf("the gate reads no output of its tool (on %q)", before.name),
			}
		}
	}
	return Case{Name: cutOff, OK: true, Want: "an error about the output", Got: "an error about the output"}
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

// fitting reports whether the gate ended as an error about the output of its tool.
func fitting(r gate.Result) bool {
	return r.Status == gate.Errored && slices.Contains([]scanner.Kind{
		scanner.BadOutput, scanner.BadInput, scanner.NothingExamined, scanner.TooFewExamined, scanner.DatabaseMissing, scanner.WrongVersion,
	}, r.Kind)
}

// unchanged reports whether two runs have the same findings and evidence.
func unchanged(a, b gate.Result) bool {
	return a.Status == b.Status && cmp.Equal(a.Found, b.Found) && a.Outcome != nil && b.Outcome != nil &&
		a.Outcome.Examined == b.Outcome.Examined && cmp.Equal(a.Outcome.Database, b.Outcome.Database)
}
