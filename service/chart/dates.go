package chart

import (
	"strconv"
	"time"

	"example.com/rates/service/rates"
)

// tick is a labelled day of the time axis.
type tick struct {
	day   rates.Day
	label string
	more  bool // whether it is left out where the chart is narrow

	year       string // to stand below the label, or ""
	narrowYear string // the same where the chart is narrow
}

const (
	mostTicks   = 12 // that fit 640 pixels
	narrowTicks = 4  // that fit 230 pixels
)

// ticks returns the ticks of a range: days, first days of months or first days of
// years, as many as fit.
func ticks(from, to rates.Day) []tick {
	days := int(to-from) + 1
	for _, step := range [...]int{1, 2, 7, 14} {
		if (days-1)/step < mostTicks {
			return label(every(from, to, step), "2 Jan", true)
		}
	}
	first, last := from.Time(), to.Time()
	months := 12*(last.Year()-first.Year()) + int(last.Month()-first.Month()) + 1
	for _, step := range [...]int{1, 2, 3, 6} {
		if (months-1)/step < mostTicks {
			return label(monthly(from, to, step), "Jan", true)
		}
	}
	years := last.Year() - first.Year() + 1
	step := int(roundUp(float64(years) / mostTicks))
	return label(yearly(from, to, step), "2006", false)
}

func every(from, to rates.Day, step int) []rates.Day {
	var days []rates.Day
	for day := int(from); day <= int(to); day += step {
		days = append(days, rates.Day(day)) // #nosec G115 -- between from and to
	}
	return days
}

// monthly returns the first day of every step-th month, counted from January.
func monthly(from, to rates.Day, step int) []rates.Day {
	year, month := from.Time().Year(), int(from.Time().Month())
	return firsts(from, to, year, month+(step-(month-1)%step)%step, step)
}

// yearly returns the first day of every year that step divides.
func yearly(from, to rates.Day, step int) []rates.Day {
	year := from.Time().Year()
	return firsts(from, to, year+(step-year%step)%step, 1, 12*step)
}

// firsts returns the first day of a month and of every step-th one after it.
func firsts(from, to rates.Day, year, month, step int) []rates.Day {
	var days []rates.Day
	for {
		day := rates.DayOf(time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC))
		if day > to {
			return days
		}
		if day >= from {
			days = append(days, day)
		}
		month += step
	}
}

// label turns days into ticks. A year stands below the first and wherever it is
// another than before, also among those that are left where the chart is narrow.
func label(days []rates.Day, form string, years bool) []tick {
	keep := (len(days)-1)/narrowTicks + 1
	all := make([]tick, len(days))
	before, kept := "", ""
	for i, day := range days {
		all[i] = tick{day: day, label: day.Time().Format(form), more: i%keep != 0}
		year := strconv.Itoa(day.Time().Year())
		if years && year != before {
			all[i].year = year
		}
		if years && !all[i].more && year != kept {
			all[i].narrowYear = year
			kept = year
		}
		before = year
	}
	return all
}
