package chart

import (
	"math"
	"testing"
)

func TestScale(t *testing.T) {
	for _, c := range []struct{ least, most, low, high, step float64 }{
		{1000, 1300, 1000, 1300, 100},
		{1190, 1300, 1150, 1300, 50},
		{1154.2, 1154.4, 1154, 1155, 1},
		{1154, 1154, 1050, 1250, 50},
		{0, 0, 0, 1, 1},
		{3, 3, 2, 4, 1},
		{100_000, 123_000, 100_000, 130_000, 10_000},
		{1_000_000, 1_000_050, 1_000_000, 1_010_000, 10_000},
		{0, math.MaxInt32, 0, 3_000_000_000, 1_000_000_000},
	} {
		got := newScale(extremes{least: c.least, most: c.most, count: 2})
		if want := (scale{c.low, c.high, c.step}); got != want {
			t.Errorf("%g to %g: %+v; want %+v", c.least, c.most, got, want)
		}
	}
}

// Labels of different ticks differ, and fit their margin.
func TestAmount(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 999: "999", 1000: "1,000", 120_500: "120,500", 999_999: "999,999",
		1e6: "1M", 1_250_000: "1.25M", 12_300_000: "12.3M", math.MaxInt32 + 1: "2.15B", 3e18: "3E",
	} {
		if got := string(appendAmount(nil, v)); got != want {
			t.Errorf("%g: %s; want %s", v, got, want)
		}
	}
	for _, least := range []float64{0, 7, 999, 9999, 123_456, 999_990, 1e6, 1_234_567, 99_999_999, 1e9} {
		for width := 1.0; width < 1e10; width *= 3 {
			s := newScale(extremes{least: least, most: least + width, count: 2})
			seen := map[string]bool{}
			for i := range s.ticks() {
				label := string(appendAmount(nil, s.low+float64(i)*s.step))
				if seen[label] || len(label) > len("999,999") {
					t.Errorf("%g to %g: label %s again, or it is too long", least, least+width, label)
				}
				seen[label] = true
			}
			if len(seen) < 2 || len(seen) > 7 {
				t.Errorf("%g to %g: %d ticks", least, least+width, len(seen))
			}
		}
	}
}

func TestCents(t *testing.T) {
	for v, want := range map[float64]string{0: "0.00", 5.5: "5.50", 999.999: "1,000.00", 1154.3333: "1,154.33", 123456: "123,456.00", 1e9: "1,000,000,000.00"} {
		if got := cents(v); got != want {
			t.Errorf("%g: %s; want %s", v, got, want)
		}
	}
}
