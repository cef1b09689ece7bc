// Package dump reads regions, ports and prices from plain pg_dump files and
// from CSV, as a stream. Nothing in a file is ever executed.
package dump

import (
	"errors"
	"io"

	"example.com/rates/service/rates"
)

// Record is one row of a file. Only the field that Kind names is set.
type Record struct {
	Kind   Kind
	Line   int // on which the row begins, counted from 1
	Region rates.Region
	Port   rates.Port
	Price  rates.Price
}

// source is a file whose format is known.
type source interface {
	// next overwrites rec. Its error is io.EOF at the end, or an *Error without
	// the name of the file.
	next(rec *Record) error

	// ignored returns the columns that the rows so far have beside those of the
	// tables, except for currencies.
	ignored() []Ignored
}

// Reader reads the records of one file in order. It takes a bounded amount of
// memory, whatever the file holds.
type Reader struct {
	name string
	src  source
	err  error
}

// NewReader returns a Reader of r, which is a plain pg_dump file or CSV, compressed
// with gzip or not. Messages use the name. The error is an *Error.
func NewReader(r io.Reader, name string) (*Reader, error) {
	src, err := open(r)
	reader := &Reader{name: name, src: src}
	if err != nil {
		return nil, reader.named(err)
	}
	return reader, nil
}

// Read overwrites rec with the next record. Its error is io.EOF at the end of a
// complete file, or an *Error; further calls return it again. A file that is cut
// off or damaged is detected at its end, so do not trust records before io.EOF.
func (r *Reader) Read(rec *Record) error {
	if r.err != nil {
		return r.err
	}
	err := r.src.next(rec)
	if err != nil {
		*rec = Record{}
		r.err = r.named(err)
	}
	return r.err
}

// Ignored returns the columns of the file that are not imported, in their order. It
// is complete after io.EOF. A column for the currency is not among them: all its
// values are USD.
func (r *Reader) Ignored() []Ignored { return r.src.ignored() }

// named adds the name of the file to err.
func (r *Reader) named(err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File = r.name
	}
	return err
}
