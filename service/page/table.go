package page

import (
	"html/template"
	"strconv"

	"example.com/rates/service/rates"
)

// Rows returns a row for each day: the day, and mean and number of prices for each
// lane. It is written by hand, without the end tags that HTML does not need: 3,660
// days are much for a template and for a reader's network.
func (r *Result) Rows() template.HTML {
	next := make([]int, len(r.Answers)) // element of each lane's rates
	const perCell = 40
	b := make([]byte, 0, r.Question.days()*perCell*(1+len(r.Answers)))
	for day := r.Question.To; day >= r.Question.From; day-- {
		b = append(b, "<tr><th scope=row>"...)
		b = day.AppendTo(b)
		for i, answer := range r.Answers {
			rate := rates.DailyRate{Day: day}
			if n := next[i]; n < len(answer.Rates) && answer.Rates[n].Day == day {
				rate = answer.Rates[n]
				next[i]++
			}
			b = appendCells(b, rate)
		}
		b = append(b, '\n')
	}
	return template.HTML(b) // #nosec G203 -- days and numbers
}

// appendCells appends the mean, or why there is none, and the number of prices.
func appendCells(b []byte, rate rates.DailyRate) []byte {
	b = append(b, "<td>"...)
	switch mean, ok := rate.Mean(); {
	case ok:
		b = append(b, usd(mean)...)
	case rate.Count > 0:
		b = append(b, "withheld"...)
	default:
		b = append(b, "–"...)
	}
	b = append(b, "<td>"...)
	return append(b, grouped(strconv.FormatInt(rate.Count, 10))...)
}
