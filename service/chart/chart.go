// Package chart draws daily rates as SVG: the mean price of up to four lanes as
// lines, with a gap where it is withheld, and below them their number of prices
// as bars.
//
// A chart for an HTML page is a fragment: it takes the width that the page gives
// it and its colours from CSS, which the page serves as a stylesheet. A chart for
// a URL of its own is a document that carries the same CSS in a style element;
// its Content-Security-Policy needs
//
//	"style-src " + chart.StyleSource()
//
// and nothing else. Neither has a style attribute. Without any CSS the lines are
// in the colour of the text and can still be told apart by their dashes.
//
// A script finds the days by the element of class chart-plot. Its attribute
// data-from is the first day, and data-days their number: the middle of day i,
// counted from 0, is at (i + ½)/days of its width. data-low and data-high are the
// prices at its lower and its upper edge.
package chart

import (
	_ "embed"
	"fmt"

	"example.com/rates/service/rates"
)

// MaxLanes is the most lanes that one chart can show.
const MaxLanes = 4

// CSS holds the colours of a chart, light and dark. All its selectors begin with
// ".chart".
//
//go:embed chart.css
var CSS string

// Chart is what to draw. From and To are both included, and From is not after To.
type Chart struct {
	From, To rates.Day
	Lanes    []Lane // those after the first MaxLanes are left out
}

// Lane is the answer for one lane.
type Lane struct {
	Label  string // what to call it: any text
	Answer rates.Answer
}

// days returns the number of days that the chart spans.
func (c Chart) days() int { return int(c.To-c.From) + 1 }

// Append appends c as an element svg for an HTML page, of which a page can hold
// one.
func Append(b []byte, c Chart) []byte {
	d := newDrawing(b, c)
	d.addf(`<svg class="chart" width="100%%" height="%d" `, d.layout.height)
	d.alternative()
	d.draw()
	return append(d.b, "</svg>\n"...)
}

// AppendDocument appends c as an SVG document.
func AppendDocument(b []byte, c Chart) []byte {
	const width, margin = 960, 16
	d := newDrawing(b, c)
	height := d.layout.height + 2*margin
	d.addf(`<svg xmlns="http://www.w3.org/2000/svg" class="chart-document" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" `, width, height)
	d.alternative()
	d.addf("<style>%s</style>\n", CSS)
	d.addf(`<svg x="%d" y="%d" width="%d" height="%d" overflow="visible">`+"\n",
		margin+leftMargin, margin, width-2*margin-leftMargin-rightMargin, d.layout.height)
	d.draw()
	return append(d.b, "</svg></svg>\n"...)
}

// drawing is a chart under the pen.
type drawing struct {
	b      []byte
	chart  Chart
	series []series // one for each lane
	prices scale    // of all lanes
	layout layout
}

func newDrawing(b []byte, c Chart) *drawing {
	c.Lanes = c.Lanes[:min(len(c.Lanes), MaxLanes)]
	d := &drawing{b: b, chart: c, layout: newLayout(len(c.Lanes))}
	var all extremes
	for _, lane := range c.Lanes {
		s := newSeries(lane.Answer)
		d.series = append(d.series, s)
		all.merge(s.means)
	}
	d.prices = newScale(all)
	return d
}

func (d *drawing) addf(format string, args ...any) { d.b = fmt.Appendf(d.b, format, args...) }
