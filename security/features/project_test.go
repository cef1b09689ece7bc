package features_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"example.com/rates/security/gate"
)

// project is a small repository that the gates examine, with the policy that
// they follow.
type project struct {
	dir   string
	gate  string            // the one gate that has something to examine
	rules map[string]string // of that gate
	skip  map[string]string // gates that the policy skips, each with the reason
	key   string            // the access key in its files
}

// withoutKey is a file without a secret.
const withoutKey = "region = eu-north-1\n"

func (w *world) registerProject(sc *godog.ScenarioContext) {
	sc.Step(`^a project in which only the gate (\S+) has something to examine$`, w.aProject)
	sc.Step(`^its file "([^"]*)" holds an access key in line 2$`, func(ctx context.Context, name string) error {
		return w.project.commit(ctx, name, withoutKey+"aws_access_key_id = "+w.project.key+"\n")
	})
	sc.Step(`^its file "([^"]*)" holds an access key in line 2, and is not committed$`, func(name string) error {
		return w.project.write(name, withoutKey+"aws_access_key_id = "+w.project.key+"\n")
	})
	sc.Step(`^its file "([^"]*)" holds no secret$`, func(ctx context.Context, name string) error {
		return w.project.commit(ctx, name, withoutKey)
	})
	sc.Step(`^its file "([^"]*)" holds:$`, func(ctx context.Context, name string, text *godog.DocString) error {
		return w.project.commit(ctx, name, text.Content+"\n")
	})
	sc.Step(`^a later commit removes the key from "([^"]*)"$`, func(ctx context.Context, name string) error {
		return w.project.commit(ctx, name, withoutKey)
	})
	sc.Step(`^it has no files$`, func() error { return nil })
	sc.Step(`^only its last commit was fetched$`, w.onlyTheLastCommit)
	sc.Step(`^no tool is installed$`, func() error {
		w.tools.Cache = w.path("no-tools")
		return nil
	})
	sc.Step(`^another program is installed in place of (\S+)$`, w.anotherProgram)
	sc.Step(`^the policy requires that (\S+) examines at least (\d+)$`, func(gate, least string) error {
		return w.project.setRule(gate, "at_least", least)
	})
	sc.Step(`^the main branch has a policy that requires that (\S+) examines at least (\d+)$`, func(ctx context.Context, gate, least string) error {
		if err := w.project.setRule(gate, "at_least", least); err != nil {
			return err
		}
		return w.project.commit(ctx, "security/policy.yaml", w.project.policy(w.names))
	})
	sc.Step(`^(\S+) was replaced by a program that prints the report of a clean project$`, w.replaced)
	sc.Step(`^the policy gives (\S+) a timeout of (\d+m?s)$`, func(gate, limit string) error { return w.project.setRule(gate, "timeout", limit) })
	sc.Step(`^the policy gives (\S+) the key "([^"]*)"$`, func(gate, key string) error { return w.project.setRule(gate, key, "1") })
	sc.Step(`^the policy skips (\S+), because "([^"]*)"$`, func(gate, reason string) error {
		w.project.skip[gate] = reason
		return nil
	})
	sc.Step(`^the waivers:$`, w.theWaivers)
	sc.Step(`^the waivers are "([^"]*)"$`, func(text string) error { return w.write(waiversFile, text+"\n") })
}

func (w *world) aProject(ctx context.Context, gate string) error {
	w.project = project{
		dir: w.path("project"), gate: gate, skip: map[string]string{},
		key:   "AKIA" + rand.Text()[:16], // well-formed, but not a real one
		rules: map[string]string{"threshold": "low", "timeout": "2m", "at_least": "1"},
	}
	if err := os.Mkdir(w.project.dir, 0o700); err != nil {
		return err
	}
	_, err := w.project.git(ctx, "init", "--quiet", "--initial-branch=main")
	return err
}

// write writes a file of the scenario.
func (w *world) write(name, content string) error {
	return os.WriteFile(w.path(name), []byte(content), 0o600)
}

// write writes a file of the project.
func (p *project) write(name, content string) error {
	at := filepath.Join(p.dir, name)
	return errors.Join(os.MkdirAll(filepath.Dir(at), 0o700), os.WriteFile(at, []byte(content), 0o600))
}

// other is what the other gates need: the repository had it once.
const other = "other"

func (p *project) commit(ctx context.Context, name, content string) error {
	if _, err := p.git(ctx, "rev-parse", "--verify", "HEAD"); err != nil {
		if err := p.begin(ctx); err != nil {
			return err
		}
	}
	if err := p.write(name, content); err != nil {
		return err
	}
	if _, err := p.git(ctx, "add", name); err != nil {
		return err
	}
	_, err := p.git(ctx, "commit", "--quiet", "--message", "Change "+name)
	return err
}

