package page

import (
	"fmt"
	"html/template"
	"strconv"

	"example.com/rates/service/chart"
	"example.com/rates/service/rates"
)

// Result is the answer to a question.
type Result struct {
	Question Question
	Answers  []rates.Answer // one for each lane
	Site     string         // scheme and host, for commands to copy
	MaxDays  int
	Span     *Span
}

// Chart draws the answer.
func (r *Result) Chart() template.HTML {
	return template.HTML(chart.Append(nil, r.Drawing())) // #nosec G203 -- the package escapes what it is given
}

// Drawing returns the chart of the answer.
func (r *Result) Drawing() chart.Chart {
	c := chart.Chart{From: r.Question.From, To: r.Question.To}
	for i, lane := range r.Question.Lanes {
		c.Lanes = append(c.Lanes, chart.Lane{Label: lane.Label(), Answer: r.Answers[i]})
	}
	return c
}

// Empty reports whether no day has a price.
func (r *Result) Empty() bool {
	for _, answer := range r.Answers {
		if len(answer.Rates) > 0 {
			return false
		}
	}
	return true
}

// Long reports whether the table is so long that it is folded.
func (r *Result) Long() bool {
	const screen = 62
	return r.Question.days() > screen
}

// Days says how many days the answer has.
func (r *Result) Days() string {
	if days := r.Question.days(); days > 1 {
		return grouped(strconv.Itoa(days)) + " days"
	}
	return "1 day"
}

// Several reports whether lanes are compared.
func (r *Result) Several() bool { return len(r.Question.Lanes) > 1 }

// Letter returns what the chart calls a lane.
func (*Result) Letter(i int) string { return "ABCD"[i : i+1] }

// Class returns the class that has the colour of a lane.
func (*Result) Class(i int) string { return "chart-" + "abcd"[i:i+1] }

// Figure is a number to read at a glance.
type Figure struct{ Name, Value, Note string }

// Figures returns what stands out in the answer about one lane.
func (r *Result) Figures() []Figure {
	var latest, lowest, highest *rates.DailyRate
	published := 0
	for i := range r.Answers[0].Rates {
		rate := &r.Answers[0].Rates[i]
		mean, ok := rate.Mean()
		if !ok {
			continue
		}
		published++
		if latest == nil {
			latest = rate
		}
		if lowest == nil || mean < value(lowest) {
			lowest = rate
		}
		if highest == nil || mean > value(highest) {
			highest = rate
		}
	}
	figures := []Figure{{"Days with a price", grouped(strconv.Itoa(published)), "of " + grouped(strconv.Itoa(r.Question.days()))}}
	if latest == nil {
		return figures
	}
	of := func(name string, rate *rates.DailyRate) Figure {
		return Figure{name, usd(value(rate)), rate.Day.Time().Format("2 Jan 2006")}
	}
	return append([]Figure{of("Latest", latest), of("Lowest", lowest), of("Highest", highest)}, figures...)
}

func value(rate *rates.DailyRate) float64 {
	mean, _ := rate.Mean()
	return mean
}

// Presets returns links to other days of the same lanes.
func (r *Result) Presets() []Link {
	if r.Span == nil {
		return nil
	}
	var links []Link
	for _, preset := range []struct {
		text string
		days int
	}{{"Last month", 31}, {"Last quarter", 92}, {"Last year", 366}, {"All days", r.MaxDays}} {
		from := max(r.Span.First, r.Span.Last-rates.Day(preset.days)+1) // #nosec G115 -- at most the longest question, which is less
		if from == r.Span.First && preset.days < r.MaxDays {
			continue // the same as all days
		}
		if q := r.Question.during(from, r.Span.Last); q.From != r.Question.From || q.To != r.Question.To {
			links = append(links, Link{preset.text, q.URL()})
		}
	}
	return links
}

// Files returns links to the answer in other formats: a row for each lane.
func (r *Result) Files() []Files {
	var all []Files
	for i, lane := range r.Question.Lanes {
		q := r.Question.only(i)
		all = append(all, Files{
			Lane: lane, Letter: r.Letter(i), Class: r.Class(i),
			JSON: q.URL() + "&format=json", CSV: q.URL() + "&format=csv&download=1",
			Alone: q.URL(),
			Curl:  "curl '" + r.Site + q.URL() + "'",
			Sheet: `=IMPORTDATA("` + r.Site + q.URL() + `&format=csv")`,
		})
	}
	return all
}

// Files are the addresses of the answer about one lane.
type Files struct {
	Lane          Lane
	Letter, Class string
	JSON, CSV     string
	Alone         string // the page about this lane alone
	Curl, Sheet   string // what to paste into a terminal and into a spreadsheet
}

// SVG returns the address of the chart.
func (r *Result) SVG() string { return r.Question.URL() + "&format=svg" }

// Add returns the form that adds a lane, nil if there is no room for one.
func (r *Result) Add() *Form {
	if len(r.Question.Lanes) != 1 {
		return nil
	}
	form := NewForm("add-")
	lane := r.Question.Lanes[0]
	form.Lanes = []Chosen{{lane.Value(), lane.Names()}}
	form.From.Value, form.To.Value = r.Question.From.String(), r.Question.To.String()
	return form
}

// Caption says what the table holds.
func (r *Result) Caption() string {
	caption := fmt.Sprintf("Mean price in USD and number of prices by day, %s, newest first", between(r.Question.From, r.Question.To))
	if !r.Several() {
		caption = r.Question.Lanes[0].Names() + ". " + caption
	}
	return caption
}
