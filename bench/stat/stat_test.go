package stat_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/bench/stat"
)

func TestSummarize(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		want   stat.Summary
	}{
		{"one", []float64{4}, stat.Summary{Median: 4, Min: 4, Max: 4}},
		{"an odd number, in any order", []float64{9, 1, 5}, stat.Summary{Median: 5, Min: 1, Max: 9}},
		{"an even number", []float64{8, 1, 2, 4}, stat.Summary{Median: 3, Min: 1, Max: 8}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, stat.Summarize(test.values)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A missing measurement must not look like a figure.
func TestSummaryOfNothingIsUnknown(t *testing.T) {
	for _, values := range [][]float64{nil, {1, math.NaN(), 3}} {
		if s := stat.Summarize(values); s.Known() {
			t.Errorf("the summary of %v is %v", values, s)
		}
	}
}

// The values keep the order of the rounds, by which ratios pair them.
func TestSummarizeLeavesTheOrderAlone(t *testing.T) {
	values := []float64{3, 1, 2}
	stat.Summarize(values)
	if diff := cmp.Diff([]float64{3, 1, 2}, values); diff != "" {
		t.Error(diff)
	}
}

func TestRatiosPairRounds(t *testing.T) {
	got := stat.Ratios([]float64{10, 30, 50, 70}, []float64{20, 10, 0})
	if diff := cmp.Diff([]float64{0.5, 3}, got); diff != "" {
		t.Error(diff)
	}
}

func TestQuantile(t *testing.T) {
	thousand := make([]time.Duration, 1000) // 1000, 999, … 1
	for i := range thousand {
		thousand[i] = time.Duration(1000 - i)
	}
	tests := []struct {
		name   string
		values []time.Duration
		q      float64
		want   time.Duration
	}{
		{"of none", nil, 0.5, 0},
		{"of one", []time.Duration{7}, 0.999, 7},
		{"the minimum", thousand, 0, 1},
		{"p50", thousand, 0.5, 500},
		{"p99", thousand, 0.99, 990},
		{"p99.9", thousand, 0.999, 999},
		{"the maximum", thousand, 1, 1000},
		{"between two", []time.Duration{1, 2, 3}, 0.5, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := stat.Quantile(test.values, test.q); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
