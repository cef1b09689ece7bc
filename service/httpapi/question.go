package httpapi

import (
	"errors"
	"fmt"
	"strings"

	"example.com/rates/service/chart"
	"example.com/rates/service/rates"
)

// maxLanes is how many lanes one question may compare: as many as a chart can show.
const maxLanes = chart.MaxLanes

// question is a parsed question: the same days of one to maxLanes lanes, in the
// order of the URL.
type question struct {
	from, to rates.Day
	lanes    [maxLanes]lane
	count    int // of lanes

	form     *representation // that the URL asks for; nil leaves it to Accept
	download bool
}

// lane is a pair of places, with what the client sent.
type lane struct {
	origin, destination rates.Place

	pair                        string // the value of lane, or ""
	sentOrigin, sentDestination string
}

// query returns the question about one lane.
func (q *question) query(i int) rates.Query {
	return rates.Query{From: q.from, To: q.to, Origin: q.lanes[i].origin, Destination: q.lanes[i].destination}
}

// queries returns the questions about all lanes. They do not keep the URL of the
// request in memory.
func (q *question) queries() []rates.Query {
	all := make([]rates.Query, q.count)
	for i := range all {
		all[i] = q.query(i)
		all[i].Origin = rates.Place(strings.Clone(string(all[i].Origin)))
		all[i].Destination = rates.Place(strings.Clone(string(all[i].Destination)))
	}
	return all
}

// others names all lanes but the first, for the cache. It is "" for one lane.
func (q *question) others() string {
	if q.count < 2 {
		return ""
	}
	var names strings.Builder
	for _, l := range q.lanes[1:q.count] {
		names.WriteString(l.name() + " ")
	}
	return names.String()
}

// name returns the lane in the form that the parameter has.
func (l lane) name() string { return string(l.origin) + laneSeparator + string(l.destination) }

// fileName returns a name without extension for the answer. Places have letters,
// digits, '_' and '-' only.
func (q *question) fileName() string {
	first := q.lanes[0]
	name := fmt.Sprintf("rates_%s_%s_%s_%s", first.origin, first.destination, q.from, q.to)
	if q.count > 1 {
		name += fmt.Sprintf("_and_%d_more", q.count-1)
	}
	return name
}

// laneSeparator stands between the places of a lane: it is in no code or slug, and
// needs no escape in a URL.
const laneSeparator = "."

// addLanes adds the lanes that the URL names. orig_code and dest_code make one,
// and may be left out beside lane.
func (p *params) addLanes(q *question) {
	paired := p.asked == 0 || p.origin.value != "" || p.destination.value != "" || p.origin.times > 1 || p.destination.times > 1
	for i := 0; i <= min(p.asked, maxLanes); i++ {
		if paired && i == min(p.earlier, maxLanes) {
			p.addLane(q, lane{
				origin: p.place(p.origin), sentOrigin: p.origin.value,
				destination: p.place(p.destination), sentDestination: p.destination.value,
			})
		}
		if i < min(p.asked, maxLanes) {
			p.addLane(q, p.lane(p.lanes[i]))
		}
	}
	asked := p.asked
	if paired {
		asked++
	}
	if asked > maxLanes {
		p.fail(rates.OutOfRange, fieldLane, p.lanes[min(p.asked, maxLanes)-1],
			fmt.Sprintf("These are %d lanes. Compare at most %d.", asked, maxLanes))
	}
}

// addLane adds a lane unless the question has it.
func (*params) addLane(q *question, l lane) {
	for _, other := range q.lanes[:q.count] {
		if other.origin == l.origin && other.destination == l.destination {
			return
		}
	}
	if q.count < maxLanes {
		q.lanes[q.count] = l
		q.count++
	}
}

// lane reads the value of one lane. A dash separates the places too, if it is the
// only one.
func (p *params) lane(value string) lane {
	separator := laneSeparator
	if !strings.Contains(value, separator) && strings.Count(value, "-") == 1 {
		separator = "-"
	}
	origin, destination, _ := strings.Cut(value, separator)
	l := lane{pair: value, sentOrigin: origin, sentDestination: destination}
	var knowsOrigin, knowsDestination bool
	l.origin, knowsOrigin = rates.ParsePlace(origin)
	l.destination, knowsDestination = rates.ParsePlace(destination)
	if !knowsOrigin || !knowsDestination {
		p.fail(rates.Malformed, fieldLane, value, fmt.Sprintf(
			"%s must be two ports or regions with a point between them, for example CNGGZ%sEETLL.", laneName, laneSeparator))
	}
	return l
}

// laneError is an error about one lane of a question.
type laneError struct {
	index int
	err   error
}

func (e *laneError) Error() string { return e.err.Error() }
func (e *laneError) Unwrap() error { return e.err }

// explain completes the store's error about a place with the value that the client
// sent and where to find other places. It changes a copy, since several requests
// may share err.
func (q *question) explain(err error) error {
	e := *rates.AsError(err)
	of, ok := errors.AsType[*laneError](err)
	if !ok || e.Kind != rates.UnknownPlace {
		return err
	}
	e.Message += " /ports and /regions list those that can be asked for."
	l := q.lanes[of.index]
	isOrigin := e.Field != rates.FieldDestination
	if l.pair == "" {
		e.Value = l.sentDestination
		if isOrigin {
			e.Value = l.sentOrigin
		}
		return &e
	}
	hints := make([]string, len(e.Hints))
	for i, hint := range e.Hints {
		hints[i] = l.sentOrigin + laneSeparator + hint
		if isOrigin {
			hints[i] = hint + laneSeparator + l.sentDestination
		}
	}
	e.Field, e.Value, e.Hints = fieldLane, l.pair, hints
	return &e
}
