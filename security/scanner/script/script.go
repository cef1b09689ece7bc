// Package script finds in shell scripts, of files and of workflows, what neither
// shellcheck nor the tools for workflows find: code that is fetched and run unseen,
// secrets that are printed, and settings of a job that are made of input.
package script

import (
	"regexp"
	"slices"
	"strings"

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

// Faults returns what is wrong in a script.
func Faults(text string, given Context) []Fault {
	r := &reader{secrets: slices.Clone(given.Secrets), inputs: append(slices.Clone(given.Inputs), eventVariables...)}
	lines := logical(text)
	for _, l := range lines {
		r.verified = r.verified || verifies.MatchString(l.text)
	}
	for i, l := range lines {
		r.line = l.number
		r.group = groupTarget(lines[i:])
		r.read(l)
	}
	return r.found
}

// eventVariables are set by GitHub to what the author of a change chooses.
var eventVariables = []string{"GITHUB_HEAD_REF", "GITHUB_EVENT_PATH"}

// reader reads a script line by line.
type reader struct {
	secrets, inputs []string
	fetched         []string // variables with fetched text
	saved           []string // files with it
	verified        bool     // something is compared with a digest or a signature
	line            int
	group           string // where the group of commands around the line is redirected
	found           []Fault
}

func (r *reader) add(rule string, severity finding.Severity, message, help string) {
	if n := len(r.found); n > 0 && r.found[n-1].Rule == rule && r.found[n-1].Line == r.line {
		return
	}
	r.found = append(r.found, Fault{rule, severity, r.line, message, help})
}

func (r *reader) read(l line) {
	for _, pipeline := range split(l.text, ";", "&&", "||", "&") {
		stages := split(pipeline, "|&", "|")
		r.remote(pipeline, stages)
		r.prints(pipeline, stages, l.body)
		r.sets(pipeline + "\n" + l.body)
		r.assigns(pipeline)
	}
	for body := range strings.SplitSeq(l.body, "\n") {
		r.line++
		r.printsElsewhere(body)
	}
}

// line is a logical line: physical ones that a shell joins, and the here-document
// that belongs to it.
type line struct {
	number int
	text   string
	body   string
}

var (
	heredoc   = regexp.MustCompile(`<<-?\s*\\?(?:'(\w+)'|"(\w+)"|(\w+))`)
	continued = regexp.MustCompile(`(\\|\||&&)\s*$`)
)

// logical returns the logical lines of a script, without comments.
func logical(text string) []line {
	var lines []line
	physical := strings.Split(text, "\n")
	for i := 0; i < len(physical); i++ {
		l := line{number: i + 1, text: strings.TrimRight(physical[i], " \t\r")}
		if strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			continue
		}
		for continued.MatchString(l.text) && i+1 < len(physical) {
			i++
			l.text = strings.TrimSuffix(l.text, "\\") + " " + strings.TrimSpace(physical[i])
		}
		if m := heredoc.FindStringSubmatch(l.text); m != nil {
			end := m[1] + m[2] + m[3]
			var body []string
			for i++; i < len(physical) && strings.TrimSpace(physical[i]) != end; i++ {
				body = append(body, physical[i])
			}
			l.body = strings.Join(body, "\n")
		}
		lines = append(lines, l)
	}
	return lines
}

var groupEnd = regexp.MustCompile(`^\s*(?:\}|\)|done|fi|esac)\s*(?:\||>)`)

// groupTarget returns the line that ends the group of commands that begins before
// the first of some lines, if it is redirected.
func groupTarget(lines []line) string {
	const most = 40 // lines of a group
	for i, l := range lines {
		text := strings.TrimSpace(l.text)
		if i > 0 && groupEnd.MatchString(text) {
			return text
		}
		if i > most || i > 0 && strings.HasSuffix(text, "{") {
			return ""
		}
	}
	return ""
}

// split cuts a command at separators that stand outside of quotes, parentheses and
// braces.
func split(text string, separators ...string) []string {
	var parts []string
	var quote byte
	depth, start := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '(' || c == '{':
			depth++
		case (c == ')' || c == '}') && depth > 0:
			depth--
		case depth == 0:
			at := slices.IndexFunc(separators, func(s string) bool { return strings.HasPrefix(text[i:], s) })
			if at < 0 || c == '&' && i > 0 && (text[i-1] == '>' || text[i-1] == '<' || text[i-1] == '|') ||
				c == '&' && i+1 < len(text) && text[i+1] == '>' || c == '|' && i > 0 && text[i-1] == '>' {
				continue
			}
			parts = append(parts, text[start:i])
			i += len(separators[at]) - 1
			start = i + 1
		}
	}
	return append(parts, text[min(start, len(text)):])
}
