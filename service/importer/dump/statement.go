package dump

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// maxTokens is how many tokens of a COPY statement are kept. A table has at
// most 1,600 columns.
const maxTokens = 4096

// headTokens is how many tokens of any other statement are kept: those of ALTER
// TABLE ONLY schema.table ATTACH PARTITION schema.table.
const headTokens = 11

// statement is the beginning of an SQL statement, or the whole of a COPY.
type statement struct {
	tokens []token
	parens int    // open parentheses
	body   bool   // inside BEGIN ATOMIC … END
	last   []byte // the word before, or the kind of another token
}

// statement reads the next statement. It returns nil if there is none.
func (f *sqlFile) statement() (*statement, error) {
	s := &f.stmt
	*s = statement{tokens: s.tokens[:0], last: s.last[:0]}
	for {
		switch err := f.scanner.scan(); {
		case errors.Is(err, io.EOF) && len(s.tokens) > 0:
			return nil, cutOff(f.scanner.line, "a statement", s.tokens[0].line)
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, err
		}
		switch {
		case f.scanner.kind == comment:
			if err := f.remark(string(f.scanner.text)); err != nil {
				return nil, err
			}
			continue
		case f.scanner.kind == ';' && s.parens == 0 && !s.body:
			return s, nil
		case len(s.tokens) == maxTokens:
			return nil, failf(s.tokens[0].line, "a COPY statement with more columns than PostgreSQL allows")
		case len(s.tokens) < headTokens || s.is("copy"):
			s.tokens = append(s.tokens, f.scanner.token())
		}
		s.nest(f.scanner.kind, f.scanner.text)
	}
}

// nest follows the constructs inside which a semicolon does not end the statement.
// BEGIN, END and CASE may also be names there, so only BEGIN ATOMIC begins a body,
// and only an END where a statement could begin ends it.
func (s *statement) nest(kind byte, text []byte) {
	switch {
	case kind == '(':
		s.parens++
	case kind == ')':
		s.parens = max(0, s.parens-1)
	case kind != word || s.parens > 0:
	case !s.body && string(text) == "atomic" && string(s.last) == "begin" && s.isRoutine():
		s.body = true
		kind = ';' // the first statement of the body may be its END
	case string(text) == "end" && string(s.last) == ";":
		s.body = false
	}
	if s.last = append(s.last[:0], kind); kind == word {
		s.last = append(s.last[:0], text...)
	}
}

func (s *statement) isRoutine() bool {
	return s.is("create", "function") || s.is("create", "procedure") ||
		s.is("create", "or", "replace", "function") || s.is("create", "or", "replace", "procedure")
}

// is reports whether the statement begins with the words.
func (s *statement) is(words ...string) bool {
	return len(s.tokens) >= len(words) && slices.EqualFunc(s.tokens[:len(words)], words, func(t token, w string) bool {
		return t.kind == word && t.text == w
	})
}

// tableName reads a name, with a schema or without, from token i on. next is the
// token after it.
func (s *statement) tableName(i int) (schema, name string, next int) {
	name = s.identifier(i)
	if s.punctuation(i+1, '.') {
		return name, s.identifier(i + 2), i + 3
	}
	return "", name, i + 1
}

// columns reads a list in parentheses from token i on.
func (s *statement) columns(i int) (names []string, next int) {
	if !s.punctuation(i, '(') {
		return nil, i
	}
	for i++; i < len(s.tokens); i += 2 {
		names = append(names, s.identifier(i))
		if !s.punctuation(i+1, ',') {
			break
		}
	}
	return names, i + 2
}

// words joins the tokens from i on.
func (s *statement) words(i int) string {
	var b strings.Builder
	for _, t := range s.tokens[min(i, len(s.tokens)):] {
		if t.text == "" {
			t.text = string(t.kind)
		}
		b.WriteString(" " + t.text)
	}
	return strings.TrimPrefix(b.String(), " ")
}

// identifier returns token i, or "" if it is not a name.
func (s *statement) identifier(i int) string {
	if i < len(s.tokens) && (s.tokens[i].kind == word || s.tokens[i].kind == quoted) {
		return s.tokens[i].text
	}
	return ""
}

func (s *statement) punctuation(i int, c byte) bool {
	return i < len(s.tokens) && s.tokens[i].kind == c
}
