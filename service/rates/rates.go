// Package rates is the domain of the service: what can be asked, what is
// answered, and how it can fail. It knows neither HTTP nor SQL.
package rates

import (
	"context"
	"iter"
)

// MinPrices is how many prices a day needs before its mean is published: a
// mean of one or two would give away what a single carrier charged.
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
	Count int64 // number of prices; 0 on a day without any
}

// Mean returns the mean price in USD. ok is false when the day has fewer than
// MinPrices prices, and the mean is then not to be published.
func (r DailyRate) Mean() (usd float64, ok bool) {
	if r.Count < MinPrices {
		return 0, false
	}
	return float64(r.Total) / float64(r.Count), true
}

// Answer is what a Store knows about a Query at one moment.
type Answer struct {
	// Version numbers the state of the data that the answer was read from. It
	// grows with every committed change of a port, region or price.
	Version int64
	// Rates holds the days that have prices, newest first, without gaps filled.
	Rates []DailyRate
}

// Days yields one rate for each day of the question, newest first. A day
// without prices has Count 0.
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

// Store answers questions from the data. Every method returns an *Error of
// kind Unavailable when the data cannot be reached, Timeout when the answer
// took longer than allowed, and Internal for anything unforeseen.
type Store interface {
	// DailyRates answers q. A place that is neither a port nor a region gives
	// an *Error of kind UnknownPlace with the end of the lane and close codes.
	DailyRates(ctx context.Context, q Query) (Answer, error)
	// Ports lists all ports by code, and the data version they were read at.
	Ports(ctx context.Context) ([]Port, int64, error)
	// Regions lists all regions by slug, and the data version they were read at.
	Regions(ctx context.Context) ([]Region, int64, error)
	// Ready returns nil when questions can be answered: the database is
	// reachable and its schema is the one this program knows.
	Ready(ctx context.Context) error
}
