// Package script finds in shell scripts, of files, workflows and Dockerfiles, what
// the tools for them leave out: code that is fetched and run unseen, secrets that
// are printed, and settings of a job that are made of input.
package script

import (
	"cmp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"example.com/rates/security/finding"
)

// The rules.
const (
	Remote      = "remote-script"
	Printed     = "secret-printed"
	Environment = "environment-from-input"
)

// Fault is a rule that a script breaks.
type Fault struct {
	Rule          string
	Severity      finding.Severity
	Line          int // in the script, from 1
	Message, Help string
}

// Context is what a script is given.
type Context struct {
	Secrets []string // variables with secrets
	Inputs  []string // variables with text that others choose
}

// Faults returns what is wrong in a script, by line.
func Faults(text string, given Context) []Fault {
	r := &reader{
		secrets: slices.Clone(given.Secrets), inputs: append(slices.Clone(given.Inputs), eventVariables...),
		values: map[string]string{"SHELL": "sh", "BASH": "bash"}, functions: map[string]*function{}, drafts: map[string]string{},
	}
	r.script(text, flow{})
	for i, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			r.otherLanguage(line, i+1)
		}
	}
	slices.SortStableFunc(r.found, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return r.found
}

// eventVariables are set by GitHub to what the author of a change chooses.
var eventVariables = []string{"GITHUB_HEAD_REF", "GITHUB_EVENT_PATH"}

// reader reads a script in its order.
type reader struct {
	secrets, inputs []string
	values          map[string]string // of variables, as far as they are written out
	functions       map[string]*function
	drafts          map[string]string // files that the script writes, by name without folder
	downloads                         // which nothing has verified

	text  string // of the script that is read
	depth int    // of the scripts and functions around it
	calls int    // of functions that were followed
	found []Fault
}

// function is a function of a script.
type function struct {
	body *syntax.Stmt
	text string // of the script that declares it

	active bool // is followed right now
}

const (
	deepest   = 4    // scripts and functions that are followed into each other
	mostCalls = 1000 // calls that are followed; the functions themselves are read anyway
)

func (r *reader) add(f Fault) {
	if !slices.ContainsFunc(r.found, func(known Fault) bool { return known.Rule == f.Rule && known.Line == f.Line }) {
		r.found = append(r.found, f)
	}
}

// flow is what is around a command.
type flow struct {
	line     int      // of the pipeline in the outermost script, 0 for the line in the text
	stdin    bool     // fetched text comes in
	texts    []string // texts that are written out come in
	captured bool     // the output becomes a part of another command
	later    []string // the programs that the output is piped into
	target   string   // where the output of the commands around goes, as written
}

// script reads a script, which may be a part of another.
func (r *reader) script(text string, f flow) {
	if r.depth >= deepest {
		return
	}
	outer := r.text
	r.text = text
	r.depth++
	r.statements(parse(text), f)
	r.depth--
	r.text = outer
}

func (r *reader) statements(all []*syntax.Stmt, f flow) {
	for _, s := range all {
		r.statement(s, f)
	}
}

// line returns the line of a place in the text.
func (r *reader) line(at syntax.Pos, f flow) int {
	if f.line > 0 {
		return f.line
	}
	return 1 + strings.Count(r.slice(0, int(at.Offset())), "\n")
}

func (r *reader) slice(start, end int) string {
	end = min(end, len(r.text))
	return r.text[min(start, end):end]
}

// statement reads a pipeline, or a list of them.
func (r *reader) statement(s *syntax.Stmt, f flow) {
	if list, ok := s.Cmd.(*syntax.BinaryCmd); ok && !piped(list) {
		r.statement(list.X, f)
		r.statement(list.Y, f)
		return
	}
	stages := pipeline(s)
	commands := make([]command, len(stages))
	line := r.line(s.Pos(), f)
	var written, programs []string
	for i, stage := range stages {
		commands[i] = r.command(stage)
		commands[i].line = line
		written = append(written, commands[i].written)
		programs = append(programs, commands[i].program)
	}
	programs = append(programs, f.later...)
	text := strings.Join(written, " | ")
	stdin := f.stdin
	for i, stage := range stages {
		inner := f
		inner.stdin = stdin
		inner.later = programs[i+1:]
		if simple(stage) {
			r.simple(stage, commands[i], text, inner)
		} else {
			inner.target += " " + strings.Join(written[i:], " | ")
			r.compound(stage, commands[i], inner)
		}
		f.texts = append(slices.Clip(f.texts), commands[i].texts()...)
		stdin = stdin || i+1 < len(stages) && r.fetches(stage)
	}
	if !f.captured {
		r.sets(text, f.target, line)
	}
}

func piped(b *syntax.BinaryCmd) bool { return b.Op == syntax.Pipe || b.Op == syntax.PipeAll }

// pipeline returns the stages of a pipeline.
func pipeline(s *syntax.Stmt) []*syntax.Stmt {
	if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && piped(b) {
		return append(pipeline(b.X), pipeline(b.Y)...)
	}
	return []*syntax.Stmt{s}
}

// simple reports whether a statement is a command without others in it, except for
// those in substitutions.
func simple(s *syntax.Stmt) bool {
	switch s.Cmd.(type) {
	case nil, *syntax.CallExpr, *syntax.DeclClause, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause:
		return true
	}
	return false
}

func (r *reader) simple(s *syntax.Stmt, c command, pipeline string, f flow) {
	inner := f
	inner.stdin = f.stdin || fetcher(c)
	r.substitutions(s, inner)
	r.assigns(s)
	r.remote(c, f)
	if !f.captured {
		r.prints(c, pipeline, f)
	}
}

// substitutions reads the commands in a node whose output becomes a part of it.
func (r *reader) substitutions(node syntax.Node, f flow) {
	f.captured = true
	syntax.Walk(node, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CmdSubst:
			r.statements(n.Stmts, f)
			return false
		case *syntax.ProcSubst:
			r.statements(n.Stmts, f)
			return false
		}
		return true
	})
}

// compound reads a group, a loop and the like.
func (r *reader) compound(s *syntax.Stmt, c command, f flow) {
	if declared, ok := s.Cmd.(*syntax.FuncDecl); ok {
		if declared.Name != nil {
			r.functions[declared.Name.Value] = &function{body: declared.Body, text: r.text}
		}
		before := r.clone()
		r.statement(declared.Body, f)
		r.downloads = before
		return
	}
	f.stdin = f.stdin || slices.ContainsFunc(s.Redirs, func(redirect *syntax.Redirect) bool {
		return redirect.Word != nil && input(redirect.Op) && r.fetched(redirect.Word)
	})
	for _, redirect := range s.Redirs {
		r.substitutions(redirect, f)
	}
	syntax.Walk(s.Cmd, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			r.statement(n, f)
			return false
		case *syntax.Word:
			r.substitutions(n, f)
			return false
		}
		return true
	})
	if len(c.outputs) > 0 && r.fetches(s) {
		r.saves(c.outputs)
	}
}
