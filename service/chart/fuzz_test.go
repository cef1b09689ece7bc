package chart_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"example.com/rates/service/chart"
	"example.com/rates/service/rates"
)

// Whatever the names and the prices are, a chart is well-formed, holds nothing
// but what it should, and everything in it is where it can be seen.
func FuzzAppend(f *testing.F) {
	f.Add("CNGGZ → EETLL", "", int32(7671), uint16(31), []byte{3, 1, 2, 3, 4, 5, 6, 7, 9, 9})
	f.Add("</text><script>alert(1)</script>", "\"' onload='x'", int32(0), uint16(3660), []byte("some prices of some days, and then some more of them"))
	f.Add("]]><![CDATA[", "&#0;\x00\xff\u202e\ufffe", int32(rates.MinDay), uint16(1), []byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 255})
	f.Add("", "", int32(rates.MaxDay)-5000, uint16(5000), []byte{})
	f.Fuzz(func(t *testing.T, one, other string, from int32, days uint16, data []byte) {
		c := chart.Chart{From: rates.Day(from % int32(rates.MaxDay-5000))}
		if c.From < rates.MinDay {
			c.From = rates.MinDay
		}
		c.To = c.From + rates.Day(days%5000)
		c.Lanes = []chart.Lane{
			{Label: one, Answer: answer(c, data)},
			{Label: other, Answer: answer(c, slices.Concat(data, data))},
		}
		examine(t, chart.AppendDocument(nil, c), "style")
		examine(t, chart.Append(nil, c))
		examine(t, chart.Append(nil, chart.Chart{From: c.From, To: c.To, Lanes: c.Lanes[:1]}))
	})
}

// answer makes days of data: a gap before each, its count and its mean.
func answer(c chart.Chart, data []byte) rates.Answer {
	var found []rates.DailyRate
	for day := c.From - 1; len(data) >= 8; data = data[8:] {
		day += 1 + rates.Day(data[0]%4)
		if day > c.To {
			break
		}
		count := int64(binary.LittleEndian.Uint16(data[1:])%8) + 1
		if data[7] == 255 {
			count *= 1 << 28 // so that the total still fits
		}
		found = append(found, rates.DailyRate{Day: day, Count: count, Total: count * int64(binary.LittleEndian.Uint32(data[3:])>>1)})
	}
	slices.Reverse(found)
	return rates.Answer{Rates: found}
}
