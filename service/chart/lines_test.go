package chart

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/rates"
)

// counted returns the chart of days that have so many prices of 1000 USD each
// day.
func counted(days rates.Day, counts map[rates.Day]int64) Chart {
	var found []rates.DailyRate
	for day, count := range counts {
		found = append(found, rates.DailyRate{Day: day, Count: count, Total: count * (1000 + 10*int64(day))})
	}
	slices.SortFunc(found, func(a, b rates.DailyRate) int { return int(b.Day - a.Day) })
	return Chart{From: 0, To: days - 1, Lanes: []Lane{{Answer: rates.Answer{Rates: found}}}}
}

// A line breaks where the mean is withheld and where there are no prices, and a
// day with neither neighbour is a dot.
func TestLineBreaks(t *testing.T) {
	d := newDrawing(nil, counted(10, map[rates.Day]int64{0: 3, 1: 4, 2: 2, 3: 3, 5: 5, 6: 3, 7: 3, 9: 9}))
	d.line(d.series[0], "none")
	var paths []string
	for _, found := range regexp.MustCompile(` d="([^"]*)"`).FindAllStringSubmatch(string(d.b), -1) {
		paths = append(paths, found[1])
	}
	want := []string{"M0.5 480l1-48M5.5 240l1-48 1-48", "M3.5 336h0M9.5 48h0"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// However long a line is, each of its days is a point of it.
func TestLineKeepsEveryDay(t *testing.T) {
	const days = 3660
	counts := map[rates.Day]int64{}
	for day := range rates.Day(days) {
		counts[day] = 3
	}
	d := newDrawing(nil, counted(days, counts))
	d.line(d.series[0], "none")
	if steps := strings.Count(string(d.b), " 1") + strings.Count(string(d.b), "l1"); steps < days-1 {
		t.Errorf("%d steps for %d days", steps, days)
	}
}

// A bar of several days is as high as their mean, days without prices counted.
func TestBarsOfSeveralDays(t *testing.T) {
	c := counted(733, map[rates.Day]int64{0: 4, 3: 2, 4: 7, 5: 2, 600: 1, 732: 5})
	want := []bar{{0, 3, 4.0 / 3}, {3, 3, 11.0 / 3}, {600, 3, 1.0 / 3}, {732, 1, 5}}
	got := newBars(c, newSeries(c.Lanes[0].Answer))
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(bar{}), cmp.Comparer(near)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

// However small, a number of prices is seen beside a large one.
func TestBarsAreSeen(t *testing.T) {
	b := Append(nil, counted(2, map[rates.Day]int64{0: 1, 1: 1_000_000}))
	if !strings.Contains(string(b), "M9 100v-2h2v2zM29 100v-100h2v100z") {
		t.Errorf("no bar of the least height in\n%s", b)
	}
}