// begin adds what the other gates need, and removes it again.
func (p *project) begin(ctx context.Context) error {
	if err := p.write(other, ""); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"add", other},
		{"commit", "--quiet", "--message", "Begin"},
		{"rm", "--quiet", other},
		{"commit", "--quiet", "--message", "Leave only what one gate examines"},
	} {
		if _, err := p.git(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// git runs git without the configuration of the user and of the machine.
func (p *project) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{
		"-c", "user.name=Somebody", "-c", "user.email=somebody@invalid", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null",
	}, args...)...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(p.dir), "GIT_CONFIG_NOSYSTEM=1"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", args[0], err, out)
	}
	return string(out), nil
}

func (w *world) onlyTheLastCommit(ctx context.Context) error {
	fetched := w.path("fetched")
	if _, err := w.project.git(ctx, "clone", "--quiet", "--depth=1", "file://"+w.project.dir, fetched); err != nil {
		return err
	}
	w.project.dir = fetched
	return nil
}

// anotherProgram installs the program of the gates as the tool.
func (w *world) anotherProgram(ctx context.Context, tool string) error {
	w.tools.Cache, w.tools.Records = w.path("other-tools"), w.path("other-records")
	pin, err := w.tools.Pin(tool)
	if err != nil {
		return err
	}
	dir := w.tools.Dir(pin)
	return errors.Join(
		os.MkdirAll(filepath.Join(dir, "bin"), 0o700),
		os.Symlink(w.gates, filepath.Join(dir, "bin", tool)),
		w.tools.Record(ctx, pin),
	)
}

// replaced installs a copy of the tool, and then puts another program in its place.
func (w *world) replaced(ctx context.Context, tool string) error {
	installed, err := w.tools.Find(ctx, tool)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(installed.Path)
	if err != nil {
		return err
	}
	w.tools.Cache, w.tools.Records = w.path("other-tools"), w.path("other-records")
	pin, err := w.tools.Pin(tool)
	if err != nil {
		return err
	}
	at := filepath.Join(w.tools.Dir(pin), "bin", tool)
	return errors.Join(
		os.MkdirAll(filepath.Dir(at), 0o700),
		os.WriteFile(at, program, 0o700),
		w.tools.Record(ctx, pin),
		os.WriteFile(at, []byte("#!/bin/sh\necho '[]'\n"), 0o700),
	)
}

func (p *project) setRule(gate, key, value string) error {
	if gate != p.gate {
		return fmt.Errorf("only the gate %s has something to examine", p.gate)
	}
	p.rules[key] = value
	return nil
}

// policy returns a policy in which every other gate has nothing to examine.
func (p *project) policy(gates []string) string {
	var b strings.Builder
	for _, profile := range []struct{ name, unused string }{{"local", "warn"}, {"ci", "fail"}} {
		fmt.Fprintf(&b, "  %s:\n    database_days: 7\n    unused_waivers: %s\n    absent_subjects: warn\n    packed_image: warn\n    unknown_base: warn\n    skip:\n", profile.name, profile.unused)
		for name, reason := range p.skip {
			fmt.Fprintf(&b, "      %s: %s\n", name, reason)
		}
	}
	profiles := b.String()
	b.Reset()
	for _, name := range gates {
		fmt.Fprintf(&b, "  %s:\n", name)
		rules := map[string]string{"threshold": "low", "timeout": "1s", "at_least": "1", "needs": "[" + other + "]"}
		switch name {
		case p.gate:
			rules = p.rules
		case gate.PolicyGate: // which always runs
			delete(rules, "needs")
			rules["timeout"], rules["at_least"] = "1m", "10"
		}
		for key, value := range rules {
			fmt.Fprintf(&b, "    %s: %s\n", key, value)
		}
	}
	return "profiles:\n" + profiles + "gates:\n" + b.String()
}

// theWaivers writes the waivers of a table, whose first row names the keys. Days
// are relative to today.
func (w *world) theWaivers(table *godog.Table) error {
	var b strings.Builder
	b.WriteString("waivers:\n")
	for _, row := range table.Rows[1:] {
		start := "- "
		for i, cell := range row.Cells {
			key, value := table.Rows[0].Cells[i].Value, cell.Value
			if value == "" {
				continue
			}
			if key == "created" || key == "expires" {
				var err error
				if value, err = dayOf(value); err != nil {
					return err
				}
			}
			fmt.Fprintf(&b, "%s%s: %q\n", start, key, value)
			start = "  "
		}
	}
	return w.write(waiversFile, b.String())
}

// dayOf returns the day of "3 days ago" or "in 3 days", in UTC.
func dayOf(words string) (string, error) {
	text, ago := strings.CutSuffix(words, " ago")
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "in "), " ")
	days, err := strconv.Atoi(number)
	if err != nil {
		return "", fmt.Errorf("%q is not a day; write it as 3 days ago, or in 3 days", words)
	}
	if ago {
		days = -days
	}
	return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly), nil
}
