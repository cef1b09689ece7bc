// Package stat summarises measurements.
package stat

import (
	"math"
	"slices"
	"time"
)

// Summary is the median, minimum and maximum of values.
type Summary struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// Summarize returns the summary of values. Without values, or with a NaN among
// them, all of it is NaN.
func Summarize(values []float64) Summary {
	if len(values) == 0 || slices.ContainsFunc(values, math.IsNaN) {
		return Summary{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return Summary{Median: median, Min: sorted[0], Max: sorted[len(sorted)-1]}
}

// Known reports whether the summary has values.
func (s Summary) Known() bool { return !math.IsNaN(s.Median) }

// Ratios divides each value of a by that of b in the same round. It leaves out
// values without a partner, or with a partner of 0.
func Ratios(a, b []float64) []float64 {
	var ratios []float64
	for i := range min(len(a), len(b)) {
		if b[i] != 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return ratios
}

// Quantile returns the smallest value that at least the share q of the values,
// from 0 to 1, does not exceed; without values it is 0.
func Quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}
