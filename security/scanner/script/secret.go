package script

import (
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"example.com/rates/security/finding"
	"example.com/rates/security/password"
)

var (
	// secretExpression matches a secret in an expression of a workflow.
	secretExpression = regexp.MustCompile(`\$\{\{[^}]*(?:\bsecrets\b|\bgithub\.token\b)[^}]*\}\}`)
	// test matches an expression that says whether a secret is set.
	test = regexp.MustCompile(`\$\{\{[^}]*[!=]=[^}]*\}\}`)
	// inputExpression matches text that others choose, in an expression of a workflow.
	inputExpression = regexp.MustCompile(`\$\{\{[^}]*(?:\binputs\s*[.\[]|\bgithub\s*\.\s*(?:head_ref|ref_name|event\s*\.\s*\w+))[^}]*\}\}`)
	// harmless matches the parts of an event that are numbers, digests and the like.
	harmless = regexp.MustCompile(`\bgithub\.event\.(?:[\w.\[\]*]+\.)?(?:number|id|sha|node_id|full_name|login|draft|merged|state|created_at|updated_at|action|private|fork|conclusion|type)\s*(?:\}\}|[!=|&)])`)
	// named matches the name of a variable that has a secret.
	named = regexp.MustCompile(`(?i)(?:^|_)(?:passwords|secrets|tokens|pat|sas|dsn|connection_?string|database_?url)$`)
	names = regexp.MustCompile(`\$(?:env:)?\{?([A-Za-z_]\w*)|%([A-Za-z_]\w*)%`)

	printer = regexp.MustCompile(`^(?:echo|printf|print|cat|tee|logger|say|Write-(?:Host|Output|Error|Warning|Verbose)|base64|xxd|od|rev|tr)$`)
	mangler = regexp.MustCompile(`^(?:cat|tee|base64|base32|xxd|od|hexdump|rev|tr|sed|awk|cut|head|tail|fold|grep|sort|uniq|wc|nl|paste|gzip)$`)
	exports = regexp.MustCompile(`^-\w*[px]\w*$`)
	traces  = regexp.MustCompile(`^-\w*x\w*$`)
	masks   = regexp.MustCompile(`::add-mask::|>\s*/dev/null`)
)

// secretName reports whether a variable has a secret, by its name.
func secretName(name string) bool { return password.Named(name) || named.MatchString(name) }

// refers reports whether a text expands a variable.
func refers(text, variable string) bool {
	for _, m := range names.FindAllStringSubmatch(text, -1) {
		if m[1] == variable || m[2] == variable {
			return true
		}
	}
	return strings.Contains(text, "env."+variable+" }}") || strings.Contains(text, "env."+variable+"}}")
}

// HoldsSecret reports whether a value in a workflow is made of a secret.
func HoldsSecret(value string) bool { return (&reader{}).hasSecret(value) }

// HoldsInput reports whether a value in a workflow is made of what others choose.
func HoldsInput(value string) bool { return (&reader{}).hasInput(value) }

// hasSecret reports whether a text expands a secret.
func (r *reader) hasSecret(text string) bool {
	for _, m := range secretExpression.FindAllString(text, -1) {
		if !test.MatchString(m) {
			return true
		}
	}
	text = lengths.ReplaceAllString(text, "")
	if slices.ContainsFunc(r.secrets, func(name string) bool { return refers(text, name) }) {
		return true
	}
	for _, m := range names.FindAllStringSubmatch(text, -1) {
		if secretName(m[1] + m[2]) {
			return true
		}
	}
	return false
}

// lengths matches expansions that do not show the value.
var lengths = regexp.MustCompile(`\$\{#\w+\}|\$\{\w+:?\+[^}]*\}`)

// prints finds secrets that a command prints, or writes to a file. What is piped
// into another program is not printed.
func (r *reader) prints(c command, pipeline string, f flow) {
	if slices.ContainsFunc(f.later, func(program string) bool { return !mangler.MatchString(program) }) {
		return
	}
	shown := printer.MatchString(c.program) && r.hasSecret(c.written) || len(r.secrets) > 0 && (r.dumps(c) || tracing(c))
	if shown && !masks.MatchString(pipeline) {
		r.secretPrinted(c.line)
	}
}

