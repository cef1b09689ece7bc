package chart

import "math"

const (
	mostBars = 366 // that can be told apart

	dayUnits = 20  // width of a day in the units of their path
	barUnits = 100 // height of the bars, likewise
)

// bar is the number of prices of some adjacent days.
type bar struct {
	first, days int // counted from the first day of the chart
	mean        float64
}

// newBars returns the bars of a lane, those of no height left out. A bar stands
// for daysPerBar days, fewer at the end, and is as high as their mean number of
// prices.
func newBars(c Chart, s series) []bar {
	per := c.daysPerBar()
	var bars []bar
	for i := len(s.rates) - 1; i >= 0; i-- {
		day := int(s.rates[i].Day - c.From)
		first := day - day%per
		if len(bars) == 0 || bars[len(bars)-1].first != first {
			bars = append(bars, bar{first: first, days: min(per, c.days()-first)})
		}
		last := &bars[len(bars)-1]
		last.mean += float64(s.rates[i].Count) / float64(last.days)
	}
	return bars
}

// daysPerBar returns how many days a bar stands for.
func (c Chart) daysPerBar() int { return (c.days()-1)/mostBars + 1 }

// bars appends the number of prices of each lane, on a scale of its own from 0:
// a region has hundreds of prices where a port has three.
func (d *drawing) bars() {
	title := "Prices per day"
	if per := d.chart.daysPerBar(); per > 1 {
		title = string(appendGrouped([]byte("Prices per day, mean of each "), int64(per))) + " days"
	}
	d.addf(`<text x="-56" y="%d" font-weight="bold">%s</text>`+"\n", d.layout.strips-14, title)
	for i, s := range d.series {
		top := d.layout.strips + i*d.layout.stripPitch
		bars := newBars(d.chart, s)
		most := 0.0
		for _, bar := range bars {
			most = max(most, bar.mean)
		}
		most = math.Ceil(most)
		d.rule(top+d.layout.stripBars, ".4")
		d.amount(top+d.layout.stripBars, 0)
		if most > 0 {
			d.amount(top, most)
			d.strip(bars, scale{high: most}, i, top)
		}
		if len(d.series) > 1 {
			d.addf(`<text class="%s" x="100%%" dx="8" y="%d" font-weight="bold">%s</text>`+"\n", class(i), top+d.layout.stripBars/2+4, letter(i))
		}
	}
}

// strip appends the bars of a lane.
func (d *drawing) strip(bars []bar, counts scale, lane, top int) {
	d.addf(`<svg y="%d" width="100%%" height="%d" viewBox="0 0 %d %d" preserveAspectRatio="none"><path class="%s" fill-opacity=".7" d="`,
		top, d.layout.stripBars, d.chart.days()*dayUnits, barUnits, class(lane))
	for _, bar := range bars {
		// What is more than nothing is seen.
		height := max(barUnits-counts.down(bar.mean, barUnits), 2)
		free := free(bar.days, d.chart.days())
		d.addf("M%d %dv-%dh%dv%[3]dz", bar.first*dayUnits+free, barUnits, height, bar.days*dayUnits-2*free)
	}
	d.addf(`"/></svg>` + "\n")
}

// free returns how much room, of that for some days, a bar leaves on either side:
// a tenth, more where there are few bars, and none where there are many.
func free(days, all int) int {
	const widest, many = 14, 120 // to the width of the chart
	width := days * dayUnits
	switch {
	case all > many*days:
		return 0
	default:
		return (width - min(width*8/10, all*dayUnits/widest)) / 2
	}
}
