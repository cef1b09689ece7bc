package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// splitter splits CSV into rows and fields, as encoding/csv does, except that an
// unquoted \r ends a row. encoding/csv keeps whole rows in memory; this keeps the
// wanted fields alone.
type splitter struct {
	in    *bufio.Reader
	comma byte
	line  int  // of the next byte
	last  byte // before it, if that can be half of a line end
}

var (
	errQuote   = errors.New(`a quote (") is missing or misplaced`)
	errTooLong = errors.New("is longer than 4 KiB")
)

// row goes to the beginning of the next row, past blank lines. It returns false if
// there is none.
func (s *splitter) row() (bool, error) {
	for {
		c, ended, err := s.read()
		switch {
		case err != nil || ended:
			return false, err
		case c != '\n' && c != '\r':
			s.last = 0
			s.unread()
			return true, nil
		}
		s.count(c)
	}
}

// field appends the next field of the row to text, if it is wanted. more reports
// that another one follows.
func (s *splitter) field(text []byte, wanted bool) (field []byte, more bool, err error) {
	c, ended, err := s.read()
	if c == '"' {
		if text, err = s.quoted(text, wanted); err != nil {
			return text, false, err
		}
		if c, ended, err = s.read(); !ended && err == nil && (c == '"' || !s.special(c)) {
			return text, false, errQuote
		}
	}
	for {
		switch {
		case err != nil || ended:
			return text, false, err
		case c == s.comma:
			return text, true, nil
		case c == '\n' || c == '\r':
			s.count(c)
			return text, false, nil
		case c == '"':
			return text, false, errQuote
		}
		s.unread()
		buffered := s.buffered()
		n := 0
		for n < len(buffered) && !s.special(buffered[n]) {
			n++
		}
		if text, err = keep(text, buffered[:n], wanted); err != nil {
			return text, false, err
		}
		discard(s.in, n)
		c, ended, err = s.read()
	}
}

// quoted appends the rest of a quoted field after the first quote.
func (s *splitter) quoted(text []byte, wanted bool) ([]byte, error) {
	for {
		part, _, _ := bytes.Cut(s.buffered(), []byte{'"'})
		for _, c := range part {
			s.count(c)
		}
		var err error
		if text, err = keep(text, part, wanted); err != nil {
			return text, err
		}
		discard(s.in, len(part))
		c, ended, err := s.read()
		switch {
		case err != nil:
			return text, err
		case ended:
			return text, errQuote
		case c != '"':
			s.unread()
			continue
		}
		s.last = 0
		c, ended, err = s.read()
		switch {
		case err != nil || ended:
			return text, err
		case c != '"':
			s.unread()
			return text, nil
		}
		if text, err = keep(text, []byte{'"'}, wanted); err != nil {
			return text, err
		}
	}
}

// read reads a byte, or reports that the file has ended.
func (s *splitter) read() (c byte, ended bool, err error) {
	c, err = s.in.ReadByte()
	if err == io.EOF {
		return 0, true, nil
	}
	return c, false, err
}

// keep appends part to text, if it is wanted.
func keep(text, part []byte, wanted bool) ([]byte, error) {
	switch {
	case !wanted:
		return text, nil
	case len(text)+len(part) > maxField:
		return text, errTooLong
	default:
		return append(text, part...), nil
	}
}

// special reports whether c is not part of an unquoted field.
func (s *splitter) special(c byte) bool { return c == s.comma || c == '\n' || c == '\r' || c == '"' }

// buffered returns what can be read at once.
func (s *splitter) buffered() []byte {
	b, _ := s.in.Peek(s.in.Buffered()) // cannot fail: it is there
	return b
}

// unread takes the last byte back, which cannot fail after it was read.
func (s *splitter) unread() { _ = s.in.UnreadByte() }

// count counts the lines, which end in \n, \r\n or \r.
func (s *splitter) count(c byte) {
	if c == '\r' || c == '\n' && s.last != '\r' {
		s.line++
	}
	s.last = c
}
