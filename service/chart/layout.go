package chart

// Across, a chart is as wide as it is shown, and positions are shares of the
// width between the margins. Downwards, they are in CSS pixels.
const (
	leftMargin  = 56 // for the labels of the vertical axes; chart.css has it too
	rightMargin = 28 // for the letters of the lanes; chart.css has it too

	plotHeight = 240
	keyRow     = 20
)

// layout holds the vertical positions.
type layout struct {
	plot       int // upper edge of the lines
	strips     int // upper edge of the first lane's bars
	stripPitch int // from one lane's bars to the next
	stripBars  int // height of the bars
	dates      int // lower edge of the last bars, where the dates begin
	height     int
}

func newLayout(lanes int) layout {
	l := layout{stripPitch: 76, stripBars: 64}
	if lanes > 1 {
		l.stripPitch, l.stripBars = 48, 34
	}
	l.plot = lanes*keyRow + 34
	l.strips = l.plot + plotHeight + 40
	l.dates = l.strips + max(lanes-1, 0)*l.stripPitch + l.stripBars
	l.height = l.dates + 40
	return l
}
