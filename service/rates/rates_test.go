package rates_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/rates/service/rates"
)

func day(t testing.TB, s string) rates.Day {
	t.Helper()
	d, err := rates.ParseDay(s)
	if err != nil {
		t.Fatalf("ParseDay(%q): %v", s, err)
	}
	return d
}

// A day of the proleptic calendar is parsed, formatted and counted as the standard
// library does it: each day of the first and the last 400 years, after which leap
// years repeat, and each 97th between.
func TestDayRoundTrip(t *testing.T) {
	const cycle, between = 146_097, 97
	step := func(d rates.Day) rates.Day {
		if d > rates.MinDay+cycle && d < rates.MaxDay-cycle-between {
			return between
		}
		return 1
	}
	for d := rates.MinDay; d <= rates.MaxDay; d += step(d) {
		want := time.Date(1, 1, 1+int(d-rates.MinDay), 0, 0, 0, 0, time.UTC)
		if !d.Time().Equal(want) {
			t.Fatalf("day %d is %v, want %v", d, d.Time(), want)
		}
		if rates.DayOf(want.Add(23*time.Hour)) != d {
			t.Fatalf("DayOf(%v) is not %d", want, d)
		}
		if text := want.Format(time.DateOnly); d.String() != text {
			t.Fatalf("day %d is formatted as %s, want %s", d, d, text)
		}
		if want.Day() < 3 || want.Day() > 27 {
			if got := day(t, d.String()); got != d {
				t.Fatalf("ParseDay(%s) = %d, want %d", d, got, d)
			}
		}
	}
}

func TestParseDayRefusesOtherText(t *testing.T) {
	for _, s := range []string{
		"", "2021", "2021-1-1", "2021-02-29", "2021-02-30", "1900-02-29", "2021-04-31", "2021-13-01",
		"2021-00-10", "2021-01-00", "0000-01-01", "2021/01/01", "2021-01-01 ", " 2021-01-01", "20210101",
		"2021-01-0a", "-021-01-01", "2021-01-01T00:00:00Z", "+2021-01-1", "２021-01-01",
	} {
		if d, err := rates.ParseDay(s); !errors.Is(err, rates.ErrDay) {
			t.Errorf("ParseDay(%q) = %v, %v, want ErrDay", s, d, err)
		}
	}
	day(t, "2000-02-29")
	day(t, "2024-02-29")
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2021-01-31", "0001-01-01", "9999-12-31", "2021-02-29", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := rates.ParseDay(s)
		want, wantErr := time.Parse(time.DateOnly, s)
		if (err == nil) != (wantErr == nil && want.Year() > 0) {
			t.Fatalf("ParseDay(%q) gives %v, time.Parse %v", s, err, wantErr)
		}
		if err == nil && got.String() != s {
			t.Fatalf("ParseDay(%q) = %s", s, got)
		}
	})
}

func TestMeanNeedsThreePrices(t *testing.T) {
	for _, c := range []struct {
		rate rates.DailyRate
		mean float64
		ok   bool
	}{
		{rates.DailyRate{}, 0, false},
		{rates.DailyRate{Total: 10, Count: 1}, 0, false},
		{rates.DailyRate{Total: 10, Count: 2}, 0, false},
		{rates.DailyRate{Total: 3463, Count: 3}, 1154.3333333333333, true},
		{rates.DailyRate{Total: 0, Count: 3}, 0, true},
	} {
		if mean, ok := c.rate.Mean(); mean != c.mean || ok != c.ok {
			t.Errorf("%+v: Mean() = %v, %v, want %v, %v", c.rate, mean, ok, c.mean, c.ok)
		}
	}
}

// Days yields each day once, newest first, whatever the store has.
func TestDaysOmitsNoDay(t *testing.T) {
	q := rates.Query{From: day(t, "2021-01-01"), To: day(t, "2021-01-04")}
	stored := []rates.DailyRate{{Day: q.To, Count: 1, Total: 5}, {Day: q.From + 1, Count: 3, Total: 9}}
	got := fmt.Sprint(slices.Collect(rates.Answer{Rates: stored}.Days(q)))
	want := "[{2021-01-04 5 1} {2021-01-03 0 0} {2021-01-02 9 3} {2021-01-01 0 0}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if q.Days() != 4 {
		t.Errorf("Days() = %d, want 4", q.Days())
	}
}

func TestParsePlace(t *testing.T) {
	for in, want := range map[string]rates.Place{
		"CNGGZ": "CNGGZ", "cnggz": "CNGGZ", "CnGgZ": "CNGGZ", "china_main": "CHINA_MAIN",
		"": "", "C": "", "CN GZ": "", "CNGGZ\n": "", "Ålesund": "", "a'; --": "", "ſea": "",
	} {
		if got, ok := rates.ParsePlace(in); got != want || ok != (want != "") {
			t.Errorf("ParsePlace(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestPlaceForms(t *testing.T) {
	for s, want := range map[string]bool{"CNGGZ": true, "CN2GZ": true, "cnggz": false, "C2GGZ": false, "CNGG1": false, "CNGG": false, "CNGGZZ": false} {
		if got := rates.IsPortCode(s); got != want {
			t.Errorf("IsPortCode(%q) = %v", s, got)
		}
	}
	for s, want := range map[string]bool{"baltic": true, "uk_sub-2": true, "": false, "a": false, "Baltic": false, "_a": false, "a b": false} {
		if got := rates.IsSlug(s); got != want {
			t.Errorf("IsSlug(%q) = %v", s, got)
		}
	}
}

func TestAsError(t *testing.T) {
	known := &rates.Error{Kind: rates.Busy, Message: "Busy."}
	if got := rates.AsError(fmt.Errorf("asking: %w", known)); got != known {
		t.Errorf("a known error became %+v", got)
	}
	got := rates.AsError(errors.New("disk on fire"))
	if got.Kind != rates.Internal || got.Error() != "The service failed to answer: disk on fire" {
		t.Errorf("an unknown error became %+v", got)
	}
}
