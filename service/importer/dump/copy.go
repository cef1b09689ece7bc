package dump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
)

// block is the data of a COPY statement.
type block struct {
	table  *table // nil if the block is ignored
	name   string // of the table, for messages
	layout layout
	line   int // of the statement
}

// readRow reads the next row of the block. done reports its end.
func (f *sqlFile) readRow(rec *Record) (done bool, err error) {
	line, err := f.readLine()
	if err != nil || string(line) == `\.` {
		return true, err
	}
	number := f.scanner.line - 1
	var columns int
	if bytes.IndexByte(line, '\\') < 0 {
		columns = f.split(line)
	} else if columns = f.unescape(line); columns < 0 {
		return false, failf(number, "a backslash at the end of the line")
	}
	if columns != len(f.block.layout) {
		return false, f.wrongNumber(number, columns)
	}
	if _, err = f.columns.verify(f.block.table, number); err == nil {
		_, err = f.parser.parse(rec, number, f.block.table, f.columns.fields)
	}
	if err != nil {
		return false, failf(number, "%s", err)
	}
	return false, nil
}

func (f *sqlFile) wrongNumber(line, columns int) error {
	return failf(line, "wrong number of columns: %d, where COPY %s names %d", columns, f.block.name, len(f.block.layout))
}

// readLine returns the next line of the block without the line end. If the line is
// longer than the buffer, its ignored fields are empty.
func (f *sqlFile) readLine() ([]byte, error) {
	line, err := f.scanner.in.ReadSlice('\n')
	switch {
	case err == io.EOF && string(withoutEnd(line)) == `\.`:
		return withoutEnd(line), nil
	case err == io.EOF:
		return nil, f.cutOffInBlock()
	case errors.Is(err, bufio.ErrBufferFull):
		short, err := f.shorten(line)
		return withoutEnd(short), err
	case err != nil:
		return nil, readFailure(f.scanner.line, err)
	}
	f.scanner.line++
	return withoutEnd(line), nil
}

// withoutEnd returns line without its \n or \r\n.
func withoutEnd(line []byte) []byte {
	line, _ = bytes.CutSuffix(line, []byte("\n"))
	line, _ = bytes.CutSuffix(line, []byte("\r"))
	return line
}

// skipBlock skips a block, whose lines may be of any length.
func (f *sqlFile) skipBlock() error {
	for begins := true; ; {
		line, err := f.scanner.in.ReadSlice('\n')
		end := begins && string(withoutEnd(line)) == `\.`
		switch {
		case err == nil:
			f.scanner.line++
		case err == io.EOF && !end:
			return f.cutOffInBlock()
		case err != io.EOF && !errors.Is(err, bufio.ErrBufferFull):
			return readFailure(f.scanner.line, err)
		}
		if end {
			return nil
		}
		begins = err == nil
	}
}

func (f *sqlFile) cutOffInBlock() error {
	return cutOff(f.scanner.line, "the data of "+f.block.name, f.block.line)
}

// split sets the fields of a line without escapes, and returns their number.
func (f *sqlFile) split(line []byte) int {
	for n := 0; ; n++ {
		tab := bytes.IndexByte(line, '\t')
		if tab < 0 {
			f.setField(n, line)
			return n + 1
		}
		f.setField(n, line[:tab])
		line = line[tab+1:]
	}
}

// setField sets field n of a row unless it is ignored.
func (f *sqlFile) setField(n int, field []byte) {
	if column := f.block.layout.column(n); column >= 0 {
		f.columns.fields[column] = field
	}
}

// unescape is split for a line with escapes. It returns -1 if the last one is cut
// off.
func (f *sqlFile) unescape(line []byte) int {
	// Unescaped text is never longer, so append does not move the fields.
	out := slices.Grow(f.unescaped[:0], len(line))
	f.unescaped = out
	for n := 0; ; n++ {
		raw, start := line, len(out)
		for len(line) > 0 && line[0] != '\t' {
			if line[0] != '\\' {
				out = append(out, line[0])
				line = line[1:]
				continue
			}
			if len(line) == 1 {
				return -1
			}
			c, size := escape(line[1:])
			out = append(out, c)
			line = line[1+size:]
		}
		if raw = raw[:len(raw)-len(line)]; string(raw) == `\N` {
			f.setField(n, nil)
		} else {
			f.setField(n, out[start:])
		}
		if len(line) == 0 {
			return n + 1
		}
		line = line[1:]
	}
}

// escape returns the byte that the escape after a backslash stands for, and the
// size of the escape.
func escape(s []byte) (c byte, size int) {
	if i := bytes.IndexByte([]byte("bfnrtv"), s[0]); i >= 0 {
		return "\b\f\n\r\t\v"[i], 1
	}
	base, start := byte(8), 0
	if s[0] == 'x' {
		base, start = 16, 1
	}
	for size = start; size < min(3, len(s)); size++ {
		d := digit(s[size])
		if d >= base {
			break
		}
		c = c*base + d
	}
	if size == start {
		return s[0], 1
	}
	return c, size
}

// digit returns the value of a hexadecimal digit, or 255.
func digit(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

func (f *sqlFile) ignored() []Ignored { return f.columns.ignored() }
