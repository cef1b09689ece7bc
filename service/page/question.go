package page

import (
	"strings"

	"example.com/rates/service/rates"
)

// Question is what a page shows the answer to: the days and the lanes.
type Question struct {
	From, To rates.Day
	Lanes    []Lane
}

// Lane is a lane with the names of its places.
type Lane struct {
	Origin, Destination         string // codes, or slugs in lower case
	OriginName, DestinationName string
}

// Value returns the lane as the parameter lane has it.
func (l Lane) Value() string { return l.Origin + "." + l.Destination }

// Codes returns the lane in its short form.
func (l Lane) Codes() string { return l.Origin + " → " + l.Destination }

// Names returns the lane by the names of its places.
func (l Lane) Names() string { return l.OriginName + " → " + l.DestinationName }

// Label returns the lane with names and codes.
func (l Lane) Label() string {
	return l.OriginName + " (" + l.Origin + ") → " + l.DestinationName + " (" + l.Destination + ")"
}

// URL returns the address of the question. Places need no escape.
func (q Question) URL() string {
	var b strings.Builder
	b.WriteString("/rates?date_from=" + q.From.String() + "&date_to=" + q.To.String())
	if len(q.Lanes) == 1 {
		b.WriteString("&orig_code=" + q.Lanes[0].Origin + "&dest_code=" + q.Lanes[0].Destination)
		return b.String()
	}
	for _, lane := range q.Lanes {
		b.WriteString("&lane=" + lane.Value())
	}
	return b.String()
}

// only returns the question about one of its lanes.
func (q Question) only(i int) Question {
	q.Lanes = q.Lanes[i : i+1]
	return q
}

// days returns the number of days asked for.
func (q Question) days() int { return int(q.To-q.From) + 1 }

// during returns the same question about other days.
func (q Question) during(from, to rates.Day) Question {
	q.From, q.To = from, to
	return q
}

// between writes the days for people.
func between(from, to rates.Day) string {
	const long = "2 January 2006"
	a, z := from.Time(), to.Time()
	switch {
	case from == to:
		return a.Format(long)
	case a.Year() == z.Year() && a.Month() == z.Month():
		return a.Format("2") + "–" + z.Format(long)
	case a.Year() == z.Year():
		return a.Format("2 January") + " – " + z.Format(long)
	default:
		return a.Format(long) + " – " + z.Format(long)
	}
}
