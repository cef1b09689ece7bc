// Package shell reads shell scripts in other files, such as Dockerfiles, as far as
// a gate needs to know which programs they run.
package shell

import "strings"

// pipeline is commands of which each reads the output of the one before.
type pipeline []command

// command is the words of a command, without quotes. A word in parentheses, such
// as a command substitution, is whole.
type command []string

// pipelines splits a script. It knows quotes, parentheses, comments and operators,
// and takes keywords for words.
func pipelines(script string) []pipeline {
	r := reader{text: strings.ReplaceAll(script, "\\\n", "")}
	for r.at < len(r.text) {
		r.next()
	}
	r.endPipeline()
	return r.done
}

// reader splits a script into words.
type reader struct {
	text string
	at   int

	word    strings.Builder
	started bool // whether there is a word, which may be empty
	command command
	line    pipeline
	done    []pipeline
}

// next reads a character, or what belongs together.
func (r *reader) next() {
	c := r.text[r.at]
	r.at++
	switch c {
	case ' ', '\t', '\r':
		r.endWord()
	case '\n', ';':
		r.endPipeline()
	case '&':
		if strings.HasSuffix(r.word.String(), ">") { // 2>&1
			r.add("&")
			return
		}
		r.endPipeline()
	case '|':
		if r.follows('|') {
			r.endPipeline()
			return
		}
		r.follows('&')
		r.endCommand()
	case '#':
		if r.started {
			r.add("#")
			return
		}
		r.until('\n')
	case '\\':
		if r.at < len(r.text) {
			r.add(r.text[r.at : r.at+1])
			r.at++
		}
	case '\'', '"':
		r.quoted(c)
	case '(':
		r.add("(" + r.nested())
	case '`':
		r.add("$(" + r.until('`') + ")")
	default:
		r.add(string(c))
	}
}

func (r *reader) add(text string) {
	r.word.WriteString(text)
	r.started = true
}

// follows skips a character if it is the next.
func (r *reader) follows(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// until returns the text up to a character, and skips both.
func (r *reader) until(c byte) string {
	rest := r.text[r.at:]
	end := strings.IndexByte(rest, c)
	if end < 0 {
		r.at = len(r.text)
		return rest
	}
	r.at += end
	if c != '\n' {
		r.at++
	}
	return rest[:end]
}

// quoted reads the rest of a quoted text.
func (r *reader) quoted(quote byte) {
	r.started = true
	if quote == '\'' {
		r.add(r.until('\''))
		return
	}
	for r.at < len(r.text) {
		c := r.text[r.at]
		r.at++
		switch {
		case c == '"':
			return
		case c == '\\' && r.at < len(r.text):
			r.add(r.text[r.at : r.at+1])
			r.at++
		case c == '`':
			r.add("$(" + r.until('`') + ")")
		case c == '(' && strings.HasSuffix(r.word.String(), "$"):
			r.add("(" + r.nested())
		default:
			r.add(string(c))
		}
	}
}

// nested returns the text up to the parenthesis that closes, with it.
func (r *reader) nested() string {
	start, depth := r.at, 1
	for ; r.at < len(r.text) && depth > 0; r.at++ {
		switch r.text[r.at] {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	return r.text[start:r.at]
}

func (r *reader) endWord() {
	if r.started {
		r.command = append(r.command, r.word.String())
	}
	r.word.Reset()
	r.started = false
}

func (r *reader) endCommand() {
	r.endWord()
	if len(r.command) > 0 {
		r.line = append(r.line, r.command)
	}
	r.command = nil
}

func (r *reader) endPipeline() {
	r.endCommand()
	if len(r.line) > 0 {
		r.done = append(r.done, r.line)
	}
	r.line = nil
}
