package chart

import (
	"math"
	"strconv"
	"strings"
)

// scale is a range of prices with ticks at round numbers.
type scale struct {
	low, high, step float64 // low and high are multiples of step
}

// newScale returns a scale that holds all values, with some air if they are all
// the same.
func newScale(values extremes) scale {
	if values.count == 0 {
		return scale{high: 1, step: 1}
	}
	const steps = 4
	low, high := values.least, values.most
	if low == high {
		air := max(high/steps/steps, 1)
		low, high = max(low-air, 0), high+air
	}
	step := roundUp(max((high-low)/steps, leastStep(high)))
	return scale{low: math.Floor(low/step) * step, high: math.Ceil(high/step) * step, step: step}
}

// leastStep returns how close ticks may be for appendAmount to tell them apart.
func leastStep(high float64) float64 {
	if high < million {
		return 1
	}
	return math.Pow10(int(math.Log10(high)) - 2)
}

// roundUp returns the least of 1, 2, 5, 10, 20, 50, … that is not below v, which
// is at least 1.
func roundUp(v float64) float64 {
	unit := math.Pow10(int(math.Log10(v)))
	for _, factor := range [...]float64{1, 2, 5} {
		if factor*unit >= v {
			return factor * unit
		}
	}
	return 10 * unit
}

// ticks returns how many ticks the scale has: one at each edge and those between.
func (s scale) ticks() int { return int(math.Round((s.high-s.low)/s.step)) + 1 }

// down returns how far v is below the upper edge, in whole parts of height.
func (s scale) down(v float64, height int) int {
	part := (s.high - v) / (s.high - s.low)
	return int(math.Round(min(max(part, 0), 1) * float64(height)))
}

const million = 1e6

// appendAmount appends a whole amount: 999,999 at most, and above that three
// digits or more of millions, billions and so on, so that it stays short.
func appendAmount(b []byte, v float64) []byte {
	if v < million {
		return appendGrouped(b, int64(v))
	}
	suffix := 0
	const suffixes = "MBTPE"
	for v /= million; v >= 1000 && suffix < len(suffixes)-1; suffix++ {
		v /= 1000
	}
	return append(strconv.AppendFloat(b, v, 'g', 3, 64), suffixes[suffix])
}

// appendGrouped appends n with a comma after each three digits.
func appendGrouped(b []byte, n int64) []byte {
	if n < 1000 {
		return strconv.AppendInt(b, n, 10)
	}
	b = append(appendGrouped(b, n/1000), ',')
	n %= 1000
	return append(b, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
}

// cents returns an amount with two decimals.
func cents(v float64) string {
	var b strings.Builder
	text := strconv.FormatFloat(v, 'f', 2, 64)
	whole := text[:len(text)-3]
	for i, digit := range []byte(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(digit)
	}
	return b.String() + text[len(whole):]
}
