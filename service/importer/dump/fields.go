package dump

import (
	"bytes"
	"errors"
	"math"
	"unicode"
	"unicode/utf8"

	"example.com/rates/service/rates"
)

// maxName is the longest name of a port or region, in characters.
const maxName = 200

// maxCodes bounds the memory for port codes. UN/LOCODE has about as many.
const maxCodes = 100_000

// parser turns fields into records. It keeps port codes, so that a code costs one
// allocation rather than one with every price.
type parser struct {
	codes map[string]string
}

func newParser() parser { return parser{codes: make(map[string]string)} }

// parse overwrites rec with the values of fields. With an error it returns the
// index of the column to blame; the error names it.
func (p *parser) parse(rec *Record, line int, t *table, fields row) (column int, err error) {
	*rec = Record{Kind: t.kind, Line: line}
	switch t.kind {
	case Prices:
		column, err = p.price(&rec.Price, fields)
	case Ports:
		column, err = p.port(&rec.Port, fields)
	default:
		column, err = region(&rec.Region, fields)
	}
	if err != nil {
		err = errors.New(t.columns[column] + " " + err.Error())
	}
	return column, err
}

func (p *parser) price(price *rates.Price, f row) (column int, err error) {
	if price.Origin, err = p.code(f[0]); err != nil {
		return 0, err
	}
	if price.Destination, err = p.code(f[1]); err != nil {
		return 1, err
	}
	if price.Day, err = day(f[2]); err != nil {
		return 2, err
	}
	price.USD, err = usd(f[3])
	return 3, err
}

func (p *parser) port(port *rates.Port, f row) (column int, err error) {
	if port.Code, err = p.code(f[0]); err != nil {
		return 0, err
	}
	if port.Name, err = name(f[1]); err != nil {
		return 1, err
	}
	port.Parent, err = slug(f[2])
	return 2, err
}

func region(region *rates.Region, f row) (column int, err error) {
	if region.Slug, err = slug(f[0]); err != nil {
		return 0, err
	}
	if region.Name, err = name(f[1]); err != nil {
		return 1, err
	}
	if f[2] == nil {
		return 2, nil
	}
	region.Parent, err = slug(f[2])
	return 2, err
}

func (p *parser) code(b []byte) (string, error) {
	if code, ok := p.codes[string(b)]; ok {
		return code, nil
	}
	code := string(b)
	if !rates.IsPortCode(code) {
		return "", refuse(b, "is not a port code (two of A-Z, then three of A-Z or 2-9, for example CNGGZ)")
	}
	if len(p.codes) < maxCodes {
		p.codes[code] = code
	}
	return code, nil
}

func slug(b []byte) (string, error) {
	s := string(b)
	if !rates.IsSlug(s) {
		return "", refuse(b, "is not a region slug (2 to 63 of a-z, 0-9, _ and -, the first a letter)")
	}
	return s, nil
}

func name(b []byte) (string, error) {
	switch {
	case b == nil, !utf8.Valid(b):
		return "", refuse(b, "")
	case len(bytes.TrimSpace(b)) == 0:
		return "", errors.New("is empty")
	case bytes.IndexByte(b, 0) >= 0:
		return "", refuse(b, "holds a NUL byte")
	case utf8.RuneCount(b) > maxName:
		return "", refuse(b, "is longer than 200 characters")
	}
	return string(b), nil
}

func day(b []byte) (rates.Day, error) {
	d, err := rates.ParseDay(b)
	if err != nil {
		return 0, refuse(b, "is not a calendar day as YYYY-MM-DD of the years 1 to 9999")
	}
	return d, nil
}

func usd(b []byte) (int32, error) {
	var n int64
	digits, negative := bytes.CutPrefix(b, []byte("-"))
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, refuse(b, "is not a whole number of USD, in digits alone (for example 1154)")
		}
		n = min(n*10+int64(c-'0'), math.MaxInt32+1)
	}
	switch {
	case len(digits) == 0:
		return 0, refuse(b, "is not a whole number of USD, in digits alone (for example 1154)")
	case negative:
		return 0, refuse(b, "is negative")
	case n > math.MaxInt32:
		return 0, refuse(b, "is more than 2147483647 USD")
	}
	return int32(n), nil
}

// refuse returns an error for b with its fault. NULL and invalid UTF-8 are reported
// before any other fault.
func refuse(b []byte, fault string) error {
	switch {
	case b == nil:
		return errors.New("is null")
	case !utf8.Valid(b):
		return errors.New(quote(b) + " is not UTF-8; " + inLatin(b) + "save the file as UTF-8")
	}
	return errors.New(quote(b) + " " + fault)
}

// inLatin says how b reads in Windows-1252, if it holds only letters and signs that
// Latin-1 has as well.
func inLatin(b []byte) string {
	var text []rune
	for _, c := range b {
		if !unicode.IsPrint(rune(c)) {
			return ""
		}
		text = append(text, rune(c))
	}
	return "in Windows-1252 it reads " + quote([]byte(string(text))) + ": "
}
