package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"example.com/rates/service/importer/dump"
	"example.com/rates/service/rates"
)

// survey summarizes a file: its places, the ports that its prices name, and its
// digest. It is complete once all rows have been added.
type survey struct {
	file    string
	rows    digester // the same for every format
	regions []lined[rates.Region]
	ports   []lined[rates.Port]
	prices  int64
	ignored []dump.Ignored // columns
	priced  map[string]int // port codes that prices name, with the first line that does
	last    rates.Price

	regionBy map[string]lined[rates.Region]
	portBy   map[string]lined[rates.Port]
}

func newSurvey(file string) *survey {
	return &survey{
		file: file, rows: newDigester(), priced: map[string]int{},
		regionBy: map[string]lined[rates.Region]{}, portBy: map[string]lined[rates.Port]{},
	}
}

// lined is a row with its line in the file.
type lined[T any] struct {
	row  T
	line int
}

// maxPlaces bounds the memory for the places of one file. UN/LOCODE lists some
// 116,000.
const maxPlaces = 500_000

// read adds all records of r. It calls progress now and then with the number of
// prices read.
func (s *survey) read(r *dump.Reader, progress func(prices int64)) error {
	var rec dump.Record
	for {
		err := r.Read(&rec)
		switch {
		case errors.Is(err, io.EOF):
			s.ignored = r.Ignored()
			return nil
		case err == nil:
			err = s.add(&rec)
		}
		if err != nil {
			return err
		}
		if rec.Kind == dump.Prices && s.prices%progressStep == 0 {
			progress(s.prices)
		}
	}
}

// add adds a row. The error names its line.
func (s *survey) add(rec *dump.Record) (err error) {
	s.rows.add(rec)
	switch rec.Kind {
	case dump.Regions:
		s.regions, err = once(s.regions, s.regionBy, s.file, rec.Region.Slug, lined[rates.Region]{rec.Region, rec.Line})
	case dump.Ports:
		s.ports, err = once(s.ports, s.portBy, s.file, rec.Port.Code, lined[rates.Port]{rec.Port, rec.Line})
	case dump.Prices:
		s.prices++
		s.mark(rec.Price.Origin, s.last.Origin, rec.Line)
		s.mark(rec.Price.Destination, s.last.Destination, rec.Line)
		s.last = rec.Price
	}
	if err == nil && len(s.regions)+len(s.ports)+len(s.priced) > maxPlaces {
		err = refuse(s.file, rec.Line, "more than %d regions, ports and codes in one file; split it", maxPlaces)
	}
	return err
}

const progressStep = 100_000

// mark marks a code as one that prices name. last is that of the price before.
func (s *survey) mark(code, last string, line int) {
	if code == last {
		return
	}
	if _, seen := s.priced[code]; !seen {
		s.priced[code] = line
	}
}

// once adds a place to list unless it is there. If the file repeats a place with
// other values, neither could be preferred.
func once[T comparable](list []lined[T], seen map[string]lined[T], file, key string, place lined[T]) ([]lined[T], error) {
	before, repeated := seen[key]
	switch {
	case !repeated:
		seen[key] = place
		return append(list, place), nil
	case before.row == place.row:
		return list, nil
	default:
		return nil, refuse(file, place.line, "%q is already on line %d, with another name or parent", key, before.line)
	}
}

func refuse(file string, line int, format string, args ...any) error {
	return &dump.Error{File: file, Line: line, Reason: fmt.Sprintf(format, args...)}
}

// digester computes a digest of rows in an unambiguous form.
type digester struct {
	hash hash.Hash
	buf  []byte
}

func newDigester() digester { return digester{hash: sha256.New()} }

func (d *digester) add(rec *dump.Record) {
	const full = 8 << 10
	if len(d.buf) > full {
		d.flush()
	}
	switch rec.Kind {
	case dump.Regions:
		d.row('r', rec.Region.Slug, rec.Region.Name, rec.Region.Parent)
	case dump.Ports:
		d.row('p', rec.Port.Code, rec.Port.Name, rec.Port.Parent)
	case dump.Prices:
		d.row('$', rec.Price.Origin, rec.Price.Destination)
		d.buf = strconv.AppendInt(append(d.buf, 0), int64(rec.Price.Day), 10)
		d.buf = strconv.AppendInt(append(d.buf, 0), int64(rec.Price.USD), 10)
	}
}

// row separates text fields by a NUL, which no field contains.
func (d *digester) row(kind byte, fields ...string) {
	d.buf = append(d.buf, '\n', kind)
	for _, field := range fields {
		d.buf = append(append(d.buf, 0), field...)
	}
}

func (d *digester) flush() {
	d.hash.Write(d.buf)
	d.buf = d.buf[:0]
}

// sum returns the SHA-256 of the rows so far in hexadecimal digits.
func (d *digester) sum() string {
	d.flush()
	return hex.EncodeToString(d.hash.Sum(nil))
}
