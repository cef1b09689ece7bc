package chart

import (
	"slices"
	"strconv"

	"example.com/rates/service/rates"
)

// dashes tell the lines apart where their colours do not.
var dashes = [MaxLanes]string{"none", "8 4", "2 3", "10 3 2 3"}

// letter returns what a lane is called in the chart.
func letter(lane int) string { return "ABCD"[lane : lane+1] }

// class returns the class that colours a lane.
func class(lane int) string { return "chart-" + "abcd"[lane:lane+1] }

func (d *drawing) draw() {
	d.addf(`<g fill="currentColor" font-family="sans-serif" font-size="12">` + "\n")
	d.key()
	d.dateAxis()
	d.priceAxis()
	d.lines()
	d.letters()
	d.bars()
	d.addf("</g>\n")
}

// key appends what each line stands for.
func (d *drawing) key() {
	for i, lane := range d.chart.Lanes {
		y := i*keyRow + 10
		d.addf(`<path class="%s" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="%s" d="M-56 %dh32"/>`, class(i), dashes[i], y)
		d.addf(`<text x="-16" y="%d">`, y+4)
		if len(d.chart.Lanes) > 1 {
			d.addf(`<tspan class="%s" font-weight="bold">%s</tspan> `, class(i), letter(i))
		}
		d.name(lane.Label)
		d.addf("</text>\n")
	}
}

// name appends the name of a lane, so much of it as there is room for.
func (d *drawing) name(label string) {
	const narrow, wide = 34, 80
	runes := []rune(label)
	d.b = appendText(d.b, string(runes[:min(len(runes), narrow)]))
	if len(runes) <= narrow {
		return
	}
	d.addf(`<tspan class="chart-less" display="none">…</tspan><tspan class="chart-more">`)
	d.b = appendText(d.b, string(runes[narrow:min(len(runes), wide)]))
	if len(runes) > wide {
		d.addf("…")
	}
	d.addf("</tspan>")
}

func (d *drawing) dateAxis() {
	l := d.layout
	d.addf(`<g text-anchor="middle">` + "\n")
	for _, t := range ticks(d.chart.From, d.chart.To) {
		more := ""
		if t.more {
			more = ` class="chart-more"`
		}
		x := d.across(t.day)
		d.addf("<g%s>", more)
		if d.priced() {
			d.upright(x, l.plot, l.plot+plotHeight)
		}
		d.upright(x, l.strips, l.dates+4)
		d.addf(`<text x="%s" y="%d">%s</text>`, x, l.dates+18, t.label)
		if t.year != "" {
			d.addf(`<text x="%s" y="%d">%s</text>`, x, l.dates+33, t.year)
		} else if t.narrowYear != "" {
			d.addf(`<text class="chart-less" display="none" x="%s" y="%d">%s</text>`, x, l.dates+33, t.narrowYear)
		}
		d.addf("</g>\n")
	}
	d.addf("</g>\n")
}

// upright appends a vertical line.
func (d *drawing) upright(x string, top, bottom int) {
	d.addf(`<line x1="%s" x2="%[1]s" y1="%d" y2="%d" stroke="currentColor" stroke-opacity=".12"/>`, x, top, bottom)
}

// across returns the middle of a day as a share of the width.
func (d *drawing) across(day rates.Day) string {
	middle := float64(day-d.chart.From) + 0.5
	return strconv.FormatFloat(100*middle/float64(d.chart.days()), 'f', 2, 64) + "%"
}

func (d *drawing) priceAxis() {
	l := d.layout
	d.addf(`<text x="-56" y="%d" font-weight="bold">Mean price, USD</text>`+"\n", l.plot-14)
	if !d.priced() {
		d.addf(`<text x="50%%" y="%d" text-anchor="middle">%s</text>`+"\n", l.plot+plotHeight/2, d.absence())
		d.rule(l.plot+plotHeight, ".4")
		return
	}
	for i := range d.prices.ticks() {
		v := d.prices.low + float64(i)*d.prices.step
		y := l.plot + d.prices.down(v, plotHeight)
		d.rule(y, ".2")
		d.amount(y, v)
	}
}

// rule appends a horizontal line over the whole width.
func (d *drawing) rule(y int, opacity string) {
	d.addf(`<line x2="100%%" y1="%d" y2="%[1]d" stroke="currentColor" stroke-opacity="%s"/>`+"\n", y, opacity)
}

// amount labels a vertical axis.
func (d *drawing) amount(y int, v float64) {
	d.addf(`<text x="-8" y="%d" text-anchor="end">%s</text>`+"\n", y+4, appendAmount(nil, v))
}

// letters names each line at its end, none above another.
func (d *drawing) letters() {
	if len(d.series) < 2 {
		return
	}
	type end struct{ lane, y int }
	var ends []end
	for i, s := range d.series {
		if s.means.count > 0 {
			ends = append(ends, end{i, d.prices.down(s.means.last, plotHeight)})
		}
	}
	slices.SortStableFunc(ends, func(a, b end) int { return a.y - b.y })
	const apart = 14
	for i := range ends {
		if i > 0 {
			ends[i].y = max(ends[i].y, ends[i-1].y+apart)
		}
	}
	for i := len(ends) - 1; i >= 0; i-- {
		ends[i].y = min(ends[i].y, plotHeight-apart*(len(ends)-1-i))
		d.addf(`<text class="%s" x="%s" dx="8" y="%d" font-weight="bold">%s</text>`+"\n",
			class(ends[i].lane), d.across(d.series[ends[i].lane].means.lastDay), d.layout.plot+ends[i].y+4, letter(ends[i].lane))
	}
}
