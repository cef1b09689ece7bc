package dump

import "bufio"

// The kinds of token. Any other character is a token whose kind is itself.
const (
	word    = 'w' // keyword or unquoted identifier, folded to lower case
	quoted  = 'q' // "identifier"
	text    = 't' // 'string', or the body of a $$string$$
	comment = 'c' // -- to the end of the line
	command = 'p' // of psql, without its backslash
	number  = 'n'
)

// maxToken is how many bytes of a token are kept. Identifiers of PostgreSQL are
// shorter, and nothing longer matters.
const maxToken = 128

// maxCode is how many bytes are kept of the code of DO.
const maxCode = 64 << 10

// token is a lexical element of SQL.
type token struct {
	kind byte
	line int    // where it begins
	text string // empty for punctuation
}

// scanner splits SQL into tokens as psql does, so that the content of strings,
// function bodies and comments does not pass for a statement.
type scanner struct {
	in    *bufio.Reader
	line  int    // line of the next byte
	kind  byte   // of the last token
	from  int    // line on which it begins
	text  []byte // its text, cut off at most bytes
	most  int
	err   error // of looking ahead
	ended bool  // at the end of the file

	escapes   bool // a backslash escapes in any 'string'
	continued bool // a 'string' that follows on another line continues an E'string'
}

// scan reads the next token. Its error is io.EOF at the end of the file, or an
// *Error. It skips block comments.
func (s *scanner) scan() error {
	for {
		c, err := s.read()
		if err != nil {
			return err
		}
		s.kind, s.from, s.text = c, s.line, s.text[:0]
		s.continued = s.continued && (c == '\'' || c == '-' || c <= ' ')
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
		case c == '\\' && s.follows('\\'): // ends the arguments of a command
		case c == '\\' && s.follows(';'):
			s.kind = ';'
			return nil
		case c == '\\':
			s.kind = command
			return s.command()
		case c == '/' && s.follows('*'):
			if err := s.blockComment(); err != nil {
				return s.cutOff(err, "a comment")
			}
		case c == '-' && s.follows('-'):
			s.kind = comment
			return s.toLineEnd()
		case c == '\'':
			return s.string(s.escapes || s.continued)
		case c == '"':
			s.kind = quoted
			return s.cutOff(s.delimited('"', false), "a quoted name")
		case c == '$':
			return s.cutOff(s.dollar(), "a $-quoted string")
		case isNameStart(c):
			return s.name(c)
		case isDigit(c):
			s.kind = number
			return s.while(func(c byte) bool { return c != '$' && isNamePart(c) })
		default:
			return nil
		}
	}
}

// token returns a copy of the last token.
func (s *scanner) token() token {
	return token{kind: s.kind, line: s.from, text: string(s.text)}
}

// name reads the rest of a word that begins with c, or of an E'string'.
func (s *scanner) name(c byte) error {
	s.kind = word
	s.keep(c)
	if err := s.while(isNamePart); err != nil {
		return err
	}
	for i, c := range s.text {
		if 'A' <= c && c <= 'Z' {
			s.text[i] = c + 'a' - 'A'
		}
	}
	switch {
	case string(s.text) == "e" && s.follows('\''):
		s.text = s.text[:0]
		return s.string(true)
	case string(s.text) == "u" && s.precedes(`&"`):
		return failf(s.from, `a name is written as U&"…", which pg_dump never does; write it without U&`)
	}
	return nil
}

// string reads the rest of a string.
func (s *scanner) string(backslash bool) error {
	s.kind, s.continued = text, backslash
	return s.cutOff(s.delimited('\'', backslash), "a string")
}

// delimited reads to the end delimiter, which stands for itself when doubled.
func (s *scanner) delimited(end byte, backslash bool) error {
	for {
		c, err := s.read()
		if err != nil {
			return err
		}
		switch {
		case c == end && !s.follows(end):
			return nil
		case c == '\\' && backslash:
			if c, err = s.read(); err != nil {
				return err
			}
		}
		s.keep(c)
	}
}

// dollar reads the rest of a $tag$string$tag$ after the first $. A $ that does not
// begin one is a token of its own.
func (s *scanner) dollar() error {
	if err := s.while(func(c byte) bool { return c != '$' && isNamePart(c) }); err != nil {
		return err
	}
	if len(s.text) >= maxToken || len(s.text) > 0 && isDigit(s.text[0]) || !s.follows('$') {
		return nil
	}
	s.kind = text
	end := "$" + string(s.text) + "$"
	s.text = s.text[:0]
	for seen := 0; seen < len(end); {
		c, err := s.read()
		if err != nil {
			return err
		}
		switch c {
		case end[seen]:
			seen++
		case '$':
			seen = 1
		default:
			seen = 0
		}
		s.keep(c)
	}
	return nil
}

// blockComment reads to the end of a comment, which may contain others.
func (s *scanner) blockComment() error {
	for depth := 1; depth > 0; {
		c, err := s.read()
		switch {
		case err != nil:
			return err
		case c == '*' && s.follows('/'):
			depth--
		case c == '/' && s.follows('*'):
			depth++
		}
	}
	return nil
}
