package importer

import (
	"context"
	"slices"
	"strings"

	"example.com/rates/service/importer/sums"
	"example.com/rates/service/rates"
)

// The keys of sums consist of a day and two numbers of places. An import has
// fewer than 2^21 places.
const (
	dayBits   = 22
	placeBits = 21
	dayMask   = 1<<dayBits - 1
	placeMask = 1<<placeBits - 1
)

// sumsInMemory take 6 MiB.
const sumsInMemory = 1 << 17

// lanes adds up the prices of an import by day and pair of ports.
type lanes struct {
	number map[string]uint64 // of each port code that prices name
	codes  []string          // by number
	sums   *sums.Adder       // keys: day, origin, destination

	last rates.Price // a price of the lane added last
	lane uint64      // the numbers of its origin and destination
}

func newLanes() *lanes { return &lanes{number: map[string]uint64{}, sums: sums.NewAdder(sumsInMemory)} }

func (l *lanes) add(p *rates.Price) error {
	// The prices of a lane often follow each other.
	if p.Destination != l.last.Destination || p.Origin != l.last.Origin {
		l.lane = l.numberOf(p.Origin)<<placeBits | l.numberOf(p.Destination)
		l.last = *p
	}
	day := uint64(p.Day - rates.MinDay) // #nosec G115 -- package dump reads no day before MinDay
	key := day<<(2*placeBits) | l.lane
	return l.sums.Add(sums.Sum{Key: key, Total: int64(p.USD), Count: 1})
}

func (l *lanes) numberOf(code string) uint64 {
	n, ok := l.number[code]
	if !ok {
		n = uint64(len(l.codes))
		code = strings.Clone(code)
		l.number[code] = n
		l.codes = append(l.codes, code)
	}
	return n
}

// placeSums are the sums of all pairs of places: ports, and regions above them.
type placeSums struct {
	names []string    // by number, in the order of the database's keys
	sums  *sums.Adder // keys: origin, destination, day
}

// spread adds the sums of ports to those of the regions above them. The caller
// closes the result, even after an error.
func (l *lanes) spread(ctx context.Context, known *places) (*placeSums, error) {
	above := make([][]string, len(l.codes))
	for i, code := range l.codes {
		above[i] = known.above(code)
	}
	names := slices.Concat(above...)
	slices.Sort(names)
	names = slices.Compact(names)
	number := make(map[string]uint64, len(names))
	for _, name := range names {
		number[name] = uint64(len(number))
	}
	numbers := make([][]uint64, len(l.codes))
	for i := range above {
		for _, name := range above[i] {
			numbers[i] = append(numbers[i], number[name])
		}
	}
	all := &placeSums{names: names, sums: sums.NewAdder(sumsInMemory)}
	departures := departures{numbers: numbers, to: make([]sums.Sum, len(names)), all: all.sums}
	// Lanes are sorted by day, so the sums of one day are complete before they
	// leave memory.
	for lane, err := range l.sums.All() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = departures.add(lane)
		}
		if err != nil {
			return all, err
		}
	}
	return all, departures.flush()
}

// departures are the sums of one day and port of origin. They are spread to the
// places above the destinations first and then to those above the origin, which
// takes far fewer steps than both at once.
type departures struct {
	numbers [][]uint64 // of the places above each port, by the number of its code
	from    uint64     // day and origin
	to      []sums.Sum // by the number of the destination
	used    []uint64   // destinations with a sum
	all     *sums.Adder
}

// add adds the sum of a lane.
func (d *departures) add(lane sums.Sum) error {
	if from := lane.Key >> placeBits; from != d.from {
		if err := d.flush(); err != nil {
			return err
		}
		d.from = from
	}
	for _, dest := range d.numbers[lane.Key&placeMask] {
		at := &d.to[dest]
		if at.Count == 0 {
			d.used = append(d.used, dest)
		}
		at.Total += lane.Total
		at.Count += lane.Count
	}
	return nil
}

// flush adds the sums to all places above the origin, and forgets them.
func (d *departures) flush() error {
	day := d.from >> placeBits
	for _, dest := range d.used {
		sum := d.to[dest]
		for _, orig := range d.numbers[d.from&placeMask] {
			sum.Key = orig<<(placeBits+dayBits) | dest<<dayBits | day
			if err := d.all.Add(sum); err != nil {
				return err
			}
		}
		d.to[dest] = sums.Sum{}
	}
	d.used = d.used[:0]
	return nil
}

// above returns the names in daily_rates of a port and of all regions above it.
func (known *places) above(code string) []string {
	names := []string{code}
	slug := known.ports[code].Parent
	for range len(known.regions) {
		if slug == "" {
			break
		}
		names = append(names, strings.ToUpper(slug))
		slug = known.regions[slug].Parent
	}
	return names
}
