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
)

// parameter is one that a question must have once.
type parameter struct {
	name  string
	value string // as it was given last
	times int    // how often it was given
}

// params are the parameters of a question and the first error found in them.
type params struct {
	from, to, origin, destination parameter

	err *rates.Error
}

// parseQuery reads the question of /rates out of a raw URL query. Parameters
// of other names are passed over.
func parseQuery(raw string, maxDays int) (rates.Query, error) {
	p := params{
		from:        parameter{name: dateFrom},
		to:          parameter{name: dateTo},
		origin:      parameter{name: origCode},
		destination: parameter{name: destCode},
	}
	if err := p.collect(raw); err != nil {
		return rates.Query{}, &rates.Error{
			Kind: rates.BadQuery, Cause: err,
			Message: "The query after '?' is not well-formed. Write name=value pairs joined by '&', " +
				"with other characters than letters and digits percent-encoded.",
		}
	}
	q := rates.Query{From: p.day(p.from), To: p.day(p.to), Origin: p.place(p.origin), Destination: p.place(p.destination)}
	p.checkRange(q, maxDays)
	if p.err != nil {
		return rates.Query{}, p.err
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
		for _, known := range [...]*parameter{&p.from, &p.to, &p.origin, &p.destination} {
			if known.name == name {
				known.value = value
				known.times++
			}
		}
	}
	return nil
}

func (p *params) fail(kind rates.Kind, name, value, message string) {
	if p.err == nil {
		p.err = &rates.Error{Kind: kind, Param: name, Value: value, Message: message}
	}
}

// one returns the value of a parameter that must be given once.
func (p *params) one(given parameter, expected string) (string, bool) {
	switch {
	case given.times == 0, given.times == 1 && given.value == "":
		p.fail(rates.Missing, given.name, "", fmt.Sprintf("%s is required: %s.", given.name, expected))
	case given.times > 1:
		p.fail(rates.Repeated, given.name, given.value, fmt.Sprintf("%s is given %d times. Give it once.", given.name, given.times))
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
		p.fail(rates.Malformed, given.name, value, fmt.Sprintf("%s must be %s.", given.name, expected))
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
		p.fail(rates.Malformed, given.name, value, fmt.Sprintf("%s must be %s.", given.name, expected))
	}
	return place
}

func (p *params) checkRange(q rates.Query, maxDays int) {
	switch {
	case p.err != nil:
	case q.From > q.To:
		p.fail(rates.OutOfRange, dateFrom, q.From.String(),
			fmt.Sprintf("%s is after %s, which is %s. Swap them.", dateFrom, dateTo, q.To))
	case q.Days() > maxDays:
		p.fail(rates.OutOfRange, dateTo, q.To.String(), fmt.Sprintf(
			"%s to %s are %d days. Ask for %d at the most, for example until %s.",
			q.From, q.To, q.Days(), maxDays, rates.DayOf(q.From.Time().AddDate(0, 0, maxDays-1))))
	}
}
