// Package rates is the domain of the service: its questions, answers and errors.
// It knows neither HTTP nor SQL.
package rates

import (
	"context"
	"iter"
)

// MinPrices is how many prices a day needs before its mean is published: the
// mean of one or two would reveal what a single carrier charged.
const MinPrices = 3

// Query asks for the daily rates of one lane. From and To are both included.
type Query struct {
	From, To            Day
	Origin, Destination Place
}

// Days returns the number of days asked for.
func (q Query) Days() int { return int(q.To-q.From) + 1 }

// DailyRate holds the prices of one day over all port pairs of a lane.
type DailyRate struct {
	Day   Day
	Total int64 // sum of the prices in whole USD
	Count int64 // number of prices, which may be 0
}

// Mean returns the mean price in USD. ok is false if the day has fewer than
// MinPrices prices; its mean must not be published.
func (r DailyRate) Mean() (usd float64, ok bool) {
	if r.Count < MinPrices {
		return 0, false
	}
	return float64(r.Total) / float64(r.Count), true
}

// Answer is the answer of a Store to a Query, from one snapshot of the data.
type Answer struct {
	// Version is the version of the data that the answer was read from. It grows
	// with every committed change of a port, region or price.
	Version int64
	// Rates holds the days that have prices, newest first.
	Rates []DailyRate
}

// Days yields one rate for each day of q, newest first. A day without prices
// has Count 0.
func (a Answer) Days(q Query) iter.Seq[DailyRate] {
	return func(yield func(DailyRate) bool) {
		next := 0
		for day := q.To; day >= q.From; day-- {
			rate := DailyRate{Day: day}
			if next < len(a.Rates) && a.Rates[next].Day == day {
				rate = a.Rates[next]
				next++
			}
			if !yield(rate) {
				return
			}
		}
	}
}

// Outline says what the data are about, for people who choose a question.
type Outline struct {
	// Version is the version of the data, as in Answer.
	Version int64
	// First and Last are the first and the last day that have a price. First is
	// after Last if there is none, or if it is not known.
	First, Last Day
	// Names holds the places asked for that exist.
	Names map[Place]Named
}

// Named is a place as people know it.
type Named struct {
	Code string // of a port, or the slug of a region in lower case
	Name string
}

// Store answers questions from the data. Every method returns an *Error of kind
// Unavailable if the data cannot be reached, Timeout if the answer took longer
// than allowed, and Internal for any other failure.
type Store interface {
	// DailyRates answers q. For a place that is neither a port nor a region it
	// returns an *Error of kind UnknownPlace, which says whether it is the origin
	// or the destination and has close codes as hints.
	DailyRates(ctx context.Context, q Query) (Answer, error)
	// Ports returns all ports by code, and the version of the data.
	Ports(ctx context.Context) ([]Port, int64, error)
	// Regions returns all regions by slug, and the version of the data.
	Regions(ctx context.Context) ([]Region, int64, error)
	// Outline returns the outline of the data, with the names of some places.
	Outline(ctx context.Context, places ...Place) (Outline, error)
	// Ready returns nil if questions can be answered: the database is reachable
	// and its schema is the one that this program knows.
	Ready(ctx context.Context) error
}
