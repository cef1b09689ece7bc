package httpapi

import (
	"fmt"
	"net/url"

	"example.com/rates/service/rates"
)

// The parameters of /rates.
const (
	dateFrom = "date_from"
	dateTo   = "date_to"
	origCode = "orig_code"
	destCode = "dest_code"
)

// params reads parameters one after the other and keeps the first error.
type params struct {
	values url.Values
	err    *rates.Error
}

// parseQuery reads the question of /rates out of a raw URL query.
func parseQuery(raw string, maxDays int) (rates.Query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return rates.Query{}, &rates.Error{
			Kind: rates.BadQuery, Cause: err,
			Message: "The query after '?' is not well-formed. Write name=value pairs joined by '&', " +
				"with other characters than letters and digits percent-encoded.",
		}
	}
	p := params{values: values}
	q := rates.Query{From: p.day(dateFrom), To: p.day(dateTo), Origin: p.place(origCode), Destination: p.place(destCode)}
	p.checkRange(q, maxDays)
	if p.err != nil {
		return rates.Query{}, p.err
	}
	return q, nil
}

func (p *params) fail(kind rates.Kind, name, value, message string) {
	if p.err == nil {
		p.err = &rates.Error{Kind: kind, Param: name, Value: value, Message: message}
	}
}

// one returns the value of a parameter that must be given once.
func (p *params) one(name, expected string) (string, bool) {
	switch given := p.values[name]; {
	case len(given) == 0 || len(given) == 1 && given[0] == "":
		p.fail(rates.Missing, name, "", fmt.Sprintf("%s is required: %s.", name, expected))
	case len(given) > 1:
		p.fail(rates.Repeated, name, given[1], fmt.Sprintf("%s is given %d times. Give it once.", name, len(given)))
	default:
		return given[0], true
	}
	return "", false
}

func (p *params) day(name string) rates.Day {
	const expected = "a calendar day as YYYY-MM-DD, for example 2021-01-31"
	value, ok := p.one(name, expected)
	if !ok {
		return 0
	}
	day, err := rates.ParseDay(value)
	if err != nil {
		p.fail(rates.Malformed, name, value, fmt.Sprintf("%s must be %s.", name, expected))
	}
	return day
}

func (p *params) place(name string) rates.Place {
	const expected = "a port code of five characters or the slug of a region, for example CNGGZ"
	value, ok := p.one(name, expected)
	if !ok {
		return ""
	}
	place, ok := rates.ParsePlace(value)
	if !ok {
		p.fail(rates.Malformed, name, value, fmt.Sprintf("%s must be %s.", name, expected))
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
			q.From, q.To, q.Days(), maxDays, q.To-rates.Day(q.Days()-maxDays),
		))
	}
}
