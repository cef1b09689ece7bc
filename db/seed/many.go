package seed

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"
)

// manyPerDay is how many prices a lane has on each day of WriteMany, about as
// many as a busy lane of the seed.
const manyPerDay = 3

// WriteMany writes the regions and ports of the seed and so many prices, as a
// plain dump for tests of scale, the same on every call. Each lane from China
// to Northern Europe and back has three prices a day from 2000-01-01 on, until
// there are enough, in the order of the days. Its error is that of w.
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

// laneNames gives "ORIGIN\tDESTINATION\t" of every pair of ports that are not
// on the same side.
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

// manyUSD gives prices from 600 to 3599 that differ between lanes, days and
// the prices of one day.
func manyUSD(lane int, day time.Time, n int64) int64 {
	const low, width = 600, 3000
	return low + (int64(lane)*37+int64(day.YearDay())*11+n*101)%width
}
