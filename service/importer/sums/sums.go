// Package sums adds up any number of amounts by key in bounded memory. The rest
// goes, sorted, to a temporary file.
package sums

import (
	"cmp"
	"iter"
	"slices"
)

// Sum is the total and the number of the amounts of one key.
type Sum struct {
	Key          uint64
	Total, Count int64 // a Count of 0 means no amounts
}

// Adder adds up amounts. It is for one goroutine.
type Adder struct {
	table []Sum  // hashed by key; a Count of 0 marks a free place
	shift uint   // makes an index of a hash
	mask  uint64 // keeps an index within the table
	used  int
	runs  runs
}

// NewAdder returns an Adder that keeps 3/4 of 2^bits different keys, of 24 bytes
// each, in memory. It must be closed.
func NewAdder(bits uint) *Adder {
	const hashBits = 64
	return &Adder{table: make([]Sum, 1<<bits), shift: hashBits - bits, mask: 1<<bits - 1}
}

// Add adds the amounts that s sums up, at least one.
func (a *Adder) Add(s Sum) error {
	// Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, 6.4.
	const multiplier = 0x9e3779b97f4a7c15
	for i := s.Key * multiplier >> a.shift; ; i = (i + 1) & a.mask {
		at := &a.table[i]
		switch {
		case at.Count == 0:
			*at = s
			if a.used++; a.used > len(a.table)/4*3 {
				return a.spill()
			}
			return nil
		case at.Key == s.Key:
			at.Total += s.Total
			at.Count += s.Count
			return nil
		}
	}
}

// spill moves the sums in memory to the file.
func (a *Adder) spill() error {
	err := a.runs.write(a.sorted())
	clear(a.table)
	a.used = 0
	return err
}

// sorted moves the sums in memory to the front of the table, and sorts them.
func (a *Adder) sorted() []Sum {
	found := a.table[:0]
	for _, s := range a.table {
		if s.Count != 0 {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, byKey)
	return found
}

func byKey(a, b Sum) int { return cmp.Compare(a.Key, b.Key) }

// All returns the sums in the order of their keys. It can be called once; after it
// the Adder can only be closed.
func (a *Adder) All() iter.Seq2[Sum, error] {
	if len(a.runs.lengths) == 0 {
		return func(yield func(Sum, error) bool) {
			for _, s := range a.sorted() {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
	return func(yield func(Sum, error) bool) {
		if err := a.spill(); err != nil {
			yield(Sum{}, err)
			return
		}
		a.table = nil
		a.runs.merge(yield)
	}
}

// Close releases the memory and the temporary file.
func (a *Adder) Close() error {
	a.table = nil
	return a.runs.close()
}
