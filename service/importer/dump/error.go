package dump

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Error says in which file and line reading failed, and why.
type Error struct {
	File   string // the name given to NewReader
	Line   int    // counted from 1; 0 if the file as a whole is to blame
	Reason string // safe to show, without a full stop
	cause  error
}

// Error returns "FILE:LINE: reason", or "FILE: reason" without a line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

// Unwrap returns the error of the underlying reader, or nil if the content of the
// file is to blame.
func (e *Error) Unwrap() error { return e.cause }

// failf returns an *Error; Reader adds the name of the file.
func failf(line int, format string, args ...any) error {
	return &Error{Line: line, Reason: fmt.Sprintf(format, args...)}
}

// readFailure returns an *Error for an error of the underlying reader. It never
// wraps io.EOF, which would pass for the end of the file.
func readFailure(line int, err error) error {
	reason := "cannot be read: " + err.Error()
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = "the data is cut off; copy the file again"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		reason = "the compressed data is damaged; copy the file again"
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &Error{Line: line, Reason: reason, cause: err}
}

// maxShown is how many characters of a bad value a message repeats.
const maxShown = 60

// quote returns b quoted, and shortened when it is long.
func quote(b []byte) string {
	end := 0
	for range maxShown {
		_, size := utf8.DecodeRune(b[end:])
		end += size
	}
	if end == len(b) {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q…", b[:end])
}

// show returns s unchanged if it is short and printable, else quoted.
func show(s string) string {
	if q := quote([]byte(s)); q != `"`+s+`"` {
		return q
	}
	return s
}
