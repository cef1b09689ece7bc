package waiver

import (
	"fmt"
	"time"
)

// Day is a calendar day in UTC.
type Day struct{ time.Time }

const dayLayout = time.DateOnly

// String returns the day as YYYY-MM-DD.
func (d Day) String() string { return d.Format(dayLayout) }

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Day) UnmarshalText(text []byte) error {
	t, err := time.Parse(dayLayout, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a day; write it as 2026-01-31", text)
	}
	d.Time = t
	return nil
}

func dayOf(t time.Time) Day {
	year, month, day := t.UTC().Date()
	return Day{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// days counts the days from a fixed one.
func (d Day) days() int {
	const day = 24 * 60 * 60
	return int(d.Unix() / day)
}
