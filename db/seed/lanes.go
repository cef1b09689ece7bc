package seed

import (
	"hash/fnv"
	"math/rand/v2"
)

// The query in the README, and its answer on the last two days of January: three
// prices with this sum, so a mean of 1154.3333333333333 USD.
const (
	sampleOrigin = "CNGGZ"
	sampleDest   = "EETLL"
	samplePrices = 3
	sampleTotal  = 3463
)

// A lane without any price. Both ports have prices on other lanes.
const (
	silentOrigin = "CNSGH"
	silentDest   = "ISREY"
)

// seed starts every source. Another number gives a different file that serves
// as well.
const seed = 20210101

// lane is a pair of ports with the properties that do not change from day to day.
type lane struct {
	orig, dest string
	base       int // USD
	drift      int // change of the level, in thousandths per week
	carriers   int // number of carriers, each with at most one price per day
	chance     int // that a carrier has a price on a weekday, in percent
	src        source
}

// traffic is how busy lanes between two sizes of port are.
type traffic struct {
	served   int // lanes that have prices, in percent
	carriers int // at most
	chance   int // of a carrier, roughly, in percent
}

// traffics gives the traffic by the sizes of both ports.
var traffics = [3][3]traffic{
	hub:      {hub: {100, 5, 70}, regional: {17, 5, 52}, feeder: {34, 2, 20}},
	regional: {hub: {17, 5, 52}, regional: {8, 3, 40}, feeder: {1, 2, 20}},
	feeder:   {hub: {34, 2, 20}, regional: {1, 2, 20}, feeder: {}},
}

// lanes lists the pairs of ports that may have prices, in the order of ports:
// from China to Northern Europe and back, never within one of them.
func lanes() []lane {
	top := topRegions()
	var all []lane
	for _, orig := range ports {
		for _, dest := range ports {
			if top[orig.region] == top[dest.region] {
				continue
			}
			if l, ok := newLane(orig, dest, top[orig.region] == "china"); ok {
				all = append(all, l)
			}
		}
	}
	return all
}

// topRegions returns the top region of each region.
func topRegions() map[string]string {
	top := make(map[string]string, len(regions))
	for _, r := range regions {
		top[r.slug] = r.slug
		if r.parent != "" {
			top[r.slug] = top[r.parent]
		}
	}
	return top
}

func newLane(orig, dest port, export bool) (lane, bool) {
	t := traffics[orig.size][dest.size]
	l := lane{orig: orig.code, dest: dest.code, src: newSource(orig.code + dest.code)}
	served := l.src.below(100) < t.served
	switch {
	case l.isSample():
		l.base, l.carriers, l.chance = 1150, samplePrices, 100
		return l, true
	case orig.code == silentOrigin && dest.code == silentDest, !served:
		return lane{}, false
	}
	// Ships go to Europe full and return empty: the way out costs several times
	// the way back.
	l.base = l.src.between(320, 980)
	if export {
		l.base = l.src.between(1100, 4800)
	}
	l.base += 130 * (int(orig.size) + int(dest.size))
	l.drift = l.src.between(-8, 12)
	l.carriers = l.src.between(max(1, t.carriers-1), t.carriers)
	l.chance = l.src.between(t.chance-10, t.chance+10)
	return l, true
}

func (l lane) isSample() bool { return l.orig == sampleOrigin && l.dest == sampleDest }

// source gives the same numbers on every machine. It uses the generator itself,
// whose output is specified; the methods of rand.Rand may change with a release
// of Go.
type source struct{ pcg *rand.PCG }

// newSource returns a lane's own source, so that a new port does not change the
// prices of existing lanes.
func newSource(name string) source {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash does not fail
	return source{rand.NewPCG(seed, h.Sum64())}
}

// below returns a number from 0 to n-1. The upper 31 bits fit an int on every
// machine; their bias towards small numbers does not show in prices of four digits.
func (s source) below(n int) int {
	return int(s.pcg.Uint64()>>33) % n
}

// between returns a number from low to high, both included.
func (s source) between(low, high int) int {
	return low + s.below(high-low+1)
}
