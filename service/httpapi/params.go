package httpapi

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"example.com/rates/service/rates"
)

// The parameters of /rates.
const (
	dateFrom = "date_from"
	dateTo   = "date_to"
	origCode = "orig_code"
	destCode = "dest_code"
	laneName = "lane"
	format   = "format"
	download = "download"
)

// The fields that only a URL has.
const (
	fieldLane     rates.Field = laneName
	fieldFormat   rates.Field = format
	fieldDownload rates.Field = download
)

// parameterNames holds the parameter of each field of a question.
var parameterNames = map[rates.Field]string{
	rates.FieldFrom:        dateFrom,
	rates.FieldTo:          dateTo,
	rates.FieldOrigin:      origCode,
	rates.FieldDestination: destCode,
	fieldLane:              laneName,
	fieldFormat:            format,
	fieldDownload:          download,
}

// parameter is one that a question may have once.
type parameter struct {
	name  string
	field rates.Field
	value string // as it was last sent
	times int    // how often it was sent
}

// params are the parameters of a question and the first error found in them.
type params struct {
	from, to, origin, destination, format, download parameter

	lanes   [maxLanes]string // the values of lane that are not empty
	asked   int              // how many there are, which may be more
	earlier int              // how many of them come before orig_code

	err *rates.Error
}

// parseQuery reads a question to /rates from a raw URL query. It ignores
// parameters with other names.
func parseQuery(raw string, maxDays int) (question, error) {
	p := params{
		from:        parameter{name: dateFrom, field: rates.FieldFrom},
		to:          parameter{name: dateTo, field: rates.FieldTo},
		origin:      parameter{name: origCode, field: rates.FieldOrigin},
		destination: parameter{name: destCode, field: rates.FieldDestination},
		format:      parameter{name: format, field: fieldFormat},
		download:    parameter{name: download, field: fieldDownload},
	}
	if err := p.collect(raw); err != nil {
		return question{}, &rates.Error{
			Kind: rates.BadQuery, Cause: err,
			Message: "The query after '?' is not well-formed. Write name=value pairs joined by '&', " +
				"with all characters except letters and digits percent-encoded.",
		}
	}
	q := question{from: p.day(p.from), to: p.day(p.to)}
	p.addLanes(&q)
	p.checkRange(q, maxDays)
	q.form, q.download = p.form(), p.isDownload()
	if p.err != nil {
		return question{}, p.err
	}
	return q, nil
}

// collect finds the parameters. It reads as url.ParseQuery does, without
// building a map on this hot path.
func (p *params) collect(raw string) error {
	if strings.Contains(raw, ";") {
		return errors.New("a semicolon does not separate parameters")
	}
	escaped := strings.Contains(raw, "%") || strings.Contains(raw, "+")
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		name, value, _ := strings.Cut(pair, "=")
		if escaped {
			var err error
			if name, err = url.QueryUnescape(name); err != nil {
				return fmt.Errorf("name of a parameter: %w", err)
			}
			if value, err = url.QueryUnescape(value); err != nil {
				return fmt.Errorf("value of a parameter: %w", err)
			}
		}
		p.add(name, value)
	}
	return nil
}

// add notes one parameter.
func (p *params) add(name, value string) {
	if name == laneName && value != "" {
		if p.asked < maxLanes {
			p.lanes[p.asked] = value
		}
		p.asked++
		return
	}
	if name == origCode && p.origin.times == 0 {
		p.earlier = p.asked
	}
	for _, known := range [...]*parameter{&p.from, &p.to, &p.origin, &p.destination, &p.format, &p.download} {
		if known.name == name {
			known.value = value
			known.times++
		}
	}
}

// fail records an error unless there is one already.
func (p *params) fail(kind rates.Kind, field rates.Field, value, message string) {
	if p.err == nil {
		p.failWith(&rates.Error{Kind: kind, Field: field, Value: value, Message: message})
	}
}

func (p *params) failWith(err *rates.Error) {
	if p.err == nil {
		p.err = err
	}
}

// one returns the value of a parameter that must be given once.
func (p *params) one(given parameter, expected string) (string, bool) {
	switch {
	case given.times == 0, given.times == 1 && given.value == "":
		p.fail(rates.Missing, given.field, "", fmt.Sprintf("%s is required: %s.", given.name, expected))
	case given.times > 1:
		p.fail(rates.Repeated, given.field, given.value, fmt.Sprintf("%s is given %d times. Give it once.", given.name, given.times))
	default:
		return given.value, true
	}
	return "", false
}

func (p *params) day(given parameter) rates.Day {
	const expected = "a calendar day as YYYY-MM-DD, for example 2021-01-31"
	value, ok := p.one(given, expected)
	if !ok {
		return 0
	}
	day, err := rates.ParseDay(value)
	if err != nil {
		p.fail(rates.Malformed, given.field, value, fmt.Sprintf("%s must be %s.", given.name, expected))
	}
	return day
}

func (p *params) place(given parameter) rates.Place {
	const expected = "a port code of five characters or the slug of a region, for example CNGGZ"
	value, ok := p.one(given, expected)
	if !ok {
		return ""
	}
	place, ok := rates.ParsePlace(value)
	if !ok {
		p.fail(rates.Malformed, given.field, value, fmt.Sprintf("%s must be %s.", given.name, expected))
	}
	return place
}

// once returns the value of a parameter that may be left out.
func (p *params) once(given parameter) string {
	if given.times > 1 {
		p.one(given, "")
		return ""
	}
	return given.value
}

// form returns the representation that format names, nil if it is left out.
func (p *params) form() *representation {
	value := p.once(p.format)
	if value == "" {
		return nil
	}
	form := formNamed(value)
	if form == nil {
		p.failWith(&rates.Error{
			Kind: rates.Malformed, Field: fieldFormat, Value: value, Hints: formNames(),
			Message: fmt.Sprintf("%s must be one of %s.", format, and(formNames())),
		})
	}
	return form
}

func (p *params) isDownload() bool {
	switch value := p.once(p.download); value {
	case "1":
		return true
	case "", "0":
		return false
	default:
		p.fail(rates.Malformed, fieldDownload, value, fmt.Sprintf("%s must be 1, or left out.", download))
		return false
	}
}

func (p *params) checkRange(q question, maxDays int) {
	days := int(q.to-q.from) + 1
	switch {
	case p.err != nil:
	case q.from > q.to:
		p.fail(rates.OutOfRange, rates.FieldFrom, q.from.String(),
			fmt.Sprintf("%s is after %s, which is %s. Swap them.", dateFrom, dateTo, q.to))
	case days > maxDays:
		p.fail(rates.OutOfRange, rates.FieldTo, q.to.String(), fmt.Sprintf(
			"%s to %s are %d days. Ask for at most %d, for example until %s.",
			q.from, q.to, days, maxDays, rates.DayOf(q.from.Time().AddDate(0, 0, maxDays-1))))
	}
}
