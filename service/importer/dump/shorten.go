package dump

import (
	"bufio"
	"errors"
	"io"
)

// shorten reads the rest of a line of the block that begins with part, and returns it
// with its ignored fields empty. Its errors are those of readLine.
func (f *sqlFile) shorten(part []byte) ([]byte, error) {
	s := shortener{layout: f.block.layout, line: f.short[:0]}
	for err := bufio.ErrBufferFull; ; part, err = f.scanner.in.ReadSlice('\n') {
		tooLong := !s.add(part)
		f.short = s.line
		switch {
		case err == io.EOF:
			return nil, f.cutOffInBlock()
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, readFailure(f.scanner.line, err)
		case tooLong:
			name := f.columns.name(f.block.table, s.layout.column(s.field))
			return nil, failf(f.scanner.line, "%s %s", name, errTooLong)
		case err != nil:
			continue
		case s.escaped:
			return nil, failf(f.scanner.line, "a backslash at the end of the line")
		case s.field+1 != len(s.layout):
			return nil, f.wrongNumber(f.scanner.line, s.field+1)
		}
		f.scanner.line++
		return s.line, nil
	}
}

// shortener takes a line of COPY in parts.
type shortener struct {
	layout  layout
	line    []byte // with the fields that are read
	field   int    // number of the current field
	start   int    // of the current field in line
	escaped bool   // after a backslash
}

// add adds a part. It returns false if a field that is read is too long.
func (s *shortener) add(part []byte) bool {
	for _, c := range part {
		switch {
		case c == '\n':
			return true
		case s.escaped:
			s.escaped = false
		case c == '\\':
			s.escaped = true
		case c == '\t':
			if s.field++; s.field < len(s.layout) {
				s.line = append(s.line, c)
			}
			s.start = len(s.line)
			continue
		}
		if s.layout.column(s.field) < 0 {
			continue
		}
		if len(s.line)-s.start == maxField {
			return false
		}
		s.line = append(s.line, c)
	}
	return true
}
