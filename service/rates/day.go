package rates

import (
	"errors"
	"time"
)

// Day is a calendar day, counted from 2000-01-01, which is 0. PostgreSQL counts
// its dates the same way, so they need no conversion.
type Day int32

// The days that can be written with four digits of a year.
const (
	MinDay Day = -730119 // 0001-01-01
	MaxDay Day = 2921939 // 9999-12-31
)

// unixDay0 is the number of days from 1970-01-01 to 2000-01-01.
const unixDay0 = 10957

const secondsPerDay = 24 * 60 * 60

// ErrDay is returned for text that is not a real calendar day as YYYY-MM-DD.
var ErrDay = errors.New("not a calendar day as YYYY-MM-DD")

// ParseDay parses a real calendar day of the years 1 to 9999 as YYYY-MM-DD. The
// error is ErrDay.
func ParseDay[T string | []byte](s T) (Day, error) {
	if len(s) != len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return 0, ErrDay
	}
	year, month, day := 0, 0, 0
	for i, part := range [...]*int{&year, &year, &year, &year, nil, &month, &month, nil, &day, &day} {
		if part == nil {
			continue
		}
		if !isDigit(s[i]) {
			return 0, ErrDay
		}
		*part = *part*10 + int(s[i]-'0')
	}
	if year == 0 || month == 0 || month > 12 || day == 0 || day > daysIn(year, month) {
		return 0, ErrDay
	}
	return DayOf(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)), nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// DayOf returns the day of t in UTC.
func DayOf(t time.Time) Day {
	return Day(floorDiv(t.Unix(), secondsPerDay) - unixDay0) // #nosec G115 -- 32 bits hold the days of 11 million years, more than PostgreSQL has
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Time returns midnight of d in UTC.
func (d Day) Time() time.Time {
	return time.Unix((int64(d)+unixDay0)*secondsPerDay, 0).UTC()
}

// AppendTo appends d to b as YYYY-MM-DD.
func (d Day) AppendTo(b []byte) []byte {
	year, month, day := d.civil()
	return append(b,
		digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
		digit(month/10), digit(month), '-',
		digit(day/10), digit(day))
}

func digit(n int) byte { return byte('0' + n%10) }

// civil returns the date. It counts years from March, so that a leap day is the
// last of a year, and in periods of 400 years, after which the calendar repeats.
func (d Day) civil() (year, month, day int) {
	const (
		fourYears     = 4*365 + 1
		century       = 25*fourYears - 1
		fourCenturies = 4*century + 1
		march0        = 730425 // days from 0000-03-01 to 2000-01-01
	)
	n := int(d) + march0
	era, n := n/fourCenturies, n%fourCenturies
	// Without the corrections the last day of each period would count as a year.
	ofEra := (n - n/(fourYears-1) + n/century - n/(fourCenturies-1)) / 365
	n -= 365*ofEra + ofEra/4 - ofEra/100
	fromMarch := (5*n + 2) / 153 // the lengths of five months add up to 153 days
	day = n - (153*fromMarch+2)/5 + 1
	year, month = 400*era+ofEra, fromMarch+3
	if month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
}

// String returns d as YYYY-MM-DD.
func (d Day) String() string { return string(d.AppendTo(make([]byte, 0, len(time.DateOnly)))) }
