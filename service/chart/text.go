package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"example.com/rates/service/rates"
)

// alternative ends the tag that is open and appends the title of the chart and
// what it says in words.
func (d *drawing) alternative() {
	d.addf(`role="img" aria-labelledby="chart-title" aria-describedby="chart-description">` + "\n" + `<title id="chart-title">`)
	d.b = appendText(d.b, d.title())
	d.addf("</title>\n" + `<desc id="chart-description">`)
	d.b = appendText(d.b, d.description())
	d.addf("</desc>\n")
}

func (d *drawing) title() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Mean price by day, %s to %s", d.chart.From, d.chart.To)
	separator := ": "
	for _, lane := range d.chart.Lanes {
		b.WriteString(separator)
		b.WriteString(lane.Label)
		separator = "; "
	}
	return b.String()
}

func (d *drawing) description() string {
	var b strings.Builder
	for i, s := range d.series {
		if i > 0 {
			b.WriteByte(' ')
		}
		if len(d.series) > 1 {
			fmt.Fprintf(&b, "%s, %s: ", letter(i), d.chart.Lanes[i].Label)
		}
		if m := s.means; m.count == 0 {
			fmt.Fprintf(&b, "no mean price on any of %s days", appendGrouped(nil, int64(d.chart.days())))
		} else {
			fmt.Fprintf(&b, "lowest %s USD on %s, highest %s USD on %s, last %s USD on %s; a mean price on %s of %s days",
				cents(m.least), m.leastDay, cents(m.most), m.mostDay, cents(m.last), m.lastDay,
				appendGrouped(nil, int64(m.count)), appendGrouped(nil, int64(d.chart.days())))
		}
		prices := "prices"
		if s.prices == 1 {
			prices = "price"
		}
		fmt.Fprintf(&b, "; %s %s in all.", appendGrouped(nil, s.prices), prices)
	}
	return b.String()
}

// priced reports whether there is a line or a dot to draw.
func (d *drawing) priced() bool {
	for _, s := range d.series {
		if s.means.count > 0 {
			return true
		}
	}
	return false
}

// absence says why there is no line.
func (d *drawing) absence() string {
	for _, s := range d.series {
		if s.prices > 0 {
			return fmt.Sprintf("No day has %d prices, so no mean is shown.", rates.MinPrices)
		}
	}
	return "There are no prices for these days."
}

// appendText appends s as the text of an element. What XML cannot hold becomes
// U+FFFD, and what would turn the direction of the text after it is left out.
func appendText(b []byte, s string) []byte {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	buffer := bytes.NewBuffer(b)
	_ = xml.EscapeText(buffer, []byte(s)) // a buffer takes everything
	return buffer.Bytes()
}
