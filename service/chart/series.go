package chart

import (
	"example.com/rates/service/rates"
)

// extremes are the smallest and largest of some values, and how many there are.
type extremes struct {
	least, most, last          float64
	leastDay, mostDay, lastDay rates.Day
	count                      int
}

// add adds the value of a later day than those before.
func (e *extremes) add(day rates.Day, v float64) {
	if e.count == 0 || v < e.least {
		e.least, e.leastDay = v, day
	}
	if e.count == 0 || v > e.most {
		e.most, e.mostDay = v, day
	}
	e.last, e.lastDay = v, day
	e.count++
}

// merge widens e to the values of another lane.
func (e *extremes) merge(o extremes) {
	if o.count == 0 {
		return
	}
	if e.count == 0 {
		*e = o
		return
	}
	e.least, e.most = min(e.least, o.least), max(e.most, o.most)
	e.count += o.count
}

// series is what a lane's answer amounts to.
type series struct {
	rates  []rates.DailyRate // newest first, as in the answer
	means  extremes          // of the published means
	prices int64             // number of prices
}

func newSeries(answer rates.Answer) series {
	s := series{rates: answer.Rates}
	for i := len(s.rates) - 1; i >= 0; i-- {
		rate := s.rates[i]
		s.prices += rate.Count
		if mean, ok := rate.Mean(); ok {
			s.means.add(rate.Day, mean)
		}
	}
	return s
}
