package dump

import (
	"errors"
	"io"
	"slices"
	"strings"
)

// maxTokens is how many tokens are kept of a statement with a list. A table has at
// most 1,600 columns.
const maxTokens = 4096

// headTokens is how many tokens are kept of any other statement.
const headTokens = 32

// statement is the beginning of an SQL statement, without what is in parentheses,
// or the whole of a COPY.
type statement struct {
	tokens  []token
	parens  int    // open parentheses and brackets
	body    bool   // inside BEGIN ATOMIC … END
	list    bool   // inside INHERITS (…) or set_config(…)
	cascade bool   // says CASCADE
	last    []byte // the word before, or the kind of another token

	target target      // the table that is being named
	call   string      // the last routine of the file that is called
	write  string      // the first write to a table of ours, such as DELETE FROM prices
	over   []qualified // the tables of ours that a view shows
}

// statement reads the next statement. It returns nil if there is none.
func (f *sqlFile) statement() (*statement, error) {
	s := &f.stmt
	*s = statement{tokens: s.tokens[:0], last: s.last[:0]}
	f.scanner.most = maxToken
	for {
		switch err := f.scanner.scan(); {
		case errors.Is(err, io.EOF) && len(s.tokens) > 0:
			return nil, cutOff(f.scanner.line, "a statement", s.tokens[0].line)
		case errors.Is(err, io.EOF):
			return nil, nil
		case err != nil:
			return nil, err
		}
		kind, line, text := f.scanner.kind, f.scanner.from, f.scanner.text
		var err error
		switch kind {
		case comment:
			err = f.remark(line, string(text))
		case command:
			err = f.command(line, string(text))
		default:
			f.follow(kind, text)
			if kind == ';' && s.parens == 0 && !s.body {
				return s, nil
			}
			err = s.keep(&f.scanner)
			if len(s.tokens) == 1 && s.is("do") {
				f.scanner.most = maxCode
			}
			s.nest(kind, text)
		}
		if err != nil {
			return nil, err
		}
	}
}

// keep keeps the last token of in, if it may matter.
func (s *statement) keep(in *scanner) error {
	whole := s.is("copy")
	if s.parens == 0 && in.kind == word {
		s.list = s.list || string(in.text) == "inherits" || string(in.text) == "set_config"
		s.cascade = s.cascade || string(in.text) == "cascade"
	}
	if s.parens > 0 && !s.list && !whole {
		return nil
	}
	limit := headTokens
	if whole || s.list || s.is("alter", "table") || s.is("drop") {
		limit = maxTokens
	}
	switch {
	case len(s.tokens) < limit:
		s.tokens = append(s.tokens, in.token())
	case whole:
		return failf(s.tokens[0].line, "a COPY statement with more columns than PostgreSQL allows")
	case limit == maxTokens:
		return failf(s.tokens[0].line, "a statement with more than %d names", maxTokens)
	}
	s.list = s.list && in.kind != ')'
	return nil
}

// nest follows the constructs inside which a semicolon does not end the statement.
// BEGIN, END and CASE may also be names there, so only BEGIN ATOMIC begins a body,
// and only an END where a statement could begin ends it.
func (s *statement) nest(kind byte, text []byte) {
	switch {
	case kind == '(' || kind == '[':
		s.parens++
	case kind == ')' || kind == ']':
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

// creates returns the kind of object that the statement creates, such as view, and
// the index of the token after it.
func (s *statement) creates() (object string, next int) {
	if !s.is("create") {
		return "", 0
	}
	i := s.skip(1, "or", "replace", "global", "local", "temp", "temporary", "unlogged", "recursive", "foreign", "materialized")
	return s.word(i), i + 1
}

func (s *statement) isRoutine() bool {
	object, _ := s.creates()
	return object == "function" || object == "procedure"
}

// is reports whether the statement begins with the words.
func (s *statement) is(words ...string) bool {
	return len(s.tokens) >= len(words) && slices.EqualFunc(s.tokens[:len(words)], words, func(t token, w string) bool {
		return t.kind == word && t.text == w
	})
}

// skip returns the index of the first token from i on that is none of the words.
func (s *statement) skip(i int, words ...string) int {
	for slices.Contains(words, s.word(i)) {
		i++
	}
	return i
}

// index returns the index of the first token from i on that is the word name, or
// -1.
func (s *statement) index(i int, name string) int {
	for ; i < len(s.tokens); i++ {
		if s.word(i) == name {
			return i
		}
	}
	return -1
}

// tableName reads a name, with a schema or without, from token i on. next is the
// token after it.
func (s *statement) tableName(i int) (name qualified, next int) {
	name.name = s.identifier(i)
	for i++; s.punctuation(i, '.'); i += 2 {
		name = qualified{name.name, s.identifier(i + 1)}
	}
	return name, i
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

// word returns token i, or "" if it is not a word.
func (s *statement) word(i int) string {
	if i < len(s.tokens) && s.tokens[i].kind == word {
		return s.tokens[i].text
	}
	return ""
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
