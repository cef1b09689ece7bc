// Package buildfile examines Dockerfiles by rules of our own, for what the tools
// leave out.
package buildfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"example.com/rates/security/finding"
)

// Check returns the findings in a Dockerfile, by line. BuildKit's own parser reads
// it.
func Check(name string, source []byte) ([]finding.Finding, error) {
	file, err := parser.Parse(bytes.NewReader(source))
	if err != nil {
		return nil, err
	}
	stages, meta, err := instructions.Parse(file.AST, nil)
	if err != nil {
		return nil, err
	}
	if len(stages) == 0 {
		return nil, errors.New("it has no FROM")
	}
	c := &check{name: name, lex: shell.NewLex(file.EscapeToken), stages: stages, runs: map[int]string{}, users: map[int]string{}}
	if image, _, at, ok := parser.DetectSyntax(source); ok && !pinned(image) {
		c.found(at, digest, "The syntax image "+image+" has no digest.")
	}
	for i := range meta {
		c.argument(&meta[i], &c.global)
	}
	for i, stage := range stages {
		c.stage(i, stage)
	}
	c.lastUser()
	slices.SortStableFunc(c.findings, func(a, b finding.Finding) int { return cmp.Compare(a.Line, b.Line) })
	return c.findings, nil
}

// check is the state of examining a Dockerfile.
type check struct {
	name     string
	lex      *shell.Lex
	stages   []instructions.Stage
	global   []string       // arguments before the first FROM, as NAME=value
	values   []string       // variables of the stage, as NAME=value
	runs     map[int]string // by stage: the script of its RUN instructions so far
	users    map[int]string // by stage: the user that its image runs as
	findings []finding.Finding
}

// found adds a finding, once for each rule and line.
func (c *check) found(at []parser.Range, r rule, message string) {
	line := 0
	if len(at) > 0 {
		line = at[0].Start.Line
	}
	if slices.ContainsFunc(c.findings, func(f finding.Finding) bool { return f.Rule == r.id && f.Line == line }) {
		return
	}
	c.findings = append(c.findings, finding.Finding{
		Rule: r.id, Severity: finding.High, Message: message, Help: r.help, File: c.name, Line: line,
	})
}

// expand replaces variables. What has no value becomes empty.
func (c *check) expand(word string, values []string) string {
	text, _, err := c.lex.ProcessWord(word, shell.EnvsFromSlice(values))
	if err != nil {
		return word
	}
	return text
}

// argument notes the default of an ARG.
func (c *check) argument(command *instructions.ArgCommand, values *[]string) {
	for _, arg := range command.Args {
		switch {
		case arg.Value != nil:
			*values = append(*values, arg.Key+"="+c.expand(*arg.Value, *values))
		case values != &c.global: // the stage takes the global one
			for _, global := range c.global {
				if strings.HasPrefix(global, arg.Key+"=") {
					*values = append(*values, global)
				}
			}
		}
		c.secret(command.Location(), arg, "The build argument "+arg.Key)
	}
}

// earlier returns the number of the stage before the i-th that a name or a number
// stands for, or -1.
func (c *check) earlier(i int, name string) int {
	for n := i - 1; n >= 0; n-- {
		if strings.EqualFold(c.stages[n].Name, name) && name != "" || fmt.Sprint(n) == name {
			return n
		}
	}
	return -1
}

// stage examines the i-th stage.
func (c *check) stage(i int, stage instructions.Stage) {
	c.values = nil
	base := c.expand(stage.BaseName, c.global)
	switch from := c.earlier(i, base); {
	case from >= 0:
		c.runs[i], c.users[i] = c.runs[from], c.users[from]
	default:
		c.image(stage.Location, "The base image", stage.BaseName, base)
		if strings.Contains(base, "nonroot") {
			c.users[i] = "nonroot"
		}
	}
	for _, command := range stage.Commands {
		c.command(i, command)
	}
}

// image demands a digest of an image that is not a stage.
func (c *check) image(at []parser.Range, what, written, image string) {
	switch {
	case image == "scratch" || pinned(image):
	case image == "":
		c.found(at, digest, fmt.Sprintf("%s %s is chosen by whoever builds: the argument has no default.", what, written))
	default:
		c.found(at, digest, fmt.Sprintf("%s %s has no digest.", what, image))
	}
}
