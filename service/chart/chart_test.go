package chart_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/chart"
	"example.com/rates/service/rates"
)

var update = flag.Bool("update", false, "write the golden files again")

// The golden files are charts to look at: a browser shows them.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name  string
		chart chart.Chart
	}{
		{"month", of("2021-01-01", "2021-01-31", lane("Guangzhou (CNGGZ) → Tallinn (EETLL)", "2021-01-01", 3, 1200, 1210, 1190, withheld, 1250, nothing, nothing, 1300, nothing, 1280, 1285))},
		{"one-day", of("2021-01-01", "2021-01-01", lane("CNGGZ → EETLL", "2021-01-01", 3, 1154))},
		{"nothing", of("2021-01-01", "2021-01-07", lane("CNGGZ → EETLL", "2021-01-01", 3))},
		{"withheld", of("2021-01-01", "2021-01-07", lane("CNGGZ → EETLL", "2021-01-01", 3, withheld, withheld))},
		{"equal", of("2021-01-01", "2021-01-03", lane("CNGGZ → EETLL", "2021-01-01", 3, 1154, 1154, 1154))},
		{"lanes", of("2020-12-30", "2021-01-02",
			lane("China Main → North Europe Main", "2020-12-30", 4000, 120400, 123000, 119800, 118000),
			lane("B", "2020-12-30", 3, 117000, 118000, 118000, 118000),
			lane("C", "2020-12-30", 7, 100000, nothing, 110000),
			lane("D", "2020-12-30", 3))},
		{"hostile", of("2021-01-01", "2021-01-02", lane("<script>\"'&\x00\u202e]]>\xff", "2021-01-01", 3, 5, 6))},
	} {
		t.Run(c.name, func(t *testing.T) {
			golden(t, c.name+".svg", chart.AppendDocument(nil, c.chart))
		})
	}
	golden(t, "fragment.html", chart.Append(nil, of("2021-01-01", "2021-01-02", lane("CNGGZ → EETLL", "2021-01-01", 3, 1154, 1155))))
}

// A chart has no room for a fifth lane, and does not fail for it.
func TestMostLanes(t *testing.T) {
	c := of("2021-01-01", "2021-01-03")
	for _, label := range []string{"one", "two", "three", "four", "five"} {
		c.Lanes = append(c.Lanes, lane(label, "2021-01-01", 3, 1000, 1100, 1200))
	}
	got := string(chart.Append(nil, c))
	c.Lanes = c.Lanes[:chart.MaxLanes]
	if diff := cmp.Diff(string(chart.Append(nil, c)), got); diff != "" {
		t.Errorf("(-four lanes +five):\n%s", diff)
	}
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update accepts it):\n%s", name, diff)
	}
}

// Prices of a day for lane, besides a mean.
const (
	withheld = -1 // fewer prices than a mean needs
	nothing  = -2 // no prices
)

func of(from, to string, lanes ...chart.Lane) chart.Chart {
	return chart.Chart{From: day(from), To: day(to), Lanes: lanes}
}

// lane returns a lane whose days, from the first, have count prices and a mean.
func lane(label, first string, count int64, means ...int64) chart.Lane {
	var found []rates.DailyRate
	for i, mean := range means {
		rate := rates.DailyRate{Day: day(first) + rates.Day(i), Total: mean * count, Count: count}
		switch mean {
		case withheld:
			rate.Total, rate.Count = 1000, 1
		case nothing:
			continue
		}
		found = append(found, rate)
	}
	slices.Reverse(found)
	return chart.Lane{Label: label, Answer: rates.Answer{Rates: found}}
}

func day(s string) rates.Day {
	parsed, err := rates.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return parsed
}

// walk returns n means that wander as prices do.
func walk(n int, start int64) []int64 {
	random := rand.New(rand.NewPCG(1, uint64(start)))
	means := make([]int64, n)
	for i := range means {
		start = max(start+random.Int64N(start/30)-start/60, 100)
		means[i] = start
	}
	return means
}
