package script

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

var (
	shells    = regexp.MustCompile(`^((ba|da|k|mk|z|a|fi|c|tc|rba)?sh|su|source|\.)$`)
	languages = regexp.MustCompile(`^(python[0-9.]*|pypy[0-9.]*|perl[0-9.]*|ruby[0-9.]*|node(js)?|php[0-9.]*|pwsh|powershell|deno|bun|lua[0-9.]*|osascript|Rscript|tclsh|java)$`)
	installs  = regexp.MustCompile(`^(dpkg|rpm|apt|apt-get|apk|yum|dnf|zypper|pacman|snap|installer|pip[0-9.]*|npm|gem)$`)

	shellText    = regexp.MustCompile(`^-[a-zA-Z]*c[a-zA-Z]*$`)
	languageText = regexp.MustCompile(`^(-[a-zA-Z]*[cemnpr]|--eval|--execute|-Command)$`)
	operandFlag  = regexp.MustCompile(`^([-+][oOWXI]|--rcfile|--init-file|-ExecutionPolicy)$`)
	executable   = regexp.MustCompile(`^([ugoa]*[+=][rwst]*x[rwxst]*|0?[0-7]*[1357][0-7]{0,2})(,|$)`)
)

// runs reports whether a command runs, installs or makes executable what was
// fetched. It reads scripts that are written in the command.
func (r *reader) runs(c command, f flow) bool {
	switch {
	case c.program == "eval":
		r.script(strings.Join(c.args, " "), within(c, f))
		return slices.ContainsFunc(c.words, r.fetched) || f.stdin && len(c.args) == 0
	case shells.MatchString(c.program), languages.MatchString(c.program):
		return r.interprets(c, f)
	case c.program == "trap" && len(c.args) > 0:
		r.script(c.args[0], within(c, f))
	case c.program == "alias":
		for _, arg := range c.args {
			_, text, _ := strings.Cut(arg, "=")
			r.script(text, within(c, f))
		}
	case strings.Contains(c.path, " "): // as in ssh HOST 'bash -s'
		f.stdin = f.stdin || slices.ContainsFunc(c.inputs, r.fetched)
		r.script(strings.Join(append([]string{c.path}, c.args...), " "), within(c, f))
	case c.program == "chmod":
		return slices.ContainsFunc(c.args, executable.MatchString) && slices.ContainsFunc(c.args, r.has)
	case c.program == "install":
		return slices.ContainsFunc(c.args, r.has) && !plainMode(c.args)
	case installs.MatchString(c.program):
		return slices.ContainsFunc(c.args, r.has) || f.stdin && slices.Contains(c.args, "-")
	}
	if strings.Contains(c.path, "/") {
		r.script(r.drafts[c.program], within(c, f))
	}
	called := strings.Contains(c.path, "/") || slices.ContainsFunc(r.files, path.IsAbs)
	return called && r.has(c.path) || r.fetched(c.first)
}

func within(c command, f flow) flow {
	f.line = c.line
	return f
}

// plainMode reports whether the arguments of install say that a file cannot be run.
func plainMode(args []string) bool {
	for i, arg := range args {
		mode, found := strings.CutPrefix(arg, "--mode=")
		if !found && strings.HasPrefix(arg, "-m") {
			mode, found = strings.TrimPrefix(arg, "-m"), true
		}
		if found && mode == "" && i+1 < len(args) {
			mode = args[i+1]
		}
		if found {
			return !executable.MatchString(mode)
		}
	}
	return false
}

// interprets reports whether an interpreter runs what was fetched: a text in its
// arguments, a file, or its standard input.
func (r *reader) interprets(c command, f flow) bool {
	isShell := shells.MatchString(c.program)
	if !isShell && inline.MatchString(strings.Join(c.args, " ")) {
		return true
	}
	text, at := code(c, isShell)
	switch {
	case text && at >= len(c.args):
		return c.xargs && f.stdin
	case text:
		if isShell {
			r.called(c.args[min(at+2, len(c.args)):], c.words[min(at+2, len(c.args)):], func() { r.script(c.args[at], within(c, f)) })
		}
		return r.fetched(c.words[at]) || c.xargs && f.stdin && strings.Contains(c.args[at], "{}")
	case at < len(c.args):
		if isShell {
			r.script(r.drafts[path.Base(c.args[at])], within(c, f))
		}
		return r.has(c.args[at]) || r.fetched(c.words[at])
	}
	for _, script := range slices.Concat(c.here, f.texts) {
		if isShell {
			r.script(script, within(c, f))
		}
	}
	return f.stdin || slices.ContainsFunc(c.inputs, func(w *syntax.Word) bool { return r.fetched(w) || r.has(r.value(w.Parts)) })
}

// code returns which argument of an interpreter is its program, and whether it is
// the text of one. Without any, the program is read from the standard input.
func code(c command, isShell bool) (text bool, at int) {
	for i := 0; i < len(c.args); i++ {
		arg := c.args[i]
		switch {
		case isShell && shellText.MatchString(arg), !isShell && languageText.MatchString(arg):
			return true, i + 1
		case c.program == "su": // the user
		case arg == "-", arg == "-s" && isShell, strings.HasPrefix(arg, "/dev/stdin"), arg == "/dev/fd/0", arg == "/proc/self/fd/0":
			return false, len(c.args)
		case operandFlag.MatchString(arg):
			i++
		case strings.HasPrefix(arg, "-"), strings.HasPrefix(arg, "+"), arg == "run" && !isShell:
		default:
			return false, i
		}
	}
	return false, len(c.args)
}

// enters follows a function into its body, with its arguments.
func (r *reader) enters(c command, f flow) {
	r.follow(c.program, func(body *syntax.Stmt) {
		r.called(c.args, c.words, func() { r.statement(body, within(c, f)) })
	})
}

// called reads a function or a script that has arguments.
func (r *reader) called(args []string, words []*syntax.Word, read func()) {
	before := maps.Clone(r.values)
	fetched := slices.Clone(r.variables)
	for i, arg := range args {
		name := strconv.Itoa(i + 1)
		r.values[name] = arg
		if r.fetched(words[i]) {
			r.variables = append(r.variables, name)
		}
	}
	read()
	for i := range args {
		name := strconv.Itoa(i + 1)
		delete(r.values, name)
		if value, known := before[name]; known {
			r.values[name] = value
		}
		if !slices.Contains(fetched, name) {
			r.variables = slices.DeleteFunc(r.variables, func(variable string) bool { return variable == name })
		}
	}
}

// follow reads the body of a function with read, if name is one and the limits allow.
func (r *reader) follow(name string, read func(body *syntax.Stmt)) {
	called := r.functions[name]
	if called == nil || called.active || r.depth >= deepest || r.calls >= mostCalls {
		return
	}
	text := r.text
	r.text, called.active = called.text, true
	r.depth++
	r.calls++
	read(called.body)
	r.depth--
	r.text, called.active = text, false
}
