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

// parameterNames holds the parameter of each field of a question.
var parameterNames = map[rates.Field]string{
	rates.FieldFrom:        dateFrom,
	rates.FieldTo:          dateTo,
	rates.FieldOrigin:      origCode,
	rates.FieldDestination: destCode,
}

// parameter is one that a question must have once.
type parameter struct {
	name  string
	field rates.Field
	value string // as it was last sent
	times int    // how often it was sent
}

// question is a parsed question with its places as the client sent them.
type question struct {
	rates.Query
	sentOrigin, sentDestination string
}

// explain completes the store's error about a place with the value that the client
// sent and where to find other places. It changes a copy, since several requests
// may share err.
func (q *question) explain(err error) error {
	e := *rates.AsError(err)
	if e.Kind != rates.UnknownPlace {
		return err
	}
	e.Value = q.sentOrigin
	if e.Field == rates.FieldDestination {
		e.Value = q.sentDestination
	}
	e.Message += " /ports and /regions list those that can be asked for."
	return &e
}

// params are the parameters of a question and the first error found in them.
type params struct {
	from, to, origin, destination parameter

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
	}
	if err := p.collect(raw); err != nil {
		return question{}, &rates.Error{
			Kind: rates.BadQuery, Cause: err,
			Message: "The query after '?' is not well-formed. Write name=value pairs joined by '&', " +
				"with all characters except letters and digits percent-encoded.",
		}
	}
	q := rates.Query{From: p.day(p.from), To: p.day(p.to), Origin: p.place(p.origin), Destination: p.place(p.destination)}
	p.checkRange(q, maxDays)
	if p.err != nil {
		return question{}, p.err
	}
	return question{Query: q, sentOrigin: p.origin.value, sentDestination: p.destination.value}, nil
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

// fail records an error unless there is one already.
func (p *params) fail(kind rates.Kind, field rates.Field, value, message string) {
	if p.err == nil {
		p.err = &rates.Error{Kind: kind, Field: field, Value: value, Message: message}
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

func (p *params) checkRange(q rates.Query, maxDays int) {
	switch {
	case p.err != nil:
	case q.From > q.To:
		p.fail(rates.OutOfRange, rates.FieldFrom, q.From.String(),
			fmt.Sprintf("%s is after %s, which is %s. Swap them.", dateFrom, dateTo, q.To))
	case q.Days() > maxDays:
		p.fail(rates.OutOfRange, rates.FieldTo, q.To.String(), fmt.Sprintf(
			"%s to %s are %d days. Ask for at most %d, for example until %s.",
			q.From, q.To, q.Days(), maxDays, rates.DayOf(q.From.Time().AddDate(0, 0, maxDays-1))))
	}
}
