package script

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// command is a simple command.
type command struct {
	line    int
	program string   // without its folder
	path    string   // the program as it is called
	args    []string // as far as they are known, without quotes
	words   []*syntax.Word
	first   *syntax.Word // the program
	xargs   bool         // xargs adds arguments
	outputs []string     // files that are written
	inputs  []*syntax.Word
	here    []string // scripts in here-documents
	written string   // what the shell expands, as written
}

// command returns the command of a statement. Of a compound one it has only what
// is redirected.
func (r *reader) command(s *syntax.Stmt) command {
	var c command
	var written []string
	var words []*syntax.Word
	values := []string{}
	add := func(w *syntax.Word) {
		words = append(words, w)
		values = append(values, r.value(w.Parts))
		written = append(written, r.written(w.Parts))
	}
	assign := func(a *syntax.Assign) {
		if a.Value != nil && a.Name != nil {
			written = append(written, a.Name.Value+"="+r.written(a.Value.Parts))
		}
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.CallExpr:
		for _, a := range cmd.Assigns {
			assign(a)
		}
		for _, w := range cmd.Args {
			add(w)
		}
	case *syntax.DeclClause:
		add(&syntax.Word{Parts: []syntax.WordPart{cmd.Variant}})
		for _, a := range cmd.Args {
			switch {
			case a.Naked && a.Value != nil:
				add(a.Value)
			case a.Naked && a.Name != nil:
				add(&syntax.Word{Parts: []syntax.WordPart{a.Name}})
			default:
				words, values = append(words, nil), append(values, "=")
				assign(a)
			}
		}
	}
	for _, redirect := range s.Redirs {
		written = append(written, r.redirect(&c, redirect))
	}
	c.written = strings.Join(written, " ")
	at := unwrapped(values)
	c.xargs = slices.ContainsFunc(values[:at], func(word string) bool { return path.Base(word) == "xargs" })
	if at < len(values) {
		c.path, c.program, c.args = values[at], path.Base(values[at]), values[at+1:]
		c.first, c.words = words[at], words[at+1:]
	}
	return c
}

func input(op syntax.RedirOperator) bool {
	return op == syntax.RdrIn || op == syntax.WordHdoc || op == syntax.Hdoc || op == syntax.DashHdoc || op == syntax.RdrInOut
}

// redirect adds a redirection to a command and returns what the shell expands.
func (r *reader) redirect(c *command, redirect *syntax.Redirect) string {
	switch {
	case redirect.Hdoc != nil:
		quoted := slices.ContainsFunc(redirect.Word.Parts, func(p syntax.WordPart) bool { _, plain := p.(*syntax.Lit); return !plain })
		body := r.source(redirect.Hdoc)
		c.inputs, c.here = append(c.inputs, redirect.Hdoc), append(c.here, body)
		if quoted && !expression.MatchString(body) {
			return ""
		}
		return body
	case redirect.Word == nil:
		return ""
	case input(redirect.Op):
		c.inputs = append(c.inputs, redirect.Word)
	case redirect.Op != syntax.DplIn && redirect.Op != syntax.DplOut:
		c.outputs = append(c.outputs, r.value(redirect.Word.Parts))
	}
	return redirect.Op.String() + r.written(redirect.Word.Parts)
}

// source returns a part of the text.
func (r *reader) source(n syntax.Node) string {
	return r.slice(int(n.Pos().Offset()), int(n.End().Offset()))
}

var escaped = regexp.MustCompile(`\\(\n|.)`)

// value returns a word without quotes, with the variables that are known.
func (r *reader) value(parts []syntax.WordPart) string {
	var text strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			text.WriteString(escaped.ReplaceAllStringFunc(r.literal(part), func(m string) string { return strings.TrimPrefix(m[1:], "\n") }))
		case *syntax.SglQuoted:
			text.WriteString(strings.Trim(strings.TrimPrefix(r.source(part), "$"), "'"))
		case *syntax.DblQuoted:
			text.WriteString(r.value(part.Parts))
		case *syntax.ParamExp:
			text.WriteString(r.variable(part))
		default:
			text.WriteString(r.source(part))
		}
	}
	return text.String()
}

// literal returns a literal as written, or what plain has made of it.
func (r *reader) literal(l *syntax.Lit) string {
	if text := r.source(l); len(text) == len(l.Value) {
		return text
	}
	return l.Value
}

func (r *reader) variable(p *syntax.ParamExp) string {
	if p.Param != nil && !p.Excl && !p.Length {
		if value, known := r.values[p.Param.Value]; known {
			return value
		}
		if p.Exp != nil && p.Exp.Word != nil && (p.Exp.Op == syntax.DefaultUnset || p.Exp.Op == syntax.DefaultUnsetOrNull) {
			return r.value(p.Exp.Word.Parts)
		}
	}
	return r.source(p)
}

// written returns the parts of a word that the shell or the runner expands, as
// written.
func (r *reader) written(parts []syntax.WordPart) string {
	var text strings.Builder
	for _, part := range parts {
		source := r.source(part)
		if _, quoted := part.(*syntax.SglQuoted); quoted && !expression.MatchString(source) {
			source = strings.ReplaceAll(source, "$", "")
		}
		text.WriteString(source)
	}
	return text.String()
}

// wrapper is a program that runs another.
type wrapper struct {
	flags    string // those of one letter with an operand
	operands int    // before the program
}

var wrappers = map[string]wrapper{
	"sudo": {"CDghpRrTtUu", 0}, "doas": {"uC", 0}, "env": {"uC", 0}, "exec": {"a", 0}, "command": {}, "builtin": {}, "nohup": {}, "setsid": {},
	"busybox": {}, "toybox": {}, "time": {"fo", 0}, "nice": {"n", 0}, "ionice": {"cnp", 0}, "timeout": {"ks", 1}, "xargs": {"adEILlnPs", 0},
	"stdbuf": {"ioe", 0}, "chroot": {"", 1}, "flock": {"wE", 1}, "ssh": {"bcDEeFIiJLlmOopQRSWw", 1}, "unshare": {}, "watch": {"n", 0}, "parallel": {"jnN", 0},
}

// carriers have a command among their arguments.
var carriers = regexp.MustCompile(`^(docker|podman|nerdctl|kubectl|lxc|find)$`)

var assignment = regexp.MustCompile(`^[A-Za-z_]\w*=`)

// unwrapped returns which word of a command is the program that is run in the end:
// sudo -E env A=b bash runs bash.
func unwrapped(words []string) int {
	at := 0
	for at < len(words) {
		w, is := wrappers[path.Base(words[at])]
		if carriers.MatchString(path.Base(words[at])) {
			shell := slices.IndexFunc(words[at:], func(word string) bool { return word != "." && shells.MatchString(path.Base(word)) })
			return at + max(shell, 0)
		}
		if !is {
			return at
		}
		next, operands := at+1, w.operands
		for next < len(words) && (operands > 0 || strings.HasPrefix(words[next], "-") || assignment.MatchString(words[next])) {
			switch word := words[next]; {
			case len(word) == 2 && word[0] == '-' && strings.Contains(w.flags, word[1:]):
				next++
			case !strings.HasPrefix(word, "-") && !assignment.MatchString(word):
				operands--
			}
			next++
		}
		if next >= len(words) {
			return at
		}
		at = next
	}
	return at
}
