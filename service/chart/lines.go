package chart

import (
	"strconv"

	"example.com/rates/service/rates"
)

// plotUnits is the height of the lines in the units of their paths: half pixels.
const plotUnits = 2 * plotHeight

// lines appends the lines. One unit across is a day.
func (d *drawing) lines() {
	d.addf(`<svg class="chart-plot" y="%d" width="100%%" height="%d" viewBox="0 0 %d %d" preserveAspectRatio="none" overflow="visible" data-from="%s" data-days="%[3]d" data-low="%.0[6]f" data-high="%.0[7]f">`+"\n",
		d.layout.plot, plotHeight, d.chart.days(), plotUnits, d.chart.From, d.prices.low, d.prices.high)
	for i, s := range d.series {
		d.addf(`<g class="%s" fill="none" stroke="currentColor" stroke-linejoin="round">`, class(i))
		d.line(s, dashes[i])
		d.addf("</g>\n")
	}
	d.addf("</svg>\n")
}

type point struct {
	day rates.Day
	y   int
}

// line appends a line through the means of adjacent days, every one of them, and
// a dot for each mean that has none beside it.
func (d *drawing) line(s series, dash string) {
	d.addf(`<path stroke-width="2" stroke-dasharray="%s" vector-effect="non-scaling-stroke" d="`, dash)
	var alone []point
	var last point
	points := 0 // of the line that last is on
	for i := len(s.rates) - 1; i >= 0; i-- {
		mean, ok := s.rates[i].Mean()
		if !ok {
			continue
		}
		at := point{s.rates[i].Day, d.prices.down(mean, plotUnits)}
		switch {
		case points == 0 || at.day != last.day+1:
			if points == 1 {
				alone = append(alone, last)
			}
			points = 0
		case points == 1:
			d.b = append(d.move(last), 'l')
			d.b = appendStep(d.b, at.y-last.y)
		default:
			d.b = appendStep(append(d.b, ' '), at.y-last.y)
		}
		last = at
		points++
	}
	if points == 1 {
		alone = append(alone, last)
	}
	d.addf(`"/>`)
	if len(alone) > 0 {
		d.dots(alone)
	}
}

// dots appends a dot for each point: a line without length, whose round ends
// meet.
func (d *drawing) dots(points []point) {
	d.addf(`<path stroke-width="6" stroke-linecap="round" vector-effect="non-scaling-stroke" d="`)
	for _, p := range points {
		d.b = append(d.move(p), "h0"...)
	}
	d.addf(`"/>`)
}

// move returns the drawing with the path moved to the middle of a day.
func (d *drawing) move(p point) []byte {
	d.b = strconv.AppendInt(append(d.b, 'M'), int64(p.day-d.chart.From), 10)
	return strconv.AppendInt(append(d.b, ".5 "...), int64(p.y), 10)
}

// appendStep appends a step of a day to the right and dy down.
func appendStep(b []byte, dy int) []byte {
	b = append(b, '1')
	if dy >= 0 {
		b = append(b, ' ')
	}
	return strconv.AppendInt(b, int64(dy), 10)
}
