package chart

import (
	"strings"
	"testing"

	"example.com/rates/service/rates"
)

// A tick in brackets is left out where the chart is narrow.
func TestTicks(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"2021-01-31", "2021-01-31", "31 Jan/2021"},
		{"2020-12-30", "2021-01-02", "30 Dec/2020 31 Dec 1 Jan/2021 2 Jan"},
		{"2021-01-01", "2021-01-31", "1 Jan/2021 (8 Jan) 15 Jan (22 Jan) 29 Jan"},
		{"2020-12-25", "2021-01-06", "25 Dec/2020 (27 Dec) 29 Dec (31 Dec) 2 Jan/2021 (4 Jan) 6 Jan"},
		{"2020-02-20", "2020-03-10", "20 Feb/2020 (22 Feb) (24 Feb) 26 Feb (28 Feb) (1 Mar) 3 Mar (5 Mar) (7 Mar) 9 Mar"},
		{"2020-11-10", "2021-11-09", "Jan/2021 (Mar) May (Jul) Sep (Nov)"},
		{"2020-10-01", "2021-09-30", "Oct/2020 (Nov) (Dec) Jan/2021 (Feb) (Mar) Apr (May) (Jun) Jul (Aug) (Sep)"},
		{"2018-02-01", "2020-03-01", "Apr/2018 (Jul) Oct (Jan/2019) Apr/(2019) (Jul) Oct (Jan/2020)"},
		{"2012-01-01", "2022-01-07", "2012 (2013) (2014) 2015 (2016) (2017) 2018 (2019) (2020) 2021 (2022)"},
		{"0001-01-01", "0100-12-31", "10 (20) (30) 40 (50) (60) 70 (80) (90) 100"},
		{"9999-12-31", "9999-12-31", "31 Dec/9999"},
	} {
		from, err := rates.ParseDay(c.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := rates.ParseDay(c.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(ticks(from, to)); got != c.want {
			t.Errorf("%s to %s: %s; want %s", c.from, c.to, got, c.want)
		}
	}
}

// Every range has ticks, and not more than fit.
func TestTicksFit(t *testing.T) {
	for days := range rates.Day(5000) {
		from := 7000 + days%700
		all := ticks(from, from+days)
		narrow := 0
		for _, tick := range all {
			if !tick.more {
				narrow++
			}
		}
		if len(all) < 1 || len(all) > mostTicks || narrow > narrowTicks {
			t.Errorf("%s and %d days more: %s", from, days, show(all))
		}
	}
}

func show(ticks []tick) string {
	var words []string
	for _, tick := range ticks {
		word := strings.TrimLeft(tick.label, "0")
		if tick.year != "" {
			word += "/" + tick.year
		}
		if tick.year == "" && tick.narrowYear != "" {
			word += "/(" + tick.narrowYear + ")"
		}
		if tick.more {
			word = "(" + word + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}
