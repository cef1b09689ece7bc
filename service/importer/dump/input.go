package dump

import (
	"errors"
	"io"
	"strings"
)

func (s *scanner) toLineEnd() error {
	return s.while(func(c byte) bool { return c != '\n' })
}

// endLine goes to the data after a COPY statement. What else is on its line would be
// executed after them.
func (s *scanner) endLine() error {
	s.text = s.text[:0]
	if err := s.toLineEnd(); err != nil {
		return err
	}
	if rest := strings.TrimSpace(string(s.text)); rest != "" && !strings.HasPrefix(rest, "--") {
		return failf(s.line, "text follows on the line of a COPY statement: %s; begin a line with it after the data", quote([]byte(rest)))
	}
	if s.follows('\n') {
		s.line++
	}
	return nil
}

// while keeps characters until one is not wanted. The end of the file is not an
// error.
func (s *scanner) while(wanted func(byte) bool) error {
	for {
		c, err := s.read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case !wanted(c):
			s.unread(c)
			return nil
		}
		s.keep(c)
	}
}

func (s *scanner) keep(c byte) {
	if len(s.text) < s.most {
		s.text = append(s.text, c)
	}
}

// follows reports whether the next byte is c, and reads it if so.
func (s *scanner) follows(c byte) bool {
	next, err := s.in.Peek(1)
	if err != nil && err != io.EOF {
		s.err = err
	}
	if err != nil || next[0] != c {
		return false
	}
	discard(s.in, 1)
	return true
}

// precedes reports whether text comes next.
func (s *scanner) precedes(text string) bool {
	next, _ := s.in.Peek(len(text)) // reading reports an error
	return string(next) == text
}

func (s *scanner) read() (byte, error) {
	if s.err != nil {
		return 0, readFailure(s.line, s.err)
	}
	c, err := s.in.ReadByte()
	switch {
	case err == io.EOF:
		s.ended = true
		return 0, err
	case err != nil:
		return 0, readFailure(s.line, err)
	case c == 0:
		return 0, failf(s.line, "holds a NUL byte, so it is not a text file")
	case c == '\n':
		s.line++
	}
	return c, nil
}

func (s *scanner) unread(c byte) {
	if c == '\n' {
		s.line--
	}
	// It cannot fail: a byte has just been read.
	_ = s.in.UnreadByte()
}

// cutOff turns io.EOF inside a token into an *Error.
func (s *scanner) cutOff(err error, what string) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	return cutOff(s.line, what, s.from)
}

// cutOff returns the *Error for a file that ends inside something begun on a line.
func cutOff(line int, what string, began int) error {
	return failf(line, "the file is cut off: it ends inside %s that begins on line %d", what, began)
}

func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isNameStart(c byte) bool { return c == '_' || c >= 0x80 || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isNamePart(c byte) bool  { return isNameStart(c) || isDigit(c) || c == '$' }
