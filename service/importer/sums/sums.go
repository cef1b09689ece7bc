// Package sums adds up any number of amounts by key in bounded memory. The rest
// goes, sorted, to a temporary file.
package sums

import "iter"

// Sum is the total and the number of the amounts of one key.
type Sum struct {
	Key          uint64
	Total, Count int64
}

// Adder adds up amounts. It is for one goroutine.
type Adder struct {
	sums  []Sum // in the order in which they were added
	spare []Sum // room to sort them
	runs  runs
}

// NewAdder returns an Adder that keeps at most that many sums in memory, of 48 bytes
// each. It must be closed.
func NewAdder(most int) *Adder {
	return &Adder{sums: make([]Sum, 0, most), spare: make([]Sum, 0, most)}
}

// Add adds the amounts that s sums up. It is fastest if those of a key follow each
// other.
func (a *Adder) Add(s Sum) error {
	if last := len(a.sums) - 1; last >= 0 && a.sums[last].Key == s.Key {
		a.sums[last].Total += s.Total
		a.sums[last].Count += s.Count
		return nil
	}
	if len(a.sums) == cap(a.sums) {
		if err := a.makeRoom(); err != nil {
			return err
		}
	}
	a.sums = append(a.sums, s)
	return nil
}

// makeRoom adds up the sums of the same keys, and moves all to the file if that
// leaves more than half of them.
func (a *Adder) makeRoom() error {
	a.addUp()
	if len(a.sums) <= cap(a.sums)/2 {
		return nil
	}
	return a.spill()
}

// Len returns how many sums there are, or more: those of a key may be counted several
// times.
func (a *Adder) Len() int64 { return int64(len(a.sums)) + a.runs.bytes/sumBytes }

// spill moves the sums in memory, one of each key and in order, to the file.
func (a *Adder) spill() error {
	err := a.runs.write(a.sums)
	a.sums = a.sums[:0]
	return err
}

// addUp sorts the sums in memory, and leaves one of each key.
func (a *Adder) addUp() {
	if len(a.sums) == 0 {
		return
	}
	a.sums, a.spare = sorted(a.sums, a.spare)
	last := 0
	for _, s := range a.sums[1:] {
		if at := &a.sums[last]; at.Key == s.Key {
			at.Total += s.Total
			at.Count += s.Count
			continue
		}
		last++
		a.sums[last] = s
	}
	a.sums = a.sums[:last+1]
}

// All returns the sums in the order of their keys. It can be called once; after it
// the Adder can only be closed.
func (a *Adder) All() iter.Seq2[Sum, error] {
	return func(yield func(Sum, error) bool) {
		a.addUp()
		if len(a.runs.lengths) == 0 {
			for _, s := range a.sums {
				if !yield(s, nil) {
					return
				}
			}
			return
		}
		if err := a.spill(); err != nil {
			yield(Sum{}, err)
			return
		}
		a.sums, a.spare = nil, nil
		a.runs.merge(yield)
	}
}

// Close releases the memory and the temporary file.
func (a *Adder) Close() error {
	a.sums, a.spare = nil, nil
	return a.runs.close()
}
