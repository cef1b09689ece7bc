package seed

import "time"

// The first and the last day with prices.
var (
	firstDay = time.Date(2020, time.December, 15, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2021, time.February, 15, 0, 0, 0, 0, time.UTC)
)

// price is a row of public.prices.
type price struct {
	orig, dest string
	day        time.Time
	usd        int // whole dollars
}

// week is how prices vary over a week, in thousandths of the level.
var week = [7]int{
	time.Sunday: -12, time.Monday: 18, time.Tuesday: 14, time.Wednesday: 6,
	time.Thursday: 0, time.Friday: -8, time.Saturday: -18,
}

// noise is the largest deviation of a single price, in thousandths of the level.
const noise = 45

// allPrices returns the prices of every lane, by lane and then by day.
func allPrices() []price {
	var all []price
	for _, l := range lanes() {
		for day := firstDay; !day.After(lastDay); day = day.AddDate(0, 0, 1) {
			for _, usd := range l.pricesOn(day) {
				all = append(all, price{l.orig, l.dest, day, usd})
			}
		}
	}
	return all
}

// pricesOn returns the prices of one day. It must be called for the days in order,
// because it draws from the source of the lane.
func (l lane) pricesOn(day time.Time) []int {
	var usd []int
	for range l.carriers {
		if l.src.below(100) < l.chanceOn(day) {
			usd = append(usd, l.priceOn(day))
		}
	}
	if l.isSample() && day.Year() == 2021 && day.Month() == time.January && day.Day() >= 30 {
		usd[2] = sampleTotal - usd[0] - usd[1]
	}
	return usd
}

// chanceOn halves the chance of a price at the weekend, except on the README's
// lane, which has all its prices every day.
func (l lane) chanceOn(day time.Time) int {
	if l.isSample() {
		return l.chance
	}
	switch day.Weekday() {
	case time.Saturday, time.Sunday:
		return l.chance / 2
	default:
		return l.chance
	}
}

func (l lane) priceOn(day time.Time) int {
	weeks := int(day.Sub(firstDay) / (7 * 24 * time.Hour))
	level := 1000 + weeks*l.drift + week[day.Weekday()] + l.src.between(-noise, noise)
	return l.base * level / 1000
}
