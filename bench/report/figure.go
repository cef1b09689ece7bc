package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"example.com/rates/bench/stat"
)

// NotMeasured stands for a missing figure.
const NotMeasured = "not measured"

// Number writes a positive number to three digits, or to its whole part, with
// separators of thousands.
func Number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return NotMeasured
	}
	const digits = 3
	places := 0
	if f != 0 {
		places = max(0, digits-1-int(math.Floor(math.Log10(math.Abs(f)))))
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(f, 'f', min(places, digits), 64), ".")
	if fraction != "" {
		fraction = "." + fraction
	}
	return grouped(whole) + fraction
}

// Count writes a positive whole number with separators of thousands.
func Count(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Spread writes the median and, if they differ, the minimum and the maximum.
func Spread(s stat.Summary) string {
	if !s.Known() {
		return NotMeasured
	}
	if s.Min == s.Max {
		return Number(s.Median)
	}
	return Number(s.Median) + " (" + Number(s.Min) + "–" + Number(s.Max) + ")"
}

// Latency writes the quantile q of times in milliseconds, unless too few times
// make it the maximum.
func Latency(times []time.Duration, q float64) string {
	if float64(len(times))*(1-q) < 1 {
		return "too few"
	}
	return Number(float64(stat.Quantile(times, q)) / float64(time.Millisecond))
}

// Megabytes writes a size in megabytes of a million bytes.
func Megabytes[N int64 | uint64 | float64](bytes N) string {
	const million = 1e6
	return Number(float64(bytes) / million)
}

// Target is a bound for a figure.
type Target struct {
	Bound float64
	Least bool // the figure is to be at least Bound; else at most
}

// AtLeast returns a lower bound.
func AtLeast(bound float64) *Target { return &Target{Bound: bound, Least: true} }

// AtMost returns an upper bound.
func AtMost(bound float64) *Target { return &Target{Bound: bound} }

// Cells returns the target in words and whether the figure reaches it, both empty
// for a nil target.
func (t *Target) Cells(figure float64) (target, verdict string) {
	if t == nil {
		return "", ""
	}
	bound := strconv.FormatFloat(t.Bound, 'f', -1, 64)
	target, kept := "at most "+bound, figure <= t.Bound
	if t.Least {
		target, kept = "at least "+bound, figure >= t.Bound
	}
	switch {
	case math.IsNaN(figure):
		return target, NotMeasured
	case kept:
		return target, "reached"
	default:
		return target, "not reached"
	}
}