// dumps reports whether a command prints all variables, or one with a secret.
func (r *reader) dumps(c command) bool {
	options := func(ok func(string) bool) bool {
		return !slices.ContainsFunc(c.args, func(arg string) bool { return !ok(arg) })
	}
	switch c.program {
	case "env", "printenv", "set", "export":
		return options(func(arg string) bool {
			return arg == "-p" || arg == "-0" || arg == "--null" || c.program == "printenv" && slices.Contains(r.secrets, arg) // #nosec G902 -- names of variables
		})
	case "declare", "typeset", "compgen":
		return len(c.args) > 0 && options(exports.MatchString) || c.program == "compgen" && len(c.args) > 0
	case "Get-ChildItem", "gci", "dir", "ls":
		return slices.ContainsFunc(c.args, func(arg string) bool { return strings.EqualFold(arg, "env:") })
	}
	return false
}

// tracing reports whether a command makes a shell print its commands.
func tracing(c command) bool {
	for i, arg := range c.args {
		switch {
		case c.program != "set" && !shells.MatchString(c.program), c.program != "set" && !strings.HasPrefix(arg, "-"):
			return false
		case traces.MatchString(arg), arg == "-o" && i+1 < len(c.args) && c.args[i+1] == "xtrace":
			return true
		}
	}
	return false
}

func (r *reader) secretPrinted(line int) {
	r.add(Fault{
		Rule: Printed, Severity: finding.High, Line: line, Message: "A secret is printed, or written to a file or an output.",
		Help: "Hand it to the program that needs it, by its environment or standard input. A log is masked only where the text is the same.",
	})
}

// assigns notes what the variables that a statement sets hold.
func (r *reader) assigns(s *syntax.Stmt) {
	var all []*syntax.Assign
	switch cmd := s.Cmd.(type) {
	case *syntax.CallExpr:
		all = cmd.Assigns
	case *syntax.DeclClause:
		all = cmd.Args
	}
	for _, a := range all {
		if a.Name != nil && a.Array != nil && r.fetches(a.Array) {
			r.variables = append(r.variables, a.Name.Value)
		}
		if a.Name == nil || a.Value == nil {
			continue
		}
		name, value := a.Name.Value, r.written(a.Value.Parts)
		if r.hasSecret(value) && !strings.Contains(value, "$(") {
			r.secrets = append(r.secrets, name)
		}
		if r.hasInput(value) {
			r.inputs = append(r.inputs, name)
		}
		if r.fetched(a.Value) {
			r.variables = append(r.variables, name)
		}
		if plain := r.value(a.Value.Parts); strings.Contains(plain, "$") {
			delete(r.values, name)
		} else {
			r.values[name] = plain
		}
	}
}

var (
	jobFile  = regexp.MustCompile(`\bGITHUB_(ENV|PATH|OUTPUT|STATE)\b`)
	commands = regexp.MustCompile(`::(set-env|add-path|set-output)\b`)
	asks     = regexp.MustCompile(`\$\(\s*(?:gh\s+(?:pr|issue|api|run|release)\b|git\s+(?:log|show|branch|diff)\b|jq\b[^)]*GITHUB_EVENT_PATH)`)
)

// hasInput reports whether a text expands what others choose.
func (r *reader) hasInput(text string) bool {
	for _, m := range inputExpression.FindAllString(text, -1) {
		if !harmless.MatchString(m) && !test.MatchString(m) {
			return true
		}
	}
	return asks.MatchString(text) || slices.ContainsFunc(r.inputs, func(name string) bool { return refers(text, name) })
}

// sets finds settings of the job, for the steps that follow, that are made of input.
func (r *reader) sets(pipeline, around string, line int) {
	target := jobFile.FindStringSubmatch(pipeline + " " + around)
	if target == nil {
		target = commands.FindStringSubmatch(pipeline)
	}
	if target == nil || !r.hasInput(pipeline) {
		return
	}
	severity := finding.High
	if target[1] == "OUTPUT" || target[1] == "STATE" || target[1] == "set-output" {
		severity = finding.Medium
	}
	r.add(Fault{
		Rule: Environment, Severity: severity, Line: line,
		Message: "Text that others choose becomes a setting of the steps that follow; a line break in it sets more.",
		Help:    "Compare it with what is expected first, or hand it to the step that needs it, by env.",
	})
}
