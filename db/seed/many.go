package seed

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"
)

// manyPerDay is the number of prices per lane and day in WriteMany, about that of a
// busy lane of the seed.
const manyPerDay = 3

// WriteMany writes the regions and ports of the seed and the given number of prices
// to w as a plain dump for tests of scale, the same on every call. Each lane between
// China and Northern Europe has three prices a day from 2000-01-01 on, ordered by
// day.
func WriteMany(w io.Writer, prices int64) error {
	const buffer = 64 << 10
	out := bufio.NewWriterSize(w, buffer)
	fmt.Fprintf(out, "--\n-- Invented data for tests of scale: %d prices.\n--\n", prices)
	writePlaces(out)
	fmt.Fprint(out, pricesHeader)
	names := laneNames()
	day := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	var row []byte
	for left := prices; left > 0; day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		for i, name := range names {
			for n := range min(manyPerDay, left) {
				row = append(append(append(row[:0], name...), date...), '\t')
				row = append(strconv.AppendInt(row, manyUSD(i, day, n), 10), '\n')
				if _, err := out.Write(row); err != nil {
					return fmt.Errorf("write prices: %w", err)
				}
			}
			left -= min(manyPerDay, left)
		}
	}
	fmt.Fprint(out, endOfCopy)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the dump: %w", err)
	}
	return nil
}

// laneNames returns "ORIGIN\tDESTINATION\t" for each pair of ports on different
// sides.
func laneNames() []string {
	top := topRegions()
	var names []string
	for _, orig := range ports {
		for _, dest := range ports {
			if top[orig.region] != top[dest.region] {
				names = append(names, orig.code+"\t"+dest.code+"\t")
			}
		}
	}
	return names
}

// manyUSD returns prices from 600 to 3599 that differ between lanes, between days
// and within a day.
func manyUSD(lane int, day time.Time, n int64) int64 {
	const low, width = 600, 3000
	return low + (int64(lane)*37+int64(day.YearDay())*11+n*101)%width
}
